#include "ledger.hpp"

#include "common/program/terminal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace measure {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t indent = 15; // "does not hold" and two spaces

const json* claim_of(const json& results, const json& id) {
    if (!results.is_object())
        return nullptr;
    const json& claims = results["claims"];
    const auto found =
        std::ranges::find_if(claims, [&](const json& claim) { return claim["id"] == id; });
    return found == claims.end() ? nullptr : &*found;
}

std::string text_of(const json& claim, const char* key) {
    return claim.value(key, "");
}

// Results that were kept before claims had headlines have figures alone.
std::string headline_of(const json& claim) {
    constexpr std::size_t most = 40;
    return program::cut(text_of(claim, claim.contains("headline") ? "headline" : "figure"), most);
}

// `reference (holds) HEADLINE`: the verdict where it is another.
std::string reference_words(const json& claim, const json* reference) {
    if (!reference)
        return "";
    const std::string verdict = text_of(*reference, "verdict");
    const std::string other =
        verdict == text_of(claim, "verdict") ? "" : fmt::format("({}) ", verdict);
    return fmt::format("reference {}{}", other, headline_of(*reference));
}

bool has_colours() {
    const char* const kind = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && !std::getenv("NO_COLOR") && kind &&
           std::string_view(kind) != "dumb";
}

std::string coloured(const std::string& verdict) {
    static const bool wanted = has_colours();
    const char* const colour = verdict == "holds"           ? "32"
                               : verdict == "holds in part" ? "33"
                               : verdict == "does not hold" ? "31"
                                                            : "36";
    return wanted ? fmt::format("\033[{}m{}\033[0m", colour, verdict) : verdict;
}

void print_claim(const json& claim, const json* reference, std::size_t columns) {
    const std::string verdict = text_of(claim, "verdict");
    std::string before =
        coloured(verdict) + std::string(indent - std::min(indent, verdict.size()), ' ');
    const std::size_t room = std::max<std::size_t>(columns, 2 * indent) - indent;
    for (const std::string& line : program::wrapped(text_of(claim, "claim"), room)) {
        fmt::print("{}{}\n", before, line);
        before.assign(indent, ' ');
    }
    const std::string here = "  here " + headline_of(claim);
    const std::string there = reference_words(claim, reference);
    if (there.empty())
        fmt::print("{}\n", program::cut(here, columns));
    else if (here.size() + 3 + there.size() <= columns)
        fmt::print("{}   {}\n", here, there);
    else
        fmt::print("{}\n{}\n", program::cut(here, columns), program::cut("  " + there, columns));
}

std::ptrdiff_t count_of(const json& claims, const char* verdict) {
    return std::ranges::count_if(
        claims, [&](const json& claim) { return claim["verdict"] == verdict; });
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
        if (const auto count = count_of(claims, each.verdict))
            parts.push_back(fmt::format("{} {}", count, count == 1 ? each.one : each.more));
    return fmt::format("{} claim{}: {}", claims.size(), claims.size() == 1 ? "" : "s",
                       parts.empty() ? "none decided"
                                     : fmt::format("{}", fmt::join(parts, ", ")));
}

// Of the chapter's claims; those that are not measured here are known from the reference.
std::size_t all_claims(const json& here, const json& reference) {
    return reference.is_object() ? std::max(reference["claims"].size(), here["claims"].size())
                                 : here["claims"].size();
}

void say(const std::string& text) {
    for (const std::string& line : program::wrapped(text, program::width_of(STDOUT_FILENO)))
        fmt::print("{}\n", line);
}

} // namespace

void print_unmeasured(const json& reference) {
    for (const json& there : reference["claims"]) {
        json here = there;
        here["verdict"] = here["headline"] = "not measured";
        print_claim(here, &there, program::width_of(STDOUT_FILENO));
    }
    const std::size_t count = reference["claims"].size();
    fmt::print("\n");
    say(fmt::format("{} claim{}, not measured here", count, count == 1 ? "" : "s"));
    std::fflush(stdout);
}

void print_decided(const json& here, const json& reference, const std::string& command) {
    auto decided = json::array();
    for (const json& claim : here["claims"])
        if (claim["verdict"] != "inconclusive")
            decided.push_back(claim);
    for (const json& claim : decided)
        print_claim(claim, claim_of(reference, claim["id"]), program::width_of(STDOUT_FILENO));
    const std::size_t all = all_claims(here, reference);
    fmt::print("\n");
    say(counted(decided) + (all > decided.size() ? fmt::format("; {} more: {}",
                                                               all - decided.size(), command)
                                                 : ""));
    std::fflush(stdout);
}

void add_to_tally(const std::string& file, const json& here, const json& reference) {
    const auto hold = count_of(here["claims"], "holds"),
               part = count_of(here["claims"], "holds in part"),
               not_so = count_of(here["claims"], "does not hold");
    std::ofstream out(file, std::ios::app);
    out << fmt::format("{} {} {} {}\n", hold, part, not_so,
                       static_cast<std::ptrdiff_t>(all_claims(here, reference)) - hold -
                           part - not_so)
        << std::flush;
    if (!out)
        throw std::system_error(errno, std::generic_category(), "write " + file);
}

void print_ledger(const json& here, const json& reference, const std::string& command) {
    const std::size_t columns = program::width_of(STDOUT_FILENO);
    std::vector<std::string> differing;
    std::size_t known = 0; // to the reference too
    for (const json& claim : here["claims"]) {
        const json* const other = claim_of(reference, claim["id"]);
        print_claim(claim, other, columns);
        known += other != nullptr;
        if (other && (*other)["verdict"] != claim["verdict"])
            differing.push_back(fmt::format("{}: {} here, {} there", text_of(claim, "claim"),
                                            text_of(claim, "verdict"),
                                            text_of(*other, "verdict")));
    }
    fmt::print("\n");
    say(counted(here["claims"]) +
        (known > 0 && differing.empty() ? ", as on the reference machine" : ""));
    if (!differing.empty())
        say("not as on the reference machine:");
    for (const std::string& one : differing)
        say(one);
    if (reference.is_object() && reference["claims"].size() > known)
        say(fmt::format("{} more: {}", reference["claims"].size() - known, command));
    std::fflush(stdout);
}

} // namespace measure
