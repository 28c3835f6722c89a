/// @file
/// The two sides of a measured transfer. The sender sends the stream and
/// ends it; the receiver answers with one frame: its account, or what was
/// wrong.
#pragma once

#include "application/transfer.hpp"
#include "socket_buffers.hpp"

#include "common/measure/tcp_info.hpp"

#include <string>

namespace buffer_size {

/// How one end of a transfer moves the bytes.
struct transfer_options {
    std::uint64_t buffer = 64 << 10; ///< of the application, in bytes
    bool composed = false; ///< through asio::write and asio::read
};

/// What the receiver tells of a transfer.
struct received_account {
    account done;
    std::uint64_t receive_buffer = 0; ///< granted, at the end, in bytes
};

/// Receives and checks a stream to its end, answers with the account, and
/// drains. Whoever owns the socket closes it.
/// @throws wrong_contents, after the sender was told by an error frame;
/// std::system_error.
received_account answer_transfer(tcp::socket& socket,
                                 const transfer_options& how);

/// Waits for the receiver's account.
/// @throws std::runtime_error with the receiver's text when it refused,
/// or when it ended without a word; std::system_error.
received_account await_account(tcp::socket& socket);

/// What the sender knows after a transfer.
struct sent_account {
    account here;
    received_account there;
    std::uint64_t send_buffer = 0; ///< granted, at the end, in bytes
    measure::tcp_facts tcp{};      ///< when the last byte was handed over

    double gbit_per_s() const { return there.done.gbit_per_s(); }
};

/// Sends as much as @p limit says, ends the sending side, and waits for
/// the receiver's account. Does not close.
/// @throws std::runtime_error with the receiver's text when it refused,
/// or when it received another number of bytes; std::system_error.
sent_account transfer_to(tcp::socket& socket, const transfer_options& how,
                         const transfer_limit& limit);

/// The same as one JSON object on one line, keys with units.
std::string json_of(const received_account& received);
std::string json_of(const sent_account& sent);

/// The same as lines for a reader.
std::string text_of(const received_account& received);
std::string text_of(const sent_account& sent);

} // namespace buffer_size
