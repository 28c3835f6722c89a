#include "transfer_reader.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace compression {

using blocking_echo::frame;
using blocking_echo::frame_type;

transfer_reader::transfer_reader(const inflate_limits& limits,
                                 sink output)
    : limits_(limits), output_(std::move(output)), room_(chunk_size) {}

void transfer_reader::hand_on(std::span<const std::byte> piece) {
    bytes_ += piece.size();
    output_(piece);
}

//! [take]
bool transfer_reader::take(const frame& frame) {
    if (frame.type == frame_type::error)
        throw std::runtime_error(
            blocking_echo::describe_error(frame.payload));
    if (frame.type == frame_type::end) {
        if (pieces_)
            pieces_->finish(); // the peer's word is not enough
        return true;
    }
    // All frames of a transfer are of the first one's type.
    if (type_ && *type_ != frame.type)
        throw std::system_error(fault::wrong_state);
    type_ = frame.type;

    const auto output = [this](auto piece) { hand_on(piece); };
    if (frame.type == frame_type::data) {
        if (frame.payload.size() > limits_.total - bytes_)
            throw std::system_error(fault::total_too_large);
        hand_on(frame.payload);
    } else if (frame.type == piece_frame) {
        if (!pieces_)
            pieces_.emplace(stream_format::zlib, limits_);
        inflate_all(*pieces_, frame.payload, room_, output);
    } else if (frame.type == message_frame) {
        if (!messages_)
            messages_.emplace(inflate_limits{
                std::min<std::uint64_t>(limits_.message, message_limit),
                limits_.total});
        hand_on(messages_->inflate(frame.payload));
    } else {
        throw std::system_error(fault::wrong_state);
    }
    return false;
}
//! [take]

} // namespace compression
