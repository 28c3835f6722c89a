#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace measure {

progress::progress(int total) : terminal_(::isatty(STDERR_FILENO) == 1), total_(total) {}

void progress::start(const std::string& name) {
    name_ = name;
    if (terminal_)
        fmt::print(stderr, "\r\033[K[{}/{}] {} ...", done_ + 1, total_, name_);
}

void progress::finish(const counters& measured) {
    ++done_;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin_;
    const double left = spent.count() / done_ * (total_ - done_);
    std::string first;
    if (!measured.empty())
        first = fmt::format("{} {:.6g}", measured.front().first, measured.front().second);
    if (terminal_)
        fmt::print(stderr, "\r\033[K[{}/{}] {}: {}   about {:.0f} s left", done_, total_, name_,
                   first, left);
    else if (done_ % std::max(1, total_ / 10) == 0 || done_ == total_)
        fmt::print(stderr, "[{}/{}] {}: {}, about {:.0f} s left\n", done_, total_, name_, first,
                   left);
    std::fflush(stderr);
}

void progress::end() {
    if (terminal_)
        fmt::print(stderr, "\r\033[K");
}

} // namespace measure
