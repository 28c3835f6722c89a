/// @file
/// What goes wrong with buffers. Every function here is wrong on purpose;
/// the lesson and the tests say how. Errors of the socket are
/// std::system_error "send: ..." or "receive: ...".
#pragma once

#include "application/transfer.hpp"

#include <string>

namespace buffer_size {

/// Wrong: allocates, and fills with zeros, a new buffer for each receive.
/// Answers each with one byte, until the end of the stream.
/// @throws wrong_contents, as the one below does.
void answer_with_fresh_buffers(tcp::socket& client, std::size_t size,
                               account& done);

/// Right: the same with one buffer.
void answer_with_one_buffer(tcp::socket& client, std::size_t size,
                            account& done);

/// Wrong: collects the stream 1 KiB at a time, and copies all that it has
/// for each.
std::string collect_by_kib(tcp::socket& from, account& done);

/// Right: the same into one string that grows by doubling.
std::string collect_by_append(tcp::socket& from, account& done);

/// Wrong: takes one receive of at most 1024 bytes for a message.
std::string read_one_message(tcp::socket& from);

/// Wrong: its buffer is larger than a thread's stack, 8 MiB as a rule:
/// the process ends by SIGSEGV.
std::size_t receive_on_the_stack(tcp::socket& from);

} // namespace buffer_size
