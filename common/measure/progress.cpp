#include "progress.hpp"

#include "common/program/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace measure {

progress::progress(std::vector<std::pair<std::string, double>> expected)
    : terminal_(program::columns_of(STDERR_FILENO) > 0), total_(static_cast<int>(expected.size())) {
    double known = 0;
    int number = 0;
    for (const auto& [name, seconds] : expected)
        if (seconds > 0)
            known += seconds, ++number;
    const double usual = number > 0 ? known / number : 1; // of one that is not known
    for (const auto& [name, seconds] : expected)
        all_ += each_[name] = seconds > 0 ? seconds : usual;
}

// The last column stays empty: a terminal would go on in the next line, which nothing clears.
void progress::rewrite(const std::string& text) const {
    const std::size_t columns = program::columns_of(STDERR_FILENO);
    fmt::print(stderr, "\r\033[K{}", program::cut(text, columns > 0 ? columns - 1 : 0));
    std::fflush(stderr);
}

// One case takes a thousand times as long as another: what each took elsewhere is the measure
// of how far this run is.
std::string progress::time_left() const {
    if (done_ < 3 || passed_ < all_ / 50)
        return "";
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin_;
    const double left = spent.count() / passed_ * (all_ - passed_);
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
    passed_ += each_[name_];
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
