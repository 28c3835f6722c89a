#include "deflate_stream.hpp"

#include "zlib_arguments.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

namespace compression {

namespace {

// zlib.h: with less room a flush may be interrupted in its marker, and
// the next call would begin another one.
constexpr std::size_t least_flush_output = 7;

int zlib_flush(deflate_stream::flush mode) {
    switch (mode) {
    case deflate_stream::flush::none: return Z_NO_FLUSH;
    case deflate_stream::flush::sync: return Z_SYNC_FLUSH;
    case deflate_stream::flush::full: return Z_FULL_FLUSH;
    case deflate_stream::flush::finish: break;
    }
    return Z_FINISH;
}

} // namespace

std::size_t deflate_memory(const deflate_settings& settings) {
    return (std::size_t{1} << (settings.window_bits + 2)) +
           (std::size_t{1} << (settings.memory_level + 9)) + 5952;
}

//! [deflate_stream]
deflate_stream::deflate_stream(const deflate_settings& settings) {
    if (settings.window_bits < 9 || settings.window_bits > 15)
        throw std::invalid_argument("window bits are from 9 to 15");
    const int code = ::deflateInit2(
        &z_, settings.level, Z_DEFLATED,
        signed_window_bits(settings.format, settings.window_bits),
        settings.memory_level, Z_DEFAULT_STRATEGY);
    if (code == Z_MEM_ERROR)
        throw std::bad_alloc();
    if (code != Z_OK)
        throw std::invalid_argument(
            "the level is from 0 to 9, the memory level from 1 to 9");
}

deflate_stream::~deflate_stream() {
    ::deflateEnd(&z_);
}

void deflate_stream::reset() {
    ::deflateReset(&z_);
    spilled_ = {};
}
//! [deflate_stream]

//! [deflate_step]
deflate_step deflate_stream::deflate(std::span<const std::byte> input,
                                     std::span<std::byte> output,
                                     flush mode) {
    // zlib declares its input without const, and does not write to it.
    z_.next_in =
        reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    z_.avail_in = zlib_size(input.size());
    z_.next_out = reinterpret_cast<Bytef*>(output.data());
    const uInt room = zlib_size(output.size());
    z_.avail_out = room;
    const std::size_t offered = z_.avail_in;
    const bool all = offered == input.size();

    const int code = ::deflate(&z_, all ? zlib_flush(mode) : Z_NO_FLUSH);
    const bool refused = // also input after the end
        code == Z_BUF_ERROR && z_.avail_in > 0 && z_.avail_out > 0;
    if (code == Z_STREAM_ERROR || refused)
        throw std::logic_error("deflate: a stream that has ended is "
                               "written to");
    const bool complete =
        all && z_.avail_in == 0 &&
        (mode == flush::finish ? code == Z_STREAM_END : z_.avail_out > 0);
    return {offered - z_.avail_in, room - z_.avail_out, complete};
}
//! [deflate_step]

//! [deflate_write]
deflate_step deflate_stream::write(std::span<const std::byte> input,
                                   std::span<std::byte> output,
                                   flush mode) {
    if (output.empty())
        throw std::invalid_argument("deflate: no room for output");
    if (!spilled_.empty()) {
        const std::size_t taken = take_spilled(output);
        return {0, taken,
                spilled_.empty() && complete_after_spill_ &&
                    input.empty()};
    }
    if (mode == flush::none || output.size() >= least_flush_output)
        return deflate(input, output, mode);

    const deflate_step step = deflate(input, spill_, mode);
    spilled_ = std::span(spill_).first(step.produced);
    complete_after_spill_ = step.complete;
    const std::size_t taken = take_spilled(output);
    return {step.consumed, taken, step.complete && spilled_.empty()};
}
//! [deflate_write]

std::size_t deflate_stream::take_spilled(std::span<std::byte> output) {
    const std::size_t size = std::min(spilled_.size(), output.size());
    std::memcpy(output.data(), spilled_.data(), size);
    spilled_ = spilled_.subspan(size);
    return size;
}

} // namespace compression
