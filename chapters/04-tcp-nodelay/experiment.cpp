// What chapter 4 measures, and the claims that it decides.
#include "measurements.hpp"
#include "show.hpp"

#include <string_view>

namespace {

using std::filesystem::path;

// What the run keeps: its results, and beside them the packets of the
// ladders. Nothing unless everything is measured.
struct kept {
    path results, ladders;
};

kept what_is_kept(std::span<char*> words) {
    const auto asked = [&](std::string_view option) {
        return std::ranges::any_of(words, [&](std::string_view word) {
            return word.starts_with(option);
        });
    };
    if (asked("--smoke") || asked("--filter"))
        return {};
    const path folder = path(COURSE_CHAPTER_DIR) / "results";
    if (asked("--reference"))
        return {folder / "reference.json", folder / "ladder.json"};
    return {folder / "yours.json", folder / "yours-ladder.json"};
}

} // namespace

int main(int argc, char** argv) {
    if (const auto reason = netlab::why_unavailable())
        fmt::print(stderr, "skipped, what needs a network: {}\n",
                   *reason);
    const kept files = what_is_kept({argv, std::size_t(argc)});
    measure::experiment experiment("tcp-nodelay", COURSE_CHAPTER_DIR);
    tcp_nodelay::measure_patterns(experiment);
    tcp_nodelay::measure_distance(experiment);
    const auto ladders =
        tcp_nodelay::record_ladders(experiment, files.ladders);
    tcp_nodelay::measure_wire(experiment);
    tcp_nodelay::measure_where(experiment, COURSE_CHAPTER_DIR "/python");
    tcp_nodelay::measure_limits(experiment);
    const int code = experiment.run(argc, argv);
    const bool json = std::ranges::count(
        std::span(argv, std::size_t(argc)), std::string_view("--json"));
    if (code == 0 && !json && !files.results.empty() &&
        exists(files.results))
        tcp_nodelay::show(measure::read_results(files.results), *ladders);
    return code;
}
