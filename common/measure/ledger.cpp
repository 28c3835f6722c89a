#include "ledger.hpp"

#include "terminal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace measure {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t indent = 15; // "does not hold" and two spaces

std::vector<std::string> wrap(const std::string& text, std::size_t width) {
    std::vector<std::string> lines(1);
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width)
            lines.emplace_back();
        lines.back() += (lines.back().empty() ? "" : " ") + word;
    }
    return lines;
}

const json* claim_of(const json& results, const json& id) {
    if (!results.is_object())
        return nullptr;
    const json& claims = results["claims"];
    const auto found =
        std::ranges::find_if(claims, [&](const json& claim) { return claim["id"] == id; });
    return found == claims.end() ? nullptr : &*found;
}

// `reference (holds): FIGURE`: the verdict where it is another.
std::string reference_words(const json& claim, const json* reference) {
    if (!reference)
        return "";
    const std::string other =
        (*reference)["verdict"] == claim["verdict"]
            ? ""
            : fmt::format(" ({})", (*reference)["verdict"].get<std::string>());
    return fmt::format("reference{}: {}", other, (*reference)["figure"].get<std::string>());
}

void print_claim(const json& claim, const json* reference, std::size_t columns) {
    std::string before = fmt::format("{:<{}}", claim["verdict"].get<std::string>(), indent);
    const std::size_t room = std::max<std::size_t>(columns, 2 * indent) - indent;
    for (const std::string& line : wrap(claim["claim"], room)) {
        fmt::print("{}{}\n", before, line);
        before.assign(indent, ' ');
    }
    const std::string here = fmt::format("here: {}", claim["figure"].get<std::string>());
    const std::string there = reference_words(claim, reference);
    constexpr std::size_t readable = 100; // where nothing limits a line
    if (here.size() + 3 + there.size() <= std::min(room, readable) && !there.empty()) {
        fmt::print("{}{}   {}\n", before, here, there);
        return;
    }
    for (const std::string& line : {here, there})
        if (!line.empty())
            fmt::print("{}{}\n", before, cut(line, room));
}

// `5 claims: 2 hold, 1 does not`.
std::string counted(const json& claims) {
    struct form {
        const char *verdict, *one, *more;
    };
    constexpr std::array<form, 4> forms{{{"holds", "holds", "hold"},
                                         {"holds in part", "in part", "in part"},
                                         {"does not hold", "does not", "do not"},
                                         {"inconclusive", "inconclusive", "inconclusive"}}};
    std::vector<std::string> parts;
    for (const form& each : forms)
        if (const auto count = std::ranges::count_if(
                claims, [&](const json& claim) { return claim["verdict"] == each.verdict; }))
            parts.push_back(fmt::format("{} {}", count, count == 1 ? each.one : each.more));
    return fmt::format("{} claim{}: {}", claims.size(), claims.size() == 1 ? "" : "s",
                       parts.empty() ? "none decided"
                                     : fmt::format("{}", fmt::join(parts, ", ")));
}

std::size_t columns_of_output() {
    constexpr std::size_t piped = 1'000'000;
    const std::size_t terminal = columns_of(STDOUT_FILENO);
    return terminal > 0 ? terminal : piped;
}

} // namespace

void print_unmeasured(const json& reference) {
    const std::string not_measured = "not measured";
    for (const json& there : reference["claims"]) {
        json here = there;
        here["verdict"] = here["figure"] = not_measured;
        print_claim(here, &there, columns_of_output());
    }
    const std::size_t count = reference["claims"].size();
    fmt::print("\n{}, not measured here\n",
               count == 1 ? "1 claim" : fmt::format("{} claims", count));
    std::fflush(stdout);
}

void print_ledger(const json& here, const json& reference) {
    const std::size_t columns = columns_of_output();
    std::size_t differing = 0;
    std::size_t known = 0; // to the reference too
    for (const json& claim : here["claims"]) {
        const json* const other = claim_of(reference, claim["id"]);
        known += other != nullptr;
        differing += other && (*other)["verdict"] != claim["verdict"];
        print_claim(claim, other, columns);
    }
    std::string summary = counted(here["claims"]);
    if (differing > 0)
        summary += fmt::format(
            "; {} not as on the reference machine, whose verdict stands in brackets",
            differing);
    else if (known > 0)
        summary += "; as on the reference machine";
    if (reference.is_object() && reference["claims"].size() > known)
        summary +=
            fmt::format("; {} more need the whole run", reference["claims"].size() - known);
    fmt::print("\n");
    for (const std::string& line : wrap(summary, columns))
        fmt::print("{}\n", line);
    std::fflush(stdout);
}

} // namespace measure
