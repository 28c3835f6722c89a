// The trace and the pcap, from packets put together by hand.

#include "packets.hpp"

#include "common/netlab/library/capture.hpp"
#include "common/netlab/library/listening.hpp"
#include "common/netlab/library/segment.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <sstream>

namespace {

using namespace netlab;
using namespace std::chrono_literals;
using netlab_testing::make_record;

// A connection whose numbers pass 2^32, whose data are lost once, and which ends.
recording exchange() {
    constexpr std::uint32_t client = 0xfffffffe;
    constexpr std::uint32_t server = 1000;
    recording result;
    result.start = time_point(1h);
    result.packets = {
        make_record({host::client, flag::syn, client, 0, 0}, 0ms),
        make_record({host::server, flag::syn | flag::ack, server, client + 1, 0}, 20ms),
        make_record({host::client, flag::ack, client + 1, server + 1, 0}, 40ms),
        make_record({host::client, flag::psh | flag::ack, client + 1, server + 1, 100}, 41ms,
                    fate::lost),
        make_record({host::client, flag::psh | flag::ack, client + 1, server + 1, 100}, 250ms),
        make_record({host::server, flag::ack, server + 1, client + 101, 0}, 270ms),
        make_record({host::client, flag::fin | flag::ack, client + 101, server + 1, 0}, 290ms),
        make_record({host::server, flag::rst, server + 1, 0, 0}, 310ms),
    };
    return result;
}

TEST(trace, names_the_kind_of_every_packet) {
    std::vector<std::string> kinds;
    for (const auto& row : make_trace(exchange()))
        kinds.push_back(row.at("kind"));
    EXPECT_EQ(kinds, (std::vector<std::string>{"syn/fin", "syn/fin", "ack", "lost",
                                               "retransmission", "ack", "syn/fin", "reset"}));
}

TEST(trace, numbers_are_relative_to_the_start_also_when_they_go_round) {
    const auto rows = make_trace(exchange());
    EXPECT_EQ(rows[0].at("seq"), 0);
    EXPECT_FALSE(rows[0].contains("ack"));
    EXPECT_EQ(rows[1].at("ack"), 1);
    EXPECT_EQ(rows[4].at("seq"), 1);
    EXPECT_EQ(rows[5].at("ack"), 101);
    EXPECT_EQ(rows[6].at("seq"), 101);
}

TEST(trace, every_packet_has_both_its_times_and_its_direction) {
    const auto rows = make_trace(exchange());
    EXPECT_EQ(rows[1].at("sent_ms"), 20.0);
    EXPECT_EQ(rows[1].at("ended_ms"), 40.0);
    EXPECT_EQ(rows[1].at("from"), "server");
    EXPECT_EQ(rows[3].at("fate"), "lost");
}

TEST(trace, what_is_no_ip_packet_is_kept_as_other) {
    recording odd = exchange();
    odd.packets[0].bytes = {std::byte{0}};
    EXPECT_EQ(make_trace(odd)[0].at("kind"), "other");
}

TEST(pcap, holds_what_one_end_saw_in_the_order_of_its_clock) {
    std::ostringstream out;
    write_pcap(out, exchange(), host::server);
    const std::string bytes = out.str();
    std::size_t packets = 0;
    std::uint64_t last = 0;
    for (std::size_t at = 24; at < bytes.size(); ++packets) {
        std::array<std::uint32_t, 4> header{};
        ASSERT_LE(at + sizeof header, bytes.size());
        std::memcpy(header.data(), bytes.data() + at, sizeof header);
        const std::uint64_t time = header[0] * 1'000'000'000ull + header[1];
        EXPECT_GE(time, last);
        last = time;
        at += sizeof header + header[2];
    }
    EXPECT_EQ(packets, 7u); // all but the one that never reached the server
}

TEST(listening, finds_the_ports_in_the_kernels_table) {
    EXPECT_EQ(
        listening_ports("  sl  local_address rem_address   st tx_queue rx_queue\n"
                        "   0: 00000000:04D2 00000000:0000 0A 00000000:00000000 00:00000000 0\n"
                        "   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 0\n"
                        "   2: 00000000000000000000000000000000:0016 "
                        "00000000000000000000000000000000:0000 0A 00000000:00000000\n"),
        (std::vector<unsigned short>{1234, 22}));
}

TEST(listening, passes_over_lines_of_another_form) {
    EXPECT_TRUE(listening_ports("\n0: 0000 0 0A\n0: x:zz 0 0A\n0: 0:12345 0 0A\n").empty());
}

} // namespace
