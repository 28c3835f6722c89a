// What chapter 4 measures, and the claims that it decides.
#include "measurements.hpp"

#include <string_view>

namespace {

// Where the packets of the ladders are kept: beside the results, which
// are kept only when everything is measured.
std::filesystem::path ladder_file(int argc, char** argv) {
    std::string name = "yours-ladder.json";
    for (const std::string_view word : std::span(argv, argv + argc)) {
        if (word == "--smoke" || word.starts_with("--filter"))
            return {};
        if (word == "--reference")
            name = "ladder.json";
    }
    return std::filesystem::path(COURSE_CHAPTER_DIR) / "results" / name;
}

} // namespace

int main(int argc, char** argv) {
    if (const auto reason = netlab::why_unavailable())
        fmt::print(stderr, "skipped, what needs a network: {}\n",
                   *reason);
    measure::experiment experiment("tcp-nodelay", COURSE_CHAPTER_DIR);
    tcp_nodelay::measure_patterns(experiment);
    tcp_nodelay::measure_distance(experiment);
    tcp_nodelay::record_ladders(experiment, ladder_file(argc, argv));
    tcp_nodelay::measure_wire(experiment);
    tcp_nodelay::measure_where(experiment, COURSE_CHAPTER_DIR "/python");
    tcp_nodelay::measure_limits(experiment);
    return experiment.run(argc, argv);
}
