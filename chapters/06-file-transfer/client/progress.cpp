#include "progress.hpp"

#include "chapters/03-async-io/ladder/start_thread.hpp"

#include "common/program/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <unistd.h>

namespace file_transfer {

namespace {

std::string size_text(double bytes) {
    const char* unit = "B";
    for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
        if (bytes < 1024)
            break;
        bytes /= 1024;
        unit = next;
    }
    return fmt::format("{:.{}f} {}", bytes, bytes < 10 ? 1 : 0, unit);
}

// A terminal that has gone away ends no transfer.
void rewrite_line(const std::string& text) {
    std::fputs(fmt::format("\r{}\x1b[K", text).c_str(), stderr);
}

} // namespace

std::string progress_line(std::uint64_t bytes, std::uint64_t total,
                          double seconds) {
    const auto done = static_cast<double>(bytes);
    const double rate = seconds > 0 ? done / seconds : 0;
    std::string line =
        fmt::format("{}, {}/s", size_text(done), size_text(rate));
    if (total == 0)
        return line;
    const auto all = static_cast<double>(std::max(total, bytes));
    const double left = rate > 0 ? (all - done) / rate : 0;
    constexpr std::size_t width = 20;
    const auto filled = static_cast<std::size_t>(width * done / all);
    const std::string rest =
        done < all ? fmt::format("{:.0f} s left", std::ceil(left))
                   : "not yet safe";
    // What has been sent is not there: the other side's word comes last.
    const double percent = std::min(99.0, std::floor(100 * done / all));
    return fmt::format(
        "[{}{}] {:3.0f} %  {}, {}", std::string(filled, '#'),
        std::string(width - filled, ' '), percent, line, rest);
}

progress_display::progress_display(const progress_counts& counts)
    : counts_(counts), terminal_(::isatty(STDERR_FILENO) == 1),
      thread_(async_io::start_thread([this] { show(); })) {}

progress_display::~progress_display() {
    {
        const std::scoped_lock lock(mutex_);
        done_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void progress_display::show() {
    const auto begin = std::chrono::steady_clock::now();
    const std::chrono::milliseconds step(terminal_ ? 200 : 10'000);
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, step, [this] { return done_; })) {
        const std::chrono::duration<double> passed =
            std::chrono::steady_clock::now() - begin;
        const auto line = progress_line(
            counts_.bytes, counts_.total_bytes, passed.count());
        if (terminal_)
            rewrite_line(line);
        else
            program::log_line(line);
    }
    if (terminal_)
        rewrite_line("");
}

} // namespace file_transfer
