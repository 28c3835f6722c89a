/// @file
/// Exercise 2: predict what a window and a distance leave of a rate.
#pragma once

namespace exercise {

/// Predicts how much data one connection moves over a link.
/// @param granted what getsockopt(2) says of a receive buffer that was
/// set, in bytes. @param round_trip_ms without queues. @param rate_mbit
/// bits a second of packets of 1500 bytes, which carry 1448 of data each.
/// @returns Mbit/s of data.
double predict_mbit(double granted, double round_trip_ms,
                    double rate_mbit);

} // namespace exercise
