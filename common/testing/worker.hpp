/// @file
/// A thread that a test can look at: does it wait, does it spin, how did it end?
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>

namespace testing_support {

/// Runs a function in a thread of its own. The destructor waits for its end.
class worker {
public:
    explicit worker(std::function<void()> function);

    enum class state {
        waits, ///< it sleeps in the kernel
        spins, ///< it used 200 ms of processor time and never slept for long
        ended,
    };

    /// Waits until the thread has ended, or sleeps, or has shown that it will not (Linux only:
    /// proc(5)).
    state settle() const;

    /// The number of the system call in which it sleeps: proc(5), `syscall`. -1: in none, or
    /// this system does not tell.
    long system_call() const;

    /// An argument of that call, from 0 to 5; none when it sleeps in no call, or this system
    /// does not tell.
    std::optional<std::uint64_t> argument(std::size_t index) const;

    /// Sends it a signal: pthread_kill(3).
    void signal(int number);

    /// Waits for the end of the function.
    /// @returns the text of the exception that left it, if one did.
    std::optional<std::string> finish();

private:
    std::future<std::optional<std::string>> result_;
    std::promise<int> identity_;
    std::jthread thread_;
    int id_; // gettid(2)
};

} // namespace testing_support
