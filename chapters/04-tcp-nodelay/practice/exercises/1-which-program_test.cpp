#include "1-which-program.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace exercise {
namespace {

using tcp_nodelay::rung;
using testing_support::steps;

std::string name_of(program made) {
    switch (made) {
    case program::two_writes: return "two_writes";
    case program::two_writes_with_option: return "two_writes_with_option";
    case program::one_write: return "one_write";
    }
    return "?";
}

constexpr bool client = true, server = false;

// A client's or a server's packet, on the way for half a round trip.
rung packet(bool from_client, double sent, double round_trip,
            std::size_t length) {
    return {from_client, sent, sent + round_trip / 2, length, ""};
}

class which_program : public testing::Test {
protected:
    void expect(const char* story, std::vector<rung> ladder,
                program expected, const char* advice) {
        story_.did("drew a ladder: {}", story);
        const program got =
            story_.call("who_made", "A ladder is no reason to throw.",
                        [&] { return who_made(ladder); });
        story_.did("who_made returned {}", name_of(got));
        if (got != expected)
            story_.wrong(fmt::format("it was made by {}, and who_made "
                                     "returned {}",
                                     name_of(expected), name_of(got)),
                         advice);
    }

    steps story_{
        "who_made looks at a few packets: does a loop in it end?"};
};

TEST_F(which_program, the_stall) {
    expect("12 B, silence for 40 ms, an acknowledgement, 64 B, a reply; "
           "round trip 20 ms",
           {packet(client, 0, 20, 12), packet(server, 50, 20, 0),
            packet(client, 60, 20, 64), packet(server, 70, 20, 0),
            packet(server, 70, 20, 16)},
           program::two_writes,
           "The second part left when the acknowledgement of the first "
           "was there.");
}

TEST_F(which_program, two_packets_at_once) {
    expect("12 B and 64 B at once, an acknowledgement, a reply; round "
           "trip 20 ms",
           {packet(client, 0, 20, 12), packet(client, 0.1, 20, 64),
            packet(server, 10, 20, 0), packet(server, 10.2, 20, 16)},
           program::two_writes_with_option,
           "Two parts, and the second did not wait for anything.");
}

TEST_F(which_program, one_packet) {
    expect("76 B and a reply; round trip 20 ms",
           {packet(client, 0, 20, 76), packet(server, 10, 20, 16)},
           program::one_write, "All of the request is in one packet.");
}

TEST_F(which_program, one_packet_over_a_long_link) {
    expect("76 B and a reply; round trip 150 ms",
           {packet(client, 0, 150, 76), packet(server, 75, 150, 16)},
           program::one_write,
           "It took 150 ms, and no rule of TCP made it wait: that is the "
           "link. The length of a ladder says nothing by itself.");
}

TEST_F(which_program, the_first_request_which_is_acknowledged_at_once) {
    expect(
        "12 B, an acknowledgement at once, 64 B, a reply; round trip "
        "1 ms",
        {packet(client, 0, 1, 12), packet(server, 0.5, 1, 0),
         packet(client, 1, 1, 64), packet(server, 1.5, 1, 16)},
        program::two_writes,
        "No silence of 40 ms, and Nagle's algorithm all the same: when "
        "did the second part leave, and what had arrived by then?");
}

TEST_F(which_program, two_packets_at_once_over_a_long_link) {
    expect("12 B and 64 B at once, a reply; round trip 150 ms",
           {packet(client, 0, 150, 12), packet(client, 0.1, 150, 64),
            packet(server, 75.1, 150, 16)},
           program::two_writes_with_option,
           "The second part left at once. How long the reply took does "
           "not matter.");
}

TEST_F(which_program, a_second_part_that_had_to_be_computed) {
    expect("12 B, 64 B 5 ms later, an acknowledgement, a reply; round "
           "trip 20 ms",
           {packet(client, 0, 20, 12), packet(client, 5, 20, 64),
            packet(server, 10, 20, 0), packet(server, 15.2, 20, 16)},
           program::two_writes_with_option,
           "5 ms is a long time for a program and a short one for this "
           "link: nothing had arrived yet that the second part could "
           "have waited for.");
}

TEST_F(which_program, an_acknowledgement_that_is_still_on_its_way) {
    expect("12 B, an acknowledgement, 64 B before it arrives, a reply; "
           "round trip 150 ms",
           {packet(client, 0, 150, 12), packet(server, 75, 150, 0),
            packet(client, 80, 150, 64), packet(server, 155, 150, 16)},
           program::two_writes_with_option,
           "The acknowledgement was sent before the second part, and "
           "arrived after it. A side knows what has arrived.");
}

TEST_F(which_program, the_stall_of_a_short_link) {
    expect("12 B, an acknowledgement at once, 64 B, a reply; round trip "
           "0.1 ms",
           {packet(client, 0, 0.1, 12), packet(server, 0.05, 0.1, 0),
            packet(client, 0.1, 0.1, 64), packet(server, 0.15, 0.1, 16)},
           program::two_writes,
           "A tenth of a millisecond is this link's round trip. No "
           "number of milliseconds tells the programs apart on every "
           "link.");
}

TEST_F(which_program, one_packet_that_is_acknowledged_first) {
    expect("76 B, an acknowledgement after 40 ms, and a reply that the "
           "server computed for 60; round trip 10 ms",
           {packet(client, 0, 10, 76), packet(server, 45, 10, 0),
            packet(server, 65, 10, 16), packet(client, 70, 10, 0)},
           program::one_write,
           "A slow server also takes long. Count the client's packets "
           "that hold data.");
}

TEST_F(which_program, a_recording_that_goes_on_with_the_next_request) {
    expect("76 B and a reply, then 76 B and a reply again; round trip "
           "10 ms",
           {packet(client, 0, 10, 76), packet(server, 5, 10, 16),
            packet(client, 10, 10, 76), packet(server, 15, 10, 16)},
           program::one_write,
           "What the client sends after the server's reply is another "
           "request.");
    expect("12 B and 64 B at once, an acknowledgement, a reply, and the "
           "same again; round trip 10 ms",
           {packet(client, 0, 10, 12), packet(client, 0.1, 10, 64),
            packet(server, 5, 10, 0), packet(server, 5.2, 10, 16),
            packet(client, 10.2, 10, 12), packet(client, 10.3, 10, 64),
            packet(server, 15.5, 10, 16)},
           program::two_writes_with_option,
           "The first request ends with the first reply; the question "
           "is what its second part waited for.");
}

TEST_F(which_program, a_reply_in_two_parts) {
    expect("76 B, and a reply of 12 B and 4 B between which the client's "
           "acknowledgement passes; round trip 10 ms",
           {packet(client, 0, 10, 76), packet(server, 5, 10, 12),
            packet(client, 50, 10, 0), packet(server, 55, 10, 4)},
           program::one_write,
           "The stall is there, but it is the server's: its reply is in "
           "two writes. The question is what the client did.");
}

} // namespace
} // namespace exercise
