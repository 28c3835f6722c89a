#include "progress.hpp"

#include "terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace measure {

progress::progress(int total) : terminal_(columns_of(STDERR_FILENO) > 0), total_(total) {}

// The last column stays empty: a terminal would go on in the next line, which nothing clears.
void progress::rewrite(const std::string& text) const {
    const std::size_t columns = columns_of(STDERR_FILENO);
    fmt::print(stderr, "\r\033[K{}", cut(text, columns > 0 ? columns - 1 : 0));
    std::fflush(stderr);
}

// The first cases say little of the others: an estimate after one was ten times too long.
std::string progress::time_left() const {
    if (done_ < std::max(3, total_ / 20))
        return "";
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin_;
    const double left = spent.count() / done_ * (total_ - done_);
    return left < 120 ? fmt::format(" about {:.0f} s left", left)
                      : fmt::format(" about {:.0f} min left", left / 60);
}

void progress::start(const std::string& name) {
    name_ = name;
    if (terminal_)
        rewrite(fmt::format("[{}/{}]{}  {} ...", done_ + 1, total_, time_left(), name_));
}

void progress::finish(const counters& measured) {
    ++done_;
    std::string line = fmt::format("[{}/{}]{}  {}", done_, total_, time_left(), name_);
    if (!measured.empty())
        line += fmt::format(": {} {:.6g}", measured.front().first, measured.front().second);
    if (terminal_)
        rewrite(line);
    else if (done_ % std::max(1, total_ / 10) == 0 || done_ == total_)
        fmt::print(stderr, "{}\n", line);
}

void progress::end() {
    if (terminal_)
        rewrite("");
}

} // namespace measure
