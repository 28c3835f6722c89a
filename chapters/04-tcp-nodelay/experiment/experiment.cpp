// What chapter 4 measures, and the claims that it decides.
#include "measurements.hpp"
#include "show.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace {

using std::filesystem::path;

// What the run keeps: its results, and beside them the packets of the
// ladders. Nothing unless everything is measured.
struct kept {
    path results, ladders;
};

// Whether an option is on the command line, which measure::experiment
// reads later.
bool asked(std::span<char*> words, std::string_view option) {
    return std::ranges::any_of(words, [&](std::string_view word) {
        return word.starts_with(option);
    });
}

kept what_is_kept(std::span<char*> words) {
    if (asked(words, "--smoke") || asked(words, "--filter"))
        return {};
    const path folder = path(COURSE_CHAPTER_DIR) / "experiment" / "results";
    if (asked(words, "--reference"))
        return {folder / "reference.json", folder / "ladder.json"};
    return {folder / "yours.json", folder / "yours-ladder.json"};
}

} // namespace

int main(int argc, char** argv) {
    if (const auto reason = netlab::why_unavailable())
        fmt::print(stderr, "skipped: what needs netlab: {}\n", *reason);
    const std::span words(argv, std::size_t(argc));
    const kept files = what_is_kept(words);
    const auto wanted = asked(words, "--smoke")
                            ? tcp_nodelay::extent::smoke
                            : tcp_nodelay::extent::all;
    measure::experiment experiment("tcp-nodelay", COURSE_CHAPTER_DIR "/experiment");
    tcp_nodelay::measure_patterns(experiment);
    tcp_nodelay::measure_distance(experiment, wanted);
    const auto ladders =
        tcp_nodelay::record_ladders(experiment, files.ladders);
    tcp_nodelay::measure_wire(experiment, wanted);
    tcp_nodelay::measure_where(experiment, COURSE_CHAPTER_DIR "/python",
                               wanted);
    tcp_nodelay::measure_cork(experiment, wanted);
    tcp_nodelay::measure_bulk(experiment);
    experiment.headline(
        "^(loopback/separate(\\+nodelay|\\+quickack)?$|paired/|first/"
        "|ladder/)",
        9);
    const int code = experiment.run(argc, argv);
    const bool in_part = asked(words, "--tour") ||
                         asked(words, "--ledger") ||
                         asked(words, "--json");
    if (code == 0 && !in_part && !files.results.empty() &&
        exists(files.results))
        tcp_nodelay::show(measure::read_results(files.results), *ladders);
    return code;
}
