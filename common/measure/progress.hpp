/// @file
/// What a reader sees of a long run: how far it is, how long it will take, what it measured
/// last.
#pragma once

#include "results.hpp"

#include <chrono>
#include <string>

namespace measure {

/// Prints on standard error: one line that is rewritten on a terminal, and never wider than
/// that; a line for about every tenth of the run elsewhere. Not thread-safe.
class progress {
public:
    /// @param total how many repetitions of all cases there will be.
    explicit progress(int total);

    /// A repetition of the case @p name begins.
    void start(const std::string& name);
    /// It has ended; its first counter is shown.
    void finish(const counters& measured);

    /// Clears the line on a terminal.
    void end();

private:
    void rewrite(const std::string& text) const;
    std::string time_left() const;

    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::string name_;
    bool terminal_;
    int total_;
    int done_ = 0;
};

} // namespace measure
