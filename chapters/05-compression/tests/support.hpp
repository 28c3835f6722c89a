/// @file
/// What the chapter's tests share.
#pragma once

#include "zlib/inflate_stream.hpp"
#include "zlib/one_shot.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>

namespace compression {

/// Bytes as they stand in an RFC: `octets({0xf2, 0x48})`.
inline byte_vector octets(std::initializer_list<unsigned> values) {
    byte_vector bytes;
    for (const unsigned value : values)
        bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

/// What an action is refused with: the message of the fault, or
/// "nothing".
inline std::string fault_of(const std::function<void()>& action) {
    try {
        action();
        return "nothing";
    } catch (const std::system_error& error) {
        return error.code().message();
    }
}

inline std::string text_of(fault one) {
    return make_error_code(one).message();
}

/// All of a stream through output space of a given size.
inline byte_vector deflate_in(deflate_stream& stream,
                              std::span<const std::byte> data,
                              deflate_stream::flush mode,
                              std::size_t space) {
    byte_vector block(space), all;
    deflate_all(stream, data, mode, block, [&](auto piece) {
        all.insert(all.end(), piece.begin(), piece.end());
    });
    return all;
}

inline byte_vector inflate_in(inflate_stream& stream,
                              std::span<const std::byte> data,
                              std::size_t space) {
    byte_vector block(space), all;
    inflate_all(stream, data, block, [&](auto piece) {
        all.insert(all.end(), piece.begin(), piece.end());
    });
    return all;
}

} // namespace compression
