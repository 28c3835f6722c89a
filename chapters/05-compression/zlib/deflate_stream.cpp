#include "deflate_stream.hpp"

#include "zlib_arguments.hpp"

#include <new>
#include <stdexcept>

namespace compression {

namespace {

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
    ended_ = false;
}
//! [deflate_stream]

//! [deflate_write]
deflate_step deflate_stream::write(std::span<const std::byte> input,
                                   std::span<std::byte> output,
                                   flush mode) {
    const bool marks = mode == flush::sync || mode == flush::full;
    if (output.size() < (marks ? flush_room : 1))
        throw std::invalid_argument("deflate: too little room");
    if (ended_)
        throw std::logic_error("deflate: the stream has ended");

    // zlib declares its input without const, and does not write to it.
    z_.next_in =
        reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    z_.next_out = reinterpret_cast<Bytef*>(output.data());
    const uInt offered = zlib_size(input.size()); // at most 4 GiB
    const uInt room = zlib_size(output.size());
    z_.avail_in = offered;
    z_.avail_out = room;
    const bool last = offered == input.size(); // or the flush is later
    const int code = ::deflate(&z_, last ? zlib_flush(mode) : Z_NO_FLUSH);

    // zlib has counted down what it took, and the room that it used.
    ended_ = code == Z_STREAM_END;
    const bool all_taken = last && z_.avail_in == 0;
    const bool all_out =
        mode == flush::finish ? ended_ : z_.avail_out > 0;
    return {offered - z_.avail_in, room - z_.avail_out,
            all_taken && all_out};
}
//! [deflate_write]

} // namespace compression
