/// @file
/// The chapter's measurements, one file each.
#pragma once

#include "load/load.hpp"

#include "common/measure/child.hpp"
#include "common/measure/experiment.hpp"

#include <boost/asio.hpp>
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace async_io {

/// The cores that the client and the server of a comparison are pinned
/// to.
inline constexpr unsigned client_core = 0, server_core = 1;

/// Whether the client has a core of its own, and may poll.
inline bool client_may_poll() {
    return std::thread::hardware_concurrency() > 1;
}

/// A server in a process of its own, which has its own descriptors and
/// memory. Ended when the object goes.
class server_process {
public:
    /// Starts one of this chapter's servers by its name, such as
    /// `thread`, or a Python one: `python`, `python_protocol`.
    /// @param arguments further words of its command line.
    /// @throws as measure::child does.
    explicit server_process(const std::string& name,
                            std::vector<std::string> arguments = {});

    pid_t id() const { return child_.id(); }
    const boost::asio::ip::tcp::endpoint& endpoint() const {
        return endpoint_;
    }

    /// One client comes, has an answer, and goes: the server is not as
    /// fresh as on its first day.
    void visit() const;

    /// The next line that it prints.
    /// @throws std::runtime_error when there is none.
    std::string read_line() { return child_.read_line(); }

private:
    measure::child child_;
    boost::asio::ip::tcp::endpoint endpoint_;
};

/// A figure of a server that has ended connections is none.
/// @throws std::runtime_error that says how many, and why where the
/// server has told.
inline void throw_if_ended(const load_result& result,
                           const std::string& server) {
    if (result.ended > 0)
        throw std::runtime_error(fmt::format(
            "{} ended {} connections{}{}", server, result.ended,
            result.refusal.empty() ? "" : ": ", result.refusal));
}

/// How long the others wait while one client stalls.
void measure_stall(measure::experiment& experiment);

/// Messages a second, times and CPU from 1 to 10,000 connections.
void measure_scaling(measure::experiment& experiment);

/// CPU per message against bare epoll, in pairs; and what the place of
/// the buffers does to it.
void measure_cost(measure::experiment& experiment);
void measure_buffers(measure::experiment& experiment);

/// Memory for a connection that is idle.
void measure_memory(measure::experiment& experiment);

/// A handler that computes, and who waits for it; the same times counted
/// in two ways.
void measure_computing(measure::experiment& experiment);

/// Three accept loops without a descriptor.
void measure_shortage(measure::experiment& experiment);

} // namespace async_io
