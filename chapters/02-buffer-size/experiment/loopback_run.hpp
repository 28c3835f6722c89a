/// @file
/// One transfer within this process, each side on a core of its own.
#pragma once

#include "application/transfer.hpp"
#include "kernel/socket_buffers.hpp"

#include "common/measure/results.hpp"

#include <functional>

namespace buffer_size {

/// How one side of a run moves the stream, each in its side's thread.
using send_side = std::function<void(tcp::socket&, const contents&,
                                     const transfer_limit&, account&)>;
using receive_side = std::function<void(
    tcp::socket&, std::span<std::byte>, const transfer_limit&, account&)>;

/// Two connected sockets on loopback. Each may be used by a thread of its
/// own.
struct loopback_pair {
    asio::io_context context;
    tcp::socket sender{context};
    tcp::socket receiver{context};

    /// Buffers are asked for before the connection is made.
    /// @throws std::system_error or boost::system::system_error of the
    /// call that failed.
    explicit loopback_pair(const buffer_sizes& of_sender = {},
                           const buffer_sizes& of_receiver = {});
};

/// Closes a socket when a scope ends in whatever way, so that a thread
/// that waits for its other end does not wait for ever. The socket must
/// outlive it.
class closed_at_end {
public:
    explicit closed_at_end(tcp::socket& socket) : socket_(socket) {}
    ~closed_at_end() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    closed_at_end(const closed_at_end&) = delete;
    closed_at_end& operator=(const closed_at_end&) = delete;

private:
    tcp::socket& socket_;
};

/// What both sides did, after a warm-up that counts for neither.
struct both_accounts {
    account sent;
    account received;

    double cpu_ns_per_kib() const {
        return sent.cpu_ns_per_kib() + received.cpu_ns_per_kib();
    }
};

/// The application buffers of the two sides, in bytes.
struct application_buffers {
    std::size_t sender;
    std::size_t receiver;
};

/// Sends a stream with application buffers of these sizes: the sender in
/// the calling thread, on core 0, the receiver in another, on core 1.
/// @param bytes to measure; an eighth of it more is the warm-up.
/// @throws wrong_contents, std::system_error, of either side;
/// std::runtime_error when not all arrived.
both_accounts run_on_loopback(const application_buffers& buffers,
                              std::uint64_t bytes, const send_side& send,
                              const receive_side& receive);

/// `64`, `1K`, `4M`: the size as users write it.
std::string short_size(std::uint64_t bytes);

/// The counters of a run, for the results.
measure::counters row_of(std::size_t buffer, const both_accounts& run);

} // namespace buffer_size
