/// @file
/// What a reader sees of a long run: how far it is, how long it will take, what it measured
/// last.
#pragma once

#include "results.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace measure {

/// Prints on standard error: one line that is rewritten on a terminal, and never wider than
/// that; a line for about every tenth of the run elsewhere. Not thread-safe.
class progress {
public:
    /// @param expected every repetition that there will be: its case, and the seconds that it
    /// took elsewhere, 0 where that is not known.
    explicit progress(std::vector<std::pair<std::string, double>> expected);

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
    std::map<std::string, double> each_; // seconds elsewhere
    double all_ = 0, passed_ = 0;        // of the same
    int total_;
    int done_ = 0;
};

} // namespace measure
