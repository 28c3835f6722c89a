#include "terminal.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace measure {

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

} // namespace measure
