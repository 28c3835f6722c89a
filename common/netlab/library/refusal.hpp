/// @file
/// Why there is no network in a box on this system.
#pragma once

#include <stdexcept>
#include <string>

namespace netlab {

/// What the system lacks or forbids.
enum class lack {
    user_namespaces = 1, ///< forbidden, used up, or not in the kernel
    tun_device = 2,      ///< /dev/net/tun is missing or not to be opened
    other = 3            ///< anything else that failed while the hosts were made
};

/// Thrown when the hosts cannot be made here. Its text is one line that says what to enable; a
/// test prints it and skips.
class unavailable : public std::runtime_error {
public:
    unavailable(lack what, const std::string& text) : std::runtime_error(text), what_(what) {}

    lack what_is_missing() const { return what_; }

private:
    lack what_;
};

} // namespace netlab
