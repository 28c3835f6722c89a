/// @file
/// The walls of the box: namespaces for users, processes, mounts and names.
#pragma once

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <functional>

namespace netlab {

using blocking_echo::descriptor;

/// Runs @p inside as the first process of new namespaces and waits until it ends. When that
/// process ends, the kernel ends every other inside; it ends itself when the caller is gone.
/// @returns the exit code of @p inside. @throws unavailable.
int run_enclosed(const std::function<int()>& inside);

/// Gives this process, and what it starts, file systems that name the two hosts. To be called
/// inside. @throws unavailable.
void mount_names();

} // namespace netlab
