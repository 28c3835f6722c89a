/// @file
/// What a user sees of a transfer while it runs.
#pragma once

#include "client.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace file_transfer {

/// One line, for a given moment: share, bytes, rate, time left. Never
/// 100 %: whoever asks has not heard that all is safe.
std::string progress_line(std::uint64_t bytes, std::uint64_t total,
                          double seconds);

/// Prints on standard error until it goes: a line that is rewritten on a
/// terminal, else a line every ten seconds.
class progress_display {
public:
    explicit progress_display(const progress_counts& counts);
    ~progress_display();
    progress_display(const progress_display&) = delete;
    progress_display& operator=(const progress_display&) = delete;

private:
    void show();

    const progress_counts& counts_;
    bool terminal_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::jthread thread_;
};

} // namespace file_transfer
