/// @file
/// A request over netlab, and the packets of it.
#pragma once

#include "exchange.hpp"
#include "ladder.hpp"

namespace tcp_nodelay {

/// What is to be recorded.
struct recorded_request {
    side_options client;
    side_options server;
    std::chrono::nanoseconds round_trip = std::chrono::milliseconds(20);
    std::size_t number = 6; ///< of the connection's requests, from 1
    std::size_t body = 64;  ///< bytes of payload
    std::size_t reply = 4;  ///< the same of the reply
};

/// Makes a network, sends as many requests as are needed, and gives the
/// packets of the last one.
/// The client runs in the calling thread, the server in one of its own.
/// @throws netlab::unavailable where there is no network in a box; what
/// time_requests() and answer_requests() throw.
std::vector<rung> record_request(const recorded_request& wanted);

} // namespace tcp_nodelay
