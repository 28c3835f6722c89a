/// @file
/// Data to compress, made from a seed: the same bytes on every machine.
#pragma once

#include "zlib/one_shot.hpp"

#include <array>
#include <string_view>

namespace compression {

/// Kinds of data that programs send.
enum class kind {
    json_log, ///< a web service's log, an object a line
    csv,      ///< orders, ten columns
    prose,    ///< sentences of invented words, as frequent as in English
    code,     ///< functions in a language like C
    floats,   ///< a sensor's readings, 4 bytes each, with noise
    packed,   ///< a JSON log that was compressed already
    random,   ///< bytes without any pattern
};
inline constexpr std::array all_kinds{
    kind::json_log, kind::csv,    kind::prose, kind::code,
    kind::floats,   kind::packed, kind::random};

/// `json-log`, `csv`, ...
std::string_view name_of(kind kind);

/// The first @p size bytes of what the seed makes of a kind. `packed` is
/// what the installed zlib writes; the others do not depend on it.
byte_vector make_corpus(kind kind, std::size_t size, std::uint64_t seed);

} // namespace compression
