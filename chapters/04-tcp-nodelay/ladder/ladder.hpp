/// @file
/// One request's packets, cut out of a recording: what a packet ladder
/// draws.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace tcp_nodelay {

//! [rung]
/// One packet. Times are in milliseconds since the request's first packet
/// was sent.
struct rung {
    bool from_client = true;
    double sent_ms = 0;
    double ended_ms = 0;    ///< its arrival
    std::size_t length = 0; ///< bytes of data
    std::string what; ///< "header", "body", "header + body", "reply",
                      ///< "ACK", "part"
};
//! [rung]

/// A time in which no packet was under way.
struct silence {
    double begin_ms = 0;
    double end_ms = 0;

    double length_ms() const { return end_ms - begin_ms; }
};

/// Sizes of the two frames that go there and back, in bytes.
struct frame_sizes {
    std::size_t header = 0;  ///< of the request's first part
    std::size_t request = 0; ///< the whole frame
    std::size_t reply = 0;   ///< the whole frame
};

/// The packets of request number @p number (from 1) of the first
/// connection in a trace, of the form of netlab::make_trace(): from its
/// first byte's sending to its reply's last byte's arrival.
/// @throws std::runtime_error when the trace has no such request, whole.
std::vector<rung> cut_request(const nlohmann::ordered_json& trace,
                              std::size_t number,
                              const frame_sizes& sizes);

/// The longest time between the first packet and the last in which
/// nothing was under way.
silence longest_silence(const std::vector<rung>& rungs);

/// From the first packet's sending to the last one's arrival.
double whole_ms(const std::vector<rung>& rungs);

/// The ladder as lines of text, the client on the left.
std::string to_text(const std::vector<rung>& rungs);

/// The ladder as rows for a figure: each packet, with its `lane` among
/// those that left the same host within a millisecond, and one row of
/// kind "silence" where nothing is under way for over @p least_ms.
nlohmann::ordered_json to_rows(const std::string& name,
                               const std::vector<rung>& rungs,
                               double least_ms);

} // namespace tcp_nodelay
