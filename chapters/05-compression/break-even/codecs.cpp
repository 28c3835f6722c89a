#include "codecs.hpp"

#include "common/measure/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#ifdef COURSE_HAS_ZSTD
#include <zstd.h>
#endif
#ifdef COURSE_HAS_LZ4
#include <lz4.h>
#endif

namespace compression {

namespace {

using bytes_view = std::span<const std::byte>;

void check(bool fine, const char* what) {
    if (!fine)
        throw std::runtime_error(what);
}

codec zlib_codec(int level) {
    return {fmt::format("zlib-{}", level),
            [level](bytes_view data) {
                return compress(data, {.level = level});
            },
            [](bytes_view packed, std::size_t size) {
                return inflate(packed, size);
            }};
}

#ifdef COURSE_HAS_ZSTD
codec zstd_codec(int level) {
    return {fmt::format("zstd-{}", level),
            [level](bytes_view data) {
                byte_vector out(::ZSTD_compressBound(data.size()));
                const std::size_t size =
                    ::ZSTD_compress(out.data(), out.size(), data.data(),
                                    data.size(), level);
                check(!::ZSTD_isError(size), "zstd: compress");
                out.resize(size);
                return out;
            },
            [](bytes_view packed, std::size_t size) {
                byte_vector out(size);
                check(::ZSTD_decompress(out.data(), size, packed.data(),
                                        packed.size()) == size,
                      "zstd: inflate");
                return out;
            }};
}
#endif

#ifdef COURSE_HAS_LZ4
codec lz4_codec() {
    return {"lz4",
            [](bytes_view data) {
                const int size = static_cast<int>(data.size());
                byte_vector out(
                    static_cast<std::size_t>(::LZ4_compressBound(size)));
                const int used = ::LZ4_compress_default(
                    reinterpret_cast<const char*>(data.data()),
                    reinterpret_cast<char*>(out.data()), size,
                    static_cast<int>(out.size()));
                check(used > 0, "lz4: compress");
                out.resize(static_cast<std::size_t>(used));
                return out;
            },
            [](bytes_view packed, std::size_t size) {
                byte_vector out(size);
                check(::LZ4_decompress_safe(
                          reinterpret_cast<const char*>(packed.data()),
                          reinterpret_cast<char*>(out.data()),
                          static_cast<int>(packed.size()),
                          static_cast<int>(size)) ==
                          static_cast<int>(size),
                      "lz4: inflate");
                return out;
            }};
}
#endif

std::vector<codec> find_codecs() {
    std::vector<codec> found;
    for (int level = 1; level <= 9; ++level)
        found.push_back(zlib_codec(level));
#ifdef COURSE_HAS_ZSTD
    for (const int level : {1, 3, 9})
        found.push_back(zstd_codec(level));
#endif
#ifdef COURSE_HAS_LZ4
    found.push_back(lz4_codec());
#endif
    return found;
}

// The median time of one call, of as many as fit into `least` seconds.
template <class Work>
double median_seconds(double least, Work work) {
    using clock = std::chrono::steady_clock;
    std::vector<double> times;
    double sum = 0;
    while (sum < least || times.empty()) {
        const auto start = clock::now();
        work();
        const std::chrono::duration<double> time = clock::now() - start;
        times.push_back(time.count());
        sum += time.count();
    }
    return measure::median(times);
}

} // namespace

const std::vector<codec>& codecs() {
    static const std::vector<codec> all = find_codecs();
    return all;
}

codec_speed measure_speed(const codec& codec,
                          std::span<const std::byte> data,
                          double seconds) {
    byte_vector packed, back;
    const double compressing =
        median_seconds(seconds, [&] { packed = codec.compress(data); });
    const double inflating = median_seconds(
        seconds, [&] { back = codec.inflate(packed, data.size()); });
    if (!std::ranges::equal(back, data))
        throw std::runtime_error(
            codec.name + ": what came back differs from what went in");
    const auto size = static_cast<double>(data.size());
    return {size / static_cast<double>(packed.size()), size / compressing,
            size / inflating};
}

} // namespace compression
