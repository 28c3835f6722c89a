/// @file
/// The chapter's measurements, one file each.
#pragma once

#include "common/measure/experiment.hpp"

#include <string>

namespace blocking_echo {

/// How a stream of 100-byte messages is cut up on arrival.
void measure_stream(measure::experiment& experiment);

/// How much of 4 MiB one send takes.
void measure_one_send(measure::experiment& experiment);

/// A 64-byte echo through Asio, through bare system calls, and through
/// Python.
void measure_round_trip(measure::experiment& experiment,
                        const std::string& python);

/// What of a reply arrives when the server closes with unread input, and
/// when it drains first.
void measure_closing(measure::experiment& experiment);

} // namespace blocking_echo
