/// @file
/// The chapter's measurements, one file each.
#pragma once

#include "corpus/corpus.hpp"

#include "common/measure/experiment.hpp"

#include <span>

namespace compression {

/// The first @p size bytes, at most 16 MiB, of a kind of data, made once
/// and kept. Good until a call asks for more of that kind. Not
/// thread-safe.
std::span<const std::byte> measured_data(kind what, std::size_t size);

/// Ratio and speed of every compressor at every level, by kind of data.
void measure_codecs(measure::experiment& experiment);

/// zlib in one call over one buffer, and through blocks.
void measure_streaming(measure::experiment& experiment);

/// Transfer times over links of many rates, plain and compressed, and
/// where the two cross.
void measure_break_even(measure::experiment& experiment);

/// The rungs side by side: what overlapping brings.
void measure_overlap(measure::experiment& experiment);

/// Messages of 32 bytes to 64 KiB: size, time.
void measure_messages(measure::experiment& experiment);

/// What a connection's compressor takes of memory.
void measure_memory(measure::experiment& experiment);

/// A bomb, with a bound and without.
void measure_bomb(measure::experiment& experiment);

} // namespace compression
