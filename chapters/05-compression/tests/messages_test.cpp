#include "corpus/corpus.hpp"
#include "support.hpp"
#include "zlib/messages.hpp"

#include "common/testing/loopback.hpp"

#include <stdexcept>

namespace compression {
namespace {

using testing_support::bytes;

byte_vector copy(std::span<const std::byte> view) {
    return {view.begin(), view.end()};
}

byte_vector message(unsigned number) {
    return bytes("{\"event\":\"moved\",\"number\":" +
                 std::to_string(number) + ",\"to\":\"the same place\"}");
}

TEST(messages, a_message_is_a_checksum_and_the_golden_bytes) {
    message_inflater in; // RFC 7692 7.2.3.1 and 7.2.3.2
    for (const auto& golden :
         {octets({0xf7, 0xd1, 0x89, 0x82, 0xf2, 0x48, 0xcd, 0xc9, 0xc9,
                  0x07, 0x00}),
          octets({0xf7, 0xd1, 0x89, 0x82, 0xf2, 0x00, 0x11, 0x00, 0x00})})
        EXPECT_EQ(copy(in.inflate(golden)), bytes("Hello"));
}

TEST(messages, come_back_one_by_one_in_both_contexts) {
    for (const auto between : {context::kept, context::dropped}) {
        message_deflater out({}, between);
        message_inflater in({.message = message_limit}, between);
        for (const auto& one :
             {message(1), byte_vector{}, message(2),
              make_corpus(kind::random, message_limit, 7), message(3)})
            EXPECT_TRUE(copy(in.inflate(out.deflate(one))) == one);
    }
}

TEST(messages, in_one_stream_a_repeated_message_shrinks_to_a_few_bytes) {
    message_deflater kept, dropped({}, context::dropped);
    const std::size_t first = kept.deflate(message(1)).size();
    EXPECT_EQ(dropped.deflate(message(1)).size(), first);
    EXPECT_LT(kept.deflate(message(2)).size(), first / 2);
    EXPECT_EQ(dropped.deflate(message(2)).size(), first);
}

TEST(messages, every_flipped_bit_is_detected) { // F33
    for (std::size_t bit = 0;; ++bit) {
        message_deflater out;
        message_inflater in;
        in.inflate(out.deflate(message(1)));
        auto flipped = copy(out.deflate(message(2)));
        if (bit / 8 == flipped.size())
            break;
        flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
        byte_vector back;
        const auto seen =
            fault_of([&] { back = copy(in.inflate(flipped)); });
        // The last bits of a flush only fill up its byte.
        EXPECT_TRUE(seen != "nothing" || back == message(2)) << bit;
    }
}

TEST(messages, cut_at_every_byte_a_message_is_refused) { // F34
    message_deflater out;
    const auto whole = copy(out.deflate(message(1)));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        message_inflater in;
        EXPECT_NE(
            fault_of([&] { in.inflate(std::span(whole).first(size)); }),
            "nothing")
            << size;
    }
}

TEST(messages, a_message_that_was_lost_is_noticed_at_the_next) { // F35
    message_deflater out;
    message_inflater in;
    in.inflate(out.deflate(message(1)));
    out.deflate(make_corpus(kind::prose, 3000, 1)); // never arrives
    const auto next = out.deflate(make_corpus(kind::prose, 3000, 1));
    EXPECT_NE(fault_of([&] { in.inflate(next); }), "nothing");
}

TEST(messages, a_receiver_with_a_smaller_window_refuses) { // F35
    message_deflater out;
    message_inflater in({}, context::kept, 9);
    EXPECT_EQ(fault_of([&] {
                  for (unsigned i = 0; i < 50; ++i)
                      in.inflate(out.deflate(
                          make_corpus(kind::json_log, 700, i % 2)));
              }),
              text_of(fault::corrupt));
}

TEST(messages, the_limit_for_one_passes_and_one_byte_more_does_not) {
    const auto data = make_corpus(kind::csv, 5000, 1); // F32
    message_deflater out;
    const auto packed = copy(out.deflate(data));
    message_inflater fits({.message = 5000}), tight({.message = 4999});
    EXPECT_TRUE(copy(fits.inflate(packed)) == data);
    EXPECT_EQ(fault_of([&] { tight.inflate(packed); }),
              text_of(fault::message_too_large));
}

TEST(messages, a_bomb_that_is_spread_over_messages_meets_the_total) {
    message_deflater out; // F32
    message_inflater in({.message = message_limit, .total = 3'500'000});
    const byte_vector zeros(message_limit);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(in.inflate(out.deflate(zeros)).size(), message_limit);
    EXPECT_EQ(fault_of([&] { in.inflate(out.deflate(zeros)); }),
              text_of(fault::total_too_large));
}

TEST(messages, above_the_limit_nothing_is_compressed) { // F19
    message_deflater out;
    EXPECT_THROW(out.deflate(byte_vector(message_limit + 1)),
                 std::length_error);
}

} // namespace
} // namespace compression
