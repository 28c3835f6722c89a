/// @file
/// One run of the program netlab: a server, a client, and the end of both.
#pragma once

#include "arguments.hpp"

#include "common/netlab/library/network.hpp"

#include <optional>

namespace netlab {

/// Runs what @p wanted names. Blocks the signals that would end this process for as long as it
/// lives and passes them on to the client.
class session {
public:
    /// Both must outlive it.
    session(network& net, const arguments& wanted);

    /// @returns the exit code; what went wrong has been said on standard error.
    int run();

private:
    enum class event { ended, interrupted, time_limit, timed_out };

    void start_server();
    std::optional<int> await_ready();
    std::optional<int> start_client();
    int await_client();
    int end_client(int signal);
    void end_server();
    void settle();
    event wait(std::chrono::milliseconds limit);

    network& net_;
    const arguments& wanted_;
    descriptor signals_;
    std::optional<std::chrono::steady_clock::time_point> limit_;
    std::optional<child> server_;
    std::optional<child> client_;
    int watched_ = -1; // the program whose end is awaited
    int signal_ = 0;
    bool from_terminal_ = false;
};

} // namespace netlab
