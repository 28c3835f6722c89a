#include "measurements.hpp"
#include "zlib/deflate_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>

#include <malloc.h>
#include <unistd.h>

namespace compression {

namespace {

struct setting {
    int window_bits, memory_level;
};
constexpr std::array settings{
    setting{15, 9}, setting{15, 8}, setting{14, 8}, setting{13, 6},
    setting{12, 5}, setting{10, 3}, setting{9, 1}};

voidpf count_and_allocate(voidpf sum, uInt items, uInt size) {
    *static_cast<double*>(sum) += double(items) * double(size);
    return std::calloc(items, size);
}

void give_back(voidpf, voidpf memory) {
    std::free(memory);
}

// What zlib asks the allocator for.
double asked_by_deflate(const setting& one) {
    double sum = 0;
    z_stream z{};
    z.zalloc = count_and_allocate;
    z.zfree = give_back;
    z.opaque = &sum;
    ::deflateInit2(&z, 6, Z_DEFLATED, one.window_bits, one.memory_level,
                   Z_DEFAULT_STRATEGY);
    ::deflateEnd(&z);
    return sum;
}

// The same for inflating, which allocates its window at the first output
// that is kept.
double asked_by_inflate(const setting& one) {
    auto packed = compress(measured_data(kind::json_log, 1 << 16),
                           {.window_bits = one.window_bits});
    double sum = 0;
    z_stream z{};
    z.zalloc = count_and_allocate;
    z.zfree = give_back;
    z.opaque = &sum;
    ::inflateInit2(&z, one.window_bits);
    std::array<Bytef, 1024> out;
    z.next_in = reinterpret_cast<Bytef*>(packed.data());
    z.avail_in = static_cast<uInt>(packed.size());
    z.next_out = out.data();
    z.avail_out = out.size();
    ::inflate(&z, Z_NO_FLUSH);
    ::inflateEnd(&z);
    return sum;
}

double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double whole = 0, resident = 0;
    file >> whole >> resident;
    return resident * double(::sysconf(_SC_PAGESIZE));
}

// By how much the process grows for each of many connections whose
// compressor has been used.
double resident_for_each(const deflate_settings& chosen, bool smoke) {
    const std::size_t connections = smoke ? 4 : 64;
    const auto data = measured_data(kind::json_log, 1 << 17);
    byte_vector block(65536);
    std::vector<std::unique_ptr<deflate_stream>> streams;
    streams.reserve(connections);
    ::malloc_trim(0); // what was used before must not be used again
    const double before = resident_bytes();
    for (std::size_t i = 0; i < connections; ++i) {
        streams.push_back(std::make_unique<deflate_stream>(chosen));
        deflate_all(*streams.back(), data, deflate_stream::flush::sync,
                    block, [](auto) {});
    }
    return (resident_bytes() - before) / double(connections);
}

measure::counters measure_setting(const setting& one, bool smoke) {
    const deflate_settings chosen{.window_bits = one.window_bits,
                                  .memory_level = one.memory_level};
    const auto data = measured_data(kind::json_log, 1 << 18);
    const auto size = double(data.size());
    return {
        {"asked_bytes", asked_by_deflate(one)},
        {"computed_bytes", double(deflate_memory(chosen))},
        {"resident_bytes", resident_for_each(chosen, smoke)},
        {"inflate_asked_bytes", asked_by_inflate(one)},
        {"inflate_computed_bytes", double((1 << one.window_bits) + 7160)},
        {"ratio", size / double(compress(data, chosen).size())},
        {"window_bits", double(one.window_bits)},
        {"memory_level", double(one.memory_level)}};
}

std::string name(const setting& one) {
    return fmt::format("memory/{}-{}", one.window_bits, one.memory_level);
}

measure::finding decide(const measure::results& measured) {
    double worst = 0;
    std::size_t computed_right = 0, runs = 0;
    for (const setting& one : settings) {
        const auto of = [&](const char* counter) {
            return measured.median_of(name(one), counter);
        };
        if (of("asked_bytes") == 0)
            return {"not measured", measure::verdict::inconclusive};
        for (const auto& [asked, computed] :
             {std::pair("asked_bytes", "computed_bytes"),
              std::pair("inflate_asked_bytes", "inflate_computed_bytes")})
            for (const double bytes : measured.of(name(one), asked)) {
                const double off = std::abs(bytes / of(computed) - 1);
                worst = std::max(worst, off);
                computed_right += off <= 0.02;
                ++runs;
            }
    }
    const auto kib = [&](const setting& one) {
        return measured.median_of(name(one), "asked_bytes") / 1024;
    };
    return {fmt::format("off by at most {:.1f} %; {:.0f} KiB for a "
                        "compressor with 15 window bits and memory level "
                        "8, {:.0f} KiB with 12 and 5",
                        100 * worst, kib({15, 8}), kib({12, 5})),
            measure::decided_by(
                {measure::in_every_run(computed_right, runs)}),
            fmt::format("off by at most {:.1f} %", 100 * worst)};
}

} // namespace

void measure_memory(measure::experiment& experiment) {
    for (const setting& one : settings)
        experiment.measure(name(one), 2, [=](bool smoke) {
            return measure_setting(one, smoke);
        });
    experiment.decide({"memory-is-computed",
                       "zlib asks for the memory that its formula says, "
                       "within 2 %",
                       "-", decide});
}

} // namespace compression
