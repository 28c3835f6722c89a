/// @file
/// Counts the system calls that send.
#pragma once

namespace tcp_nodelay {

/// How often send(2) and sendmsg(2) were called by this process so far.
/// The test's program brings its own two functions, which count and then
/// call the kernel. May be called from any thread.
int calls_that_sent();

} // namespace tcp_nodelay
