/// @file
/// System calls and allocations that fail on demand, in the threads of
/// the server under test. Linux: the test program's own recv(2), send(2),
/// sendmsg(2), accept(2) and allocation stand before the C library's.
#pragma once

#include <cstdint>

namespace faults {

/// What happens to the calls of every thread that is no bystander.
struct plan {
    /// Counts receives and sends, from 1; the call of that number fails
    /// with `error`. 0: none.
    std::uint64_t fail_call = 0;
    int error = 0;
    /// No receive takes more than so many bytes. 0: no bound. (A send
    /// that took less than there is room for would be a lie: Asio
    /// concludes from a short one that the buffer is full, and waits.)
    std::uint64_t most_bytes = 0;
    /// Every accept fails with this error. 0: none.
    int accept_error = 0;
    /// The allocation of that number, from 1, throws. 0: none.
    std::uint64_t fail_allocation = 0;
};

/// Lets the plan hold until the object goes; counting starts anew.
class armed {
public:
    explicit armed(const plan& what);
    ~armed();
    armed(const armed&) = delete;
    armed& operator=(const armed&) = delete;

    /// Whether the planned failure has happened.
    static bool hit();

    /// The bytes that sends have taken so far.
    static std::uint64_t sent();
};

/// The calling thread is not touched: the test's own side.
class bystander {
public:
    bystander();
    ~bystander();
    bystander(const bystander&) = delete;
    bystander& operator=(const bystander&) = delete;
};

} // namespace faults
