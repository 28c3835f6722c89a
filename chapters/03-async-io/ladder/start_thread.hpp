/// @file
/// A thread, or a line that says why there is none.
#pragma once

#include <system_error>
#include <thread>
#include <utility>

namespace async_io {

/// @throws std::system_error "start a thread: ..." where the system has
/// none left: ulimit -u, or no memory for its stack. Whoever has started
/// others must end them then, or their destructors wait for ever.
template <class Function>
std::jthread start_thread(Function function) {
    try {
        return std::jthread(std::move(function));
    } catch (const std::system_error& error) {
        throw std::system_error(error.code(), "start a thread");
    }
}

} // namespace async_io
