// What chapter 6 measures, and the claims that it decides. `--full` adds
// links, other programs and repetitions; `--again PATTERN` measures the
// groups with a case that matches, and keeps the others' results.
#include "measurements.hpp"

#include "common/netlab/library/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

using namespace file_transfer;

namespace {

bool take(std::vector<char*>& arguments, const char* option) {
    return std::erase_if(arguments, [&](const char* one) {
               return std::strcmp(one, option) == 0;
           }) > 0;
}

// The word after an option.
std::optional<std::string> take_value(std::vector<char*>& arguments,
                                      const char* option) {
    const auto found =
        std::ranges::find_if(arguments, [&](const char* one) {
            return std::strcmp(one, option) == 0;
        });
    if (found == arguments.end() || found + 1 == arguments.end())
        return std::nullopt;
    const std::string value = found[1];
    arguments.erase(found, found + 2);
    return value;
}

bool has(const std::vector<char*>& arguments, const char* option) {
    return std::ranges::any_of(arguments, [&](const char* one) {
        return std::strcmp(one, option) == 0;
    });
}

void measure_all(plan& plan) {
    measure_ablation(plan);
    measure_large(plan);
    measure_peers(plan);
    measure_levels(plan);
    measure_connections(plan);
    measure_attack(plan);
    measure_memory(plan);
}

} // namespace

int main(int argc, char** argv) {
    std::vector<char*> arguments(argv, argv + argc);
    extent much{.smoke = has(arguments, "--smoke"),
                .full = take(arguments, "--full")};
    const auto again = take_value(arguments, "--again");
    measure::experiment experiment("file-transfer", COURSE_CHAPTER_DIR "/experiment");
    if (const auto reason = netlab::why_unavailable()) {
        fmt::print(stderr, "experiment: no links: {}\n", *reason);
        much.none = true;
        experiment.measure("links/none", 1, [](bool) {
            return measure::counters{{"links", 0}};
        });
    }
    const bool reference = has(arguments, "--reference");
    plan plan(experiment, much, again,
              std::filesystem::path(COURSE_CHAPTER_DIR) / "experiment" / "results" /
                  (reference ? "reference.json" : "yours.json"));
    measure_all(plan);
    experiment.headline("^mixed/(loopback|lan|home)/with(out)?_all$", 2);
    arguments.push_back(nullptr);
    return experiment.run(static_cast<int>(arguments.size()) - 1,
                          arguments.data());
}
