#include "ladder/ladder.hpp"
#include "ladder/recorded.hpp"
#include "measurements.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <fstream>

namespace tcp_nodelay {

namespace {

const std::array<variant, 4> variants{
    {{"separate", {.how = pattern::separate}},
     {"separate+nodelay", {.how = pattern::separate, .no_delay = true}},
     {"gathered", {.how = pattern::gathered}},
     {"corked", {.how = pattern::corked}}}};

std::string ladder_case(const std::string& way) {
    return fmt::format("ladder/{}", way);
}

// What is known of each ladder so far, by its name, in reading order.
using ladders = nlohmann::ordered_json;

// The rows of all, one a line.
void write(const std::filesystem::path& file, const ladders& all) {
    std::vector<std::string> lines;
    for (const variant& one : variants)
        if (all.contains(one.name))
            for (const auto& row : all.at(one.name))
                lines.push_back(row.dump());
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file);
    out << fmt::format("[\n{}\n]\n", fmt::join(lines, ",\n"));
    if (!out)
        throw std::system_error(errno, std::generic_category(),
                                "write " + file.string());
}

measure::finding decide_silence(const measure::results& measured) {
    const auto of = [&](const char* way, const char* counter) {
        return measured.median_of(ladder_case(way), counter);
    };
    if (of("separate", "whole_ms") == 0 ||
        of("gathered", "whole_ms") == 0)
        return not_measured();
    const double silent = of("separate", "silence_ms");
    const auto silences =
        measured.of(ladder_case("separate"), "silence_ms");
    return {fmt::format("of {:.1f} ms, nothing was under way for {:.1f}; "
                        "with the option {:.1f} ms, gathered {:.1f}, "
                        "corked {:.1f}, without a silence of over 5 ms",
                        of("separate", "whole_ms"), silent,
                        of("separate+nodelay", "whole_ms"),
                        of("gathered", "whole_ms"),
                        of("corked", "whole_ms")),
            measure::decided_by({measure::in_every_run(
                static_cast<std::size_t>(std::ranges::count_if(
                    silences, [](double ms) { return ms > 20; })),
                silences.size())}),
            fmt::format("{:.1f} of {:.1f} ms without a packet", silent,
                        of("separate", "whole_ms"))};
}

} // namespace

std::shared_ptr<const ladder_texts>
record_ladders(measure::experiment& experiment,
               const std::filesystem::path& file) {
    const auto all = std::make_shared<ladders>(ladders::object());
    const auto texts = std::make_shared<ladder_texts>();
    for (const variant& one : variants)
        measure_on_netlab(
            experiment, ladder_case(one.name), 3, [=](bool) {
                const auto rungs =
                    record_request({.client = one.client, .server = {}});
                (*all)[one.name] = to_rows(one.name, rungs, 5);
                (*texts)[one.name] = to_text(rungs);
                if (!file.empty())
                    write(file, *all);
                return measure::counters{
                    {"whole_ms", whole_ms(rungs)},
                    {"silence_ms", longest_silence(rungs).length_ms()},
                    {"packets", double(rungs.size())}};
            });
    experiment.decide({"both-wait", "In the stall no packet is under way",
                       "-", decide_silence});
    return texts;
}

} // namespace tcp_nodelay
