// The parser of packets: what it reads, and that no bytes can harm it.

#include "packets.hpp"
#include "segment_fuzz.hpp"

#include "common/netlab/library/segment.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace netlab;
using netlab_testing::make_packet;
using netlab_testing::tcp_packet;

class both_versions : public testing::TestWithParam<bool> {};

TEST_P(both_versions, a_segment_is_read_with_its_ports_numbers_and_length) {
    const auto bytes = make_packet(
        {host::server, flag::psh | flag::ack, 0xfedcba98, 0x01020304, 37, GetParam()});
    const auto read = read_segment(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->ip_version, GetParam() ? 6 : 4);
    EXPECT_EQ(read->protocol, protocol_tcp);
    EXPECT_EQ(read->source.port, 1234);
    EXPECT_EQ(read->destination.port, 40000);
    EXPECT_NE(read->source.address, read->destination.address);
    EXPECT_EQ(read->sequence, 0xfedcba98);
    EXPECT_EQ(read->acknowledgement, 0x01020304u);
    EXPECT_EQ(read->flags, flag::psh | flag::ack);
    EXPECT_EQ(read->window, 501u);
    EXPECT_EQ(read->payload, 37u);
}

TEST_P(both_versions, the_length_is_the_packets_also_when_less_was_captured) {
    auto bytes = make_packet({host::client, flag::ack, 1, 1, 1000, GetParam()});
    bytes.resize(100);
    const auto read = read_segment(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->payload, 1000u);
}

TEST_P(both_versions, headers_cut_anywhere_give_nothing) {
    const auto bytes = make_packet({host::client, flag::syn, 1, 0, 0, GetParam()});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        // A copy of its own, so that AddressSanitizer sees a read past its end.
        const std::vector<std::byte> cut(bytes.begin(),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(read_segment(cut)) << size;
    }
}

INSTANTIATE_TEST_SUITE_P(segment, both_versions, testing::Bool(),
                         [](const auto& version) { return version.param ? "IPv6" : "IPv4"; });

TEST(segment, lengths_that_contradict_each_other_give_nothing) {
    auto short_total = make_packet({});
    short_total[3] = std::byte{39}; // IP's total length: no room for TCP's header
    EXPECT_FALSE(read_segment(short_total));
    auto long_header = make_packet({});
    long_header[32] = std::byte{0xf0}; // TCP's header length: 60 of 20 bytes
    EXPECT_FALSE(read_segment(long_header));
    auto no_header = make_packet({});
    no_header[0] = std::byte{0x44}; // IP's header length: 16, less than its least
    EXPECT_FALSE(read_segment(no_header));
}

TEST(segment, a_later_fragment_has_no_ports_and_gives_nothing) {
    auto bytes = make_packet({});
    bytes[7] = std::byte{1};
    EXPECT_FALSE(read_segment(bytes));
}

TEST(segment, another_protocol_gives_the_addresses_alone) {
    auto bytes = make_packet({});
    bytes[9] = std::byte{1}; // ICMP
    const auto read = read_segment(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->protocol, 1);
    EXPECT_EQ(read->source.port, 0);
    EXPECT_EQ(read->source.address[3], 1);
}

TEST(segment, no_bytes_make_the_parser_fail) {
    std::mt19937 random(1);
    for (int round = 0; round < 100'000; ++round) {
        const auto number = static_cast<std::uint32_t>(random());
        auto bytes = make_packet(
            {host::client, flag::ack, number, ~number, random() % 64, random() % 2 == 0});
        for (unsigned changes = random() % 8; changes > 0; --changes)
            bytes[random() % bytes.size()] = static_cast<std::byte>(random());
        bytes.resize(random() % (bytes.size() + 1));
        bytes.shrink_to_fit();
        fuzz_segment(bytes);
    }
}

} // namespace
