#include "inflate_stream.hpp"

#include "zlib_arguments.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

namespace compression {

namespace {

void check(int code, const char* reason) {
    switch (code) {
    case Z_OK:
    case Z_STREAM_END:
    case Z_BUF_ERROR: // no progress: more input is needed
        return;
    case Z_NEED_DICT: throw std::system_error(fault::needs_dictionary);
    case Z_MEM_ERROR: throw std::bad_alloc();
    case Z_DATA_ERROR:
        throw std::system_error(fault::corrupt, reason ? reason : "?");
    default: throw std::logic_error("inflate: no stream");
    }
}

// Whether a block of deflate has ended, and the last byte with it: zlib
// says so in bits of data_type (zlib.h, inflate()).
bool is_between_blocks(const z_stream& z) {
    constexpr int after_a_block = 128, unused_bits = 63;
    return (z.data_type & after_a_block) != 0 &&
           (z.data_type & unused_bits) == 0;
}

} // namespace

inflate_stream::inflate_stream(stream_format format,
                               const inflate_limits& limits,
                               int window_bits)
    : limits_(limits) {
    const int code =
        ::inflateInit2(&z_, signed_window_bits(format, window_bits));
    if (code == Z_MEM_ERROR)
        throw std::bad_alloc();
    if (code != Z_OK)
        throw std::invalid_argument("window bits are from 9 to 15");
}

inflate_stream::~inflate_stream() {
    ::inflateEnd(&z_);
}

//! [inflate_read]
inflate_step inflate_stream::read(std::span<const std::byte> input,
                                  std::span<std::byte> output) {
    if (output.empty())
        throw std::invalid_argument("inflate: no room for output");
    if (ended_) {
        if (!input.empty())
            throw std::system_error(fault::trailing);
        return {0, 0, false};
    }
    const std::uint64_t allowed =
        std::min(limits_.message - in_message_, limits_.total - total_);
    std::byte beyond{}; // takes the one byte that proves it too large
    const std::span<std::byte> room =
        allowed > 0 ? output.first(
                          std::min<std::uint64_t>(output.size(), allowed))
                    : std::span(&beyond, 1);

    z_.next_in =
        reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    z_.next_out = reinterpret_cast<Bytef*>(room.data());
    const uInt offered = zlib_size(input.size());
    const uInt space = zlib_size(room.size());
    z_.avail_in = offered;
    z_.avail_out = space;
    const int code = ::inflate(&z_, Z_NO_FLUSH);
    check(code, z_.msg);
    const std::size_t produced = space - z_.avail_out;
    if (allowed == 0 && produced > 0)
        throw std::system_error(in_message_ == limits_.message
                                    ? fault::message_too_large
                                    : fault::total_too_large);
    in_message_ += produced;
    total_ += produced;
    ended_ = code == Z_STREAM_END;
    const std::size_t consumed = offered - z_.avail_in;
    if (consumed > 0 || produced > 0)
        at_boundary_ = is_between_blocks(z_);
    return {consumed, produced, !ended_ && z_.avail_out == 0};
}
//! [inflate_read]

void inflate_stream::finish() const {
    if (!ended_)
        throw std::system_error(fault::truncated);
}

void inflate_stream::reset() {
    ::inflateReset(&z_);
    ended_ = false;
    in_message_ = 0;
}

} // namespace compression
