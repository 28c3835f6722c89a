#include "terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <sys/ioctl.h>
#include <unistd.h>

namespace program {

namespace {

bool begins_a_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

} // namespace

std::size_t columns_of(int descriptor) {
    if (::isatty(descriptor) != 1)
        return 0;
    winsize size{};
    std::size_t columns = 80; // of a terminal that doesn't know
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    const char* const wanted = std::getenv("COLUMNS");
    const int asked = wanted ? std::atoi(wanted) : 0;
    return asked > 0 ? std::min(columns, static_cast<std::size_t>(asked)) : columns;
}

std::size_t width_of(int descriptor) {
    constexpr std::size_t usual = 80;
    const std::size_t columns = columns_of(descriptor);
    return columns > 0 ? columns : usual;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t columns) {
    std::vector<std::string> lines(1);
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > columns)
            lines.emplace_back();
        lines.back() += (lines.back().empty() ? "" : " ") + word;
    }
    return lines;
}

namespace {

// Where the description of an option begins; else where the line does.
std::size_t hanging(const std::string& line) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t gap = line.find("  ", begin);
    return begin == 0 || gap == line.npos ? begin : line.find_first_not_of(' ', gap);
}

} // namespace

std::string wrapped_help(const std::string& help, std::size_t columns) {
    std::string all;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t indent = hanging(line);
        if (line.size() <= columns || indent + 20 > columns) {
            all += line + '\n';
            continue;
        }
        std::string before = line.substr(0, indent);
        for (const std::string& part : wrapped(line.substr(indent), columns - indent)) {
            all += before + part + '\n';
            before.assign(indent, ' ');
        }
    }
    return all;
}

std::string cut(const std::string& text, std::size_t columns) {
    const auto shown = std::ranges::count_if(text, begins_a_character);
    if (static_cast<std::size_t>(shown) <= columns)
        return text;
    const std::size_t most = columns < 2 ? 0 : columns - 2; // ".."
    std::size_t end = 0;
    for (std::size_t characters = 0; characters < most; ++characters)
        do
            ++end;
        while (!begins_a_character(text[end]));
    const std::size_t word = text.find_last_of(' ', end);
    if (word != text.npos && word >= end * 2 / 3)
        end = word;
    return text.substr(0, end) + std::string("..").substr(0, columns);
}

} // namespace program
