#include "measurements.hpp"
#include "transfer/transfer_frames.hpp"
#include "zlib/deflate_stream.hpp"

#include "common/measure/processor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace compression {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::array levels{1, 6};

byte_vector one_buffer(std::span<const std::byte> data, int level) {
    z_stream z{};
    ::deflateInit(&z, level);
    byte_vector out(::deflateBound(&z, data.size()));
    z.next_in =
        reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
    z.avail_in = static_cast<uInt>(data.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    ::deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    ::deflateEnd(&z);
    return out;
}

byte_vector in_blocks(std::span<const std::byte> data, int level) {
    using flush = deflate_stream::flush;
    deflate_stream stream({.level = level});
    byte_vector block(chunk_size), out;
    const auto keep = [&](auto piece) {
        out.insert(out.end(), piece.begin(), piece.end());
    };
    for (auto left = data; !left.empty();) {
        const auto piece = left.first(std::min(left.size(), chunk_size));
        deflate_all(stream, piece, flush::none, block, keep);
        left = left.subspan(piece.size());
    }
    deflate_all(stream, {}, flush::finish, block, keep);
    return out;
}

template <class Way>
measure::counters time_of(Way way, int level, bool smoke) {
    const auto data =
        measured_data(kind::json_log, smoke ? 1 << 18 : 8 << 20);
    const std::int64_t cpu = measure::cpu_ns();
    const auto start = clock::now();
    const byte_vector out = way(data, level);
    const std::chrono::duration<double> time = clock::now() - start;
    const std::int64_t used = measure::cpu_ns() - cpu;
    if (!std::ranges::equal(inflate(out, data.size()), data))
        throw std::runtime_error("what came back differs");
    const auto bytes = static_cast<double>(data.size());
    return {{"mb_per_s", bytes / time.count() / 1e6},
            {"cpu_ns_per_kib", double(used) / bytes * 1024},
            {"ratio", bytes / double(out.size())}};
}

measure::finding decide(const measure::results& measured) {
    constexpr double least = 0.95; // of the speed: the time, inverted
    std::string figure;
    measure::interval slowest{};
    std::vector<measure::answer> cases;
    for (const int level : levels) {
        const auto of = [&](const char* way) {
            return measured.of(
                fmt::format("streaming/zlib-{}/{}", level, way),
                "cpu_ns_per_kib");
        };
        if (of("blocks").size() < 2)
            return {"not measured", measure::verdict::inconclusive};
        const auto speed =
            measure::paired_ratio(of("one_buffer"), of("blocks"));
        const auto noise = measure::paired_ratio(of("one_buffer"),
                                                 of("one_buffer_again"));
        figure += fmt::format("{}level {}: {:.2f} of it ({}; against "
                              "itself {})",
                              figure.empty() ? "" : "; ", level,
                              speed.value, bounds(speed), bounds(noise));
        if (slowest.count == 0 || speed.value < slowest.value)
            slowest = speed;
        cases.push_back(measure::at_least(speed, least, noise));
    }
    return {figure, measure::decided_by(cases),
            fmt::format("{:.2f} of the speed, {} pairs", slowest.value,
                        slowest.count)};
}

} // namespace

void measure_streaming(measure::experiment& experiment) {
    for (const int level : levels) {
        const auto name = [&](const char* way) {
            return fmt::format("streaming/zlib-{}/{}", level, way);
        };
        const auto with = [&](auto way) {
            return [=](bool smoke) { return time_of(way, level, smoke); };
        };
        experiment.measure_together(
            21, {{name("one_buffer"), with(one_buffer)},
                 {name("one_buffer_again"), with(one_buffer)},
                 {name("blocks"), with(in_blocks)}});
    }
    experiment.decide({"streaming-is-free",
                       "Compressing in blocks of 64 KiB reaches 0.95 of "
                       "zlib's speed on "
                       "one buffer",
                       "-", decide});
}

} // namespace compression
