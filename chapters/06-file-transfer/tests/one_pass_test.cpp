// One pass over content serves two checksums: of frames and of files.
#include "disk/checksum.hpp"
#include "wire/fields.hpp"
#include "wire/records.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace file_transfer {
namespace {

using testing_support::pattern;

class summing_sink : public file_sink {
public:
    void begin(const entry& one) override { told += "E:" + one.path; }
    void content(byte_view some) override {
        told += fmt::format(" C{}", some.size());
    }
    void summed_content(const summed_bytes& piece) override {
        EXPECT_EQ(piece.checksum, crc32(0, piece.bytes));
        told += fmt::format(" S{}", piece.bytes.size());
    }
    void complete(std::uint32_t) override { told += " Z\n"; }
    void give_up() override { told += " X\n"; }
    std::string told;
};

void append_file(std::vector<std::byte>& records, const std::string& path,
                 std::size_t size) {
    wire_writer out(records);
    out.number(std::uint8_t{'E'});
    entry about;
    about.path = path;
    about.size = size;
    put(out, about);
    out.number(std::uint8_t{'C'});
    out.number(static_cast<std::uint32_t>(size));
    out.bytes(pattern(size));
    out.number(std::uint8_t{'Z'});
    out.number(crc32(0, pattern(size)));
}

TEST(frames, with_pieces_whose_checksum_is_known_are_the_same) {
    const auto payload = pattern(100'000);
    const auto expected = make_frame(message::block, payload);
    auto frame = expected;
    std::vector<summed_bytes> sums;
    for (const std::size_t at : {12u, 40'012u}) {
        const byte_view piece = byte_view(frame).subspan(at, 20'000);
        sums.push_back({piece, crc32(0, piece)});
    }
    std::ranges::fill(std::span(frame).first(12), std::byte{});
    write_head(message::block, frame, sums);
    EXPECT_EQ(frame, expected);
    EXPECT_TRUE(is_intact(frame, sums));
    frame[99'999] ^= std::byte{1};
    EXPECT_FALSE(is_intact(frame, sums));
}

TEST(records, long_content_is_summed_where_it_lies_and_once) {
    summing_sink sink;
    std::vector<std::byte> all;
    append_file(all, "short", 5);
    append_file(all, "long", 50'000);
    const auto sums = sum_content(all);
    ASSERT_EQ(sums.size(), 1u);
    record_parser(sink).parse(all, sums);
    EXPECT_EQ(sink.told, "E:short C5 Z\nE:long S50000 Z\n");
    for (const std::size_t size : {1u, 40u, 90u, 20'000u})
        EXPECT_TRUE(sum_content(byte_view(all).first(size)).empty());
}

} // namespace
} // namespace file_transfer
