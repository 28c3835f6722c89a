#include "transfer/transfer_reader.hpp"
#include "zlib/deflate_stream.hpp"
#include "zlib/messages.hpp"
#include "zlib/one_shot.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <utility>

namespace compression {
namespace {

using blocking_echo::frame;
using blocking_echo::frame_type;
using testing_support::count_of;
using testing_support::steps;

class small_bombs : public testing::Test {
protected:
    // Zeros, in messages of this size, until something is said.
    void send(std::size_t message, int count) {
        message_deflater deflater;
        const byte_vector zeros(message);
        for (int i = 0; i < count; ++i) {
            const auto payload = deflater.deflate(zeros);
            wire_ += payload.size();
            take({message_frame, {payload.begin(), payload.end()}});
            if (refused_)
                break;
        }
        story_.did("sent zeros in messages of {}: {} on the wire, and {} "
                   "were handed on",
                   count_of(message), count_of(wire_),
                   count_of(handed_on_));
        if (refused_)
            story_.did("the reader said \"{}\"", refused_.message());
    }

    void take(const frame& one) { take(reader_, one); }

    void take(transfer_reader& reader, const frame& one) {
        try {
            reader.take(one);
        } catch (const std::system_error& error) {
            refused_ = error.code();
        }
    }

    steps story_{"The reader only looks at memory: is there a loop?"};
    std::size_t handed_on_ = 0, wire_ = 0;
    std::error_code refused_;
    transfer_reader reader_{
        {.message = 300'000, .total = 1'000'000},
        [this](auto piece) { handed_on_ += piece.size(); }};
};

TEST_F(small_bombs, many_small_messages_meet_the_limit_of_the_whole) {
    story_.did("made a reader with a limit of 300,000 bytes for a "
               "message and of 1,000,000 for all");
    send(70'000, 100); // the fifteenth is too much
    if (refused_ && handed_on_ > 1'000'000)
        story_.wrong(fmt::format("the limit is 1,000,000 bytes, and the "
                                 "reader refused after it had handed on "
                                 "{}",
                                 count_of(handed_on_)),
                     "A limit that is compared afterwards has been "
                     "exceeded. The message_inflater compares in time, "
                     "when it is told the limit.");
    if (!refused_)
        story_.wrong(
            fmt::format("the transfer's limit is 1,000,000 bytes, and {} "
                        "were handed on",
                        count_of(handed_on_)),
            "Each message is within its limit. Two limits are in "
            "`limits_`: which of them reaches the message_inflater, and "
            "which member of inflate_limits does it become there?");
    if (refused_ != fault::total_too_large)
        story_.wrong(fmt::format("the transfer was refused with \"{}\"",
                                 refused_.message()),
                     "No message was too large; all of them together "
                     "were.");
    if (handed_on_ != 980'000)
        story_.wrong(fmt::format("fourteen messages of 70,000 bytes are "
                                 "within the limit, and the reader "
                                 "refused after {}",
                                 count_of(handed_on_)),
                     "Which limit is it that refuses so early? The one "
                     "for all messages together is limits_.total.");
}

TEST_F(small_bombs, a_message_above_its_own_limit_is_refused) {
    story_.did("made a reader with a limit of 300,000 bytes for a "
               "message and of 1,000,000 for all");
    send(300'001, 1);
    if (refused_ != fault::message_too_large)
        story_.wrong(
            refused_ ? fmt::format("a message of 300,001 bytes was "
                                   "refused with \"{}\"",
                                   refused_.message())
                     : "a message of 300,001 bytes was handed on",
            "A message has a limit of its own, besides the one for the "
            "whole transfer.");
}

// As a stranger's program would make it: the message_deflater does not.
std::vector<std::byte> oversized_message() {
    const std::vector<std::byte> zeros(message_limit + 1);
    std::vector<std::byte> payload(4), block(4096);
    blocking_echo::put_big_endian(
        payload, ::crc32(0, reinterpret_cast<const Bytef*>(zeros.data()),
                         static_cast<uInt>(zeros.size())));
    deflate_stream stream({.format = stream_format::raw});
    deflate_all(stream, zeros, deflate_stream::flush::sync, block,
                [&](auto piece) {
                    payload.insert(payload.end(), piece.begin(),
                                   piece.end());
                });
    payload.resize(payload.size() - 4); // without the marker's end
    return payload;
}

TEST_F(small_bombs, without_limits_a_message_has_the_formats_own) {
    transfer_reader unlimited(
        {}, [this](auto piece) { handed_on_ += piece.size(); });
    story_.did("made a reader without limits, and sent it a message of "
               "{} bytes",
               message_limit + 1);
    take(unlimited, {message_frame, oversized_message()});
    if (refused_ != fault::message_too_large)
        story_.wrong(refused_ ? fmt::format("it was refused with \"{}\"",
                                            refused_.message())
                              : fmt::format("{} were handed on",
                                            count_of(handed_on_)),
                     "A message is held in memory as a whole: it has at "
                     "most message_limit bytes, whatever the reader's "
                     "limits are.");
}

TEST_F(small_bombs, the_other_two_kinds_have_the_limit_of_the_whole) {
    const std::vector<frame> plain(
        3, {frame_type::data, byte_vector(400'000)});
    const auto packed = compress(byte_vector(1'200'000));
    const std::vector<frame> stream{
        {piece_frame, {packed.begin(), packed.end()}}};
    for (const auto& [name, frames] :
         {std::pair("plain data, in frames of 400,000 bytes", plain),
          std::pair("one compressed stream", stream)}) {
        handed_on_ = 0;
        refused_.clear();
        transfer_reader reader({.total = 1'000'000}, [this](auto piece) {
            handed_on_ += piece.size();
        });
        for (const frame& one : frames)
            if (!refused_)
                take(reader, one);
        story_.did("made a reader with a limit of 1,000,000 bytes for "
                   "all, and sent it 1,200,000 as {}: {} were handed on",
                   name, count_of(handed_on_));
        if (refused_ != fault::total_too_large || handed_on_ > 1'000'000)
            story_.wrong(
                refused_ ? fmt::format("it was refused with \"{}\"",
                                       refused_.message())
                         : "nothing was refused",
                "The limit of the whole holds for each kind of "
                "transfer: that of messages had a fault, and these two "
                "were right.");
    }
}

TEST_F(small_bombs, both_limits_themselves_are_legal) {
    story_.did("made a reader with a limit of 300,000 bytes for a "
               "message and of 1,000,000 for all");
    send(250'000, 4);
    if (refused_)
        story_.wrong("four messages of 250,000 bytes were refused",
                     "The limit itself is legal: 1,000,000 bytes are "
                     "not too many.");
}

TEST_F(small_bombs, a_message_at_its_limit_is_legal) {
    story_.did("made a reader with a limit of 300,000 bytes for a "
               "message and of 1,000,000 for all");
    send(300'000, 3);
    if (refused_)
        story_.wrong("messages of 300,000 bytes were refused",
                     "The limit itself is legal, for each message anew.");
}

} // namespace
} // namespace compression
