/// @file
/// The chapter's measurements, one file each.
#pragma once

#include "common/measure/experiment.hpp"

#include <string>

namespace buffer_size {

/// The application's buffer on loopback, the cost of a call, and how many
/// calls asio::write and asio::read make.
void measure_application(measure::experiment& experiment);

/// Against a bare POSIX loop, iperf3 and Python.
void measure_yardsticks(measure::experiment& experiment,
                        const std::string& programs,
                        const std::string& python);

/// Socket buffers and application buffers on a link with a delay.
void measure_link(measure::experiment& experiment);

/// What two of the mistakes cost.
void measure_mistakes(measure::experiment& experiment);

/// How the kernel tunes a receive buffer, and how it stops.
void measure_tuning(measure::experiment& experiment);

/// What connections hold while they are idle, and while they stall.
void measure_memory(measure::experiment& experiment);

/// Many small pieces, and calls that take only a part.
void measure_pieces(measure::experiment& experiment);

} // namespace buffer_size
