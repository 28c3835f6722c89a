// What chapter 4 measures, and the claims that it decides.
#include "measurements.hpp"
#include "show.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace {

// Where the packets of the ladders are kept, beside the results: none
// unless everything is measured.
std::filesystem::path file_of_ladders(const measure::request& asked) {
    if (asked.smoke || asked.filter != ".")
        return {};
    return std::filesystem::path(COURSE_CHAPTER_DIR) / "experiment" /
           "results" /
           (asked.reference ? "ladder.json" : "yours-ladder.json");
}

void measure_all(measure::experiment& experiment,
                 const measure::request& asked) {
    const auto wanted = asked.smoke ? tcp_nodelay::run_scope::smoke
                                    : tcp_nodelay::run_scope::everything;
    tcp_nodelay::measure_patterns(experiment);
    tcp_nodelay::measure_distance(experiment, wanted);
    const auto ladders =
        tcp_nodelay::record_ladders(experiment, file_of_ladders(asked));
    tcp_nodelay::measure_wire(experiment, wanted);
    tcp_nodelay::measure_where(experiment, COURSE_CHAPTER_DIR "/python",
                               wanted);
    tcp_nodelay::measure_cork(experiment, wanted);
    tcp_nodelay::measure_bulk(experiment);
    experiment.show([ladders](const measure::results& measured) {
        tcp_nodelay::show(measured.json(), *ladders);
    });
}

} // namespace

int main(int argc, char** argv) {
    measure::experiment experiment("tcp-nodelay",
                                   COURSE_CHAPTER_DIR "/experiment");
    experiment.headline(
        "^(loopback/separate(\\+nodelay|\\+quickack)?$|paired/|first/"
        "|ladder/)",
        9);
    return experiment.run(argc, argv, [&](const measure::request& asked) {
        if (const auto reason = netlab::why_unavailable())
            fmt::print(stderr, "skipped: what needs netlab: {}\n",
                       *reason);
        measure_all(experiment, asked);
    });
}
