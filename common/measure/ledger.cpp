#include "ledger.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include <sys/ioctl.h>
#include <unistd.h>

namespace measure {

namespace {

using row = std::array<std::string, 4>;

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

void print_row(const row& cells, const std::array<std::size_t, 4>& widths) {
    std::array<std::vector<std::string>, 4> wrapped;
    std::size_t height = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        wrapped[i] = wrap(cells[i], widths[i]);
        height = std::max(height, wrapped[i].size());
    }
    for (std::size_t line = 0; line < height; ++line) {
        std::string text;
        for (std::size_t i = 0; i < 4; ++i)
            text += fmt::format("{:<{}}  ", line < wrapped[i].size() ? wrapped[i][line] : "",
                                widths[i]);
        text.erase(text.find_last_not_of(' ') + 1);
        fmt::print("{}\n", text);
    }
}

// The columns share what the terminal has; a figure needs more room than a claim.
std::array<std::size_t, 4> widths() {
    winsize size{};
    std::size_t columns = 100;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = std::clamp<std::size_t>(size.ws_col, 72, 140);
    const std::size_t left = columns - 13 - 6; // 13: "does not hold"
    return {left * 3 / 10, left * 35 / 100, left * 35 / 100, 13};
}

std::string figure_of(const nlohmann::ordered_json& results, const std::string& id) {
    if (results.is_object())
        for (const auto& claim : results["claims"])
            if (claim["id"] == id)
                return claim["figure"];
    return "-";
}

} // namespace

void print_ledger(const nlohmann::ordered_json& here, const nlohmann::ordered_json& reference) {
    const auto columns = widths();
    print_row({"claim", "reference", "here", "verdict"}, columns);
    for (const auto& claim : here["claims"]) {
        fmt::print("\n");
        print_row({claim["claim"], figure_of(reference, claim["id"]), claim["figure"],
                   claim["verdict"]},
                  columns);
    }
    std::fflush(stdout);
}

} // namespace measure
