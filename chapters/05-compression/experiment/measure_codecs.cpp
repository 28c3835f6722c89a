#include "break-even/codecs.hpp"
#include "measurements.hpp"

#include <fmt/format.h>

namespace compression {

namespace {

measure::counters measure_one(const codec& codec, kind what, bool smoke) {
    const auto data = measured_data(what, smoke ? 1 << 14 : 1 << 20);
    const auto speed = measure_speed(codec, data, smoke ? 0 : 0.02);
    const auto ns_per_kib = [](double bytes_per_second) {
        return 1024e9 / bytes_per_second;
    };
    return {{"ratio", speed.ratio},
            {"compress_mb_per_s", speed.compress_bytes_per_second / 1e6},
            {"inflate_mb_per_s", speed.inflate_bytes_per_second / 1e6},
            {"compress_ns_per_kib",
             ns_per_kib(speed.compress_bytes_per_second)},
            {"inflate_ns_per_kib",
             ns_per_kib(speed.inflate_bytes_per_second)}};
}

} // namespace

void measure_codecs(measure::experiment& experiment) {
    for (const kind what : all_kinds) {
        std::vector<std::pair<std::string, measure::measurement>> cases;
        for (const codec& one : codecs())
            cases.emplace_back(
                fmt::format("codec/{}/{}", name_of(what), one.name),
                [&one, what](bool smoke) {
                    return measure_one(one, what, smoke);
                });
        experiment.measure_together(3, std::move(cases));
    }
}

} // namespace compression
