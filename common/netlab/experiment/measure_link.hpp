/// @file
/// What netlab does of what it was asked: round trip, rate, loss, and the CPU that it takes.
#pragma once

#include "common/measure/experiment.hpp"
#include "common/netlab/library/settings.hpp"

namespace netlab {

/// Sends 64-byte datagrams there and back, one a millisecond, so that many are on the line at
/// once, and gives `set_ms`, `median_ms`, `p99_ms`, and by how much these two are off.
/// @param set the round trip that netlab, or @p netem in both hosts, is to make.
measure::counters measure_round_trip(std::chrono::nanoseconds set, bool netem, bool smoke);

/// One bulk TCP flow to the server over @p link, which lasts some seconds: `set_mbit` (0:
/// unlimited), `ip_mbit` and `goodput_mbit` after it has got going, both in percent of what
/// they should be, and `cpu_percent` of one core for netlab's helper.
measure::counters measure_rate(const link_settings& link, bool smoke);

/// Thousands of datagrams, each with another seed for each call: `set_percent`, `lost_percent`.
measure::counters measure_loss(double share, bool smoke);

/// The same datagrams twice over a link of the same seed: `lost`, `same` (1, or 0 when other
/// ones were lost).
measure::counters measure_repeatability(bool smoke);

/// Whether tc can put the kernel's netem on a host's device.
bool has_netem();

} // namespace netlab
