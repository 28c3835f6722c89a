/// @file
/// An experiment: cases that are measured in random order, and claims that they decide.
#pragma once

#include "judgement.hpp"
#include "results.hpp"
#include "statistics.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace program {
class command_line;
}

namespace measure {

/// What was found of a claim.
struct finding {
    std::string figure;        ///< the detail: all numbers, with units and intervals
    measure::verdict verdict;
    std::string headline = {}; ///< at most 40 characters with one number, for text and terminal:
                               ///< "1.01 times, 15 pairs"; empty: the figure is as short

    static constexpr std::size_t headline_columns = 40;
};

/// A sentence that the figures decide. `decide` is called with whatever was measured, also
/// after an interrupted run, and answers inconclusive when that is too little.
struct claim {
    std::string id;      ///< for links and for the text: `receive-is-a-message`
    std::string text;    ///< the claim, as a sentence without its full stop
    std::string section; ///< of the article, or "-"
    std::function<finding(const results&)> decide;
};

/// One case: measures once and returns what it measured. @p smoke asks for as little as shows
/// that it works. It throws when what arrived is not what was sent. No counters: it has measured
/// nothing this time, and leaves no row.
using measurement = std::function<counters(bool smoke)>;

/// What the command line asks a run for.
struct request {
    bool smoke = false;       ///< as little as shows that it works
    bool tour = false;        ///< the headline alone
    bool ledger = false;      ///< no run: the ledger of the last one
    bool judge = false;       ///< no run: the claims decided anew from what is kept
    bool reference = false;   ///< the figures of the text
    bool json = false;        ///< one object on standard output
    std::string filter = "."; ///< the cases whose name this regular expression matches
    std::string tally;        ///< a file for the counts of a tour; empty: none

    /// Whether all cases are measured.
    bool is_whole() const { return !smoke && !tour && !ledger && !judge && filter == "."; }
};

/// Runs the cases by Google Benchmark, repeated and randomly interleaved, shows progress, keeps
/// what was measured, decides the claims and prints the ledger.
///
/// While it runs, its results are in `results/yours-unfinished.json`, whole after each
/// repetition. They become `yours.json` when the run has ended; those of a run that was cut
/// short only if no longer one is kept.
///
/// Not thread-safe, and one in a process: Google Benchmark's list of cases and the handler of
/// SIGINT are the process's. Cases and claims are called in the thread of run(), one at a time.
class experiment {
public:
    /// @param chapter the chapter's name; @param directory its folder, below which results/ is.
    experiment(std::string chapter, std::filesystem::path directory);
    ~experiment();
    experiment(const experiment&) = delete;
    experiment& operator=(const experiment&) = delete;

    /// For options of the chapter's own, before run().
    program::command_line& options() { return *line_; }

    /// Adds a case, to be repeated so often; a smoke run repeats it twice.
    void measure(std::string name, int repetitions, measurement body);

    /// Adds cases that are compared with one another: each repetition measures all of them, one
    /// right after the other in random order, so that what the machine does meanwhile does it
    /// to all. Their repetitions of the same index are the pairs of paired_ratio().
    void measure_together(int repetitions,
                          std::vector<std::pair<std::string, measurement>> cases);

    /// Takes the rows of some cases over from an earlier run instead of measuring them; they
    /// keep its date, commit and machine.
    /// @param kept what read_results() gives.
    void take_over(nlohmann::ordered_json kept, std::function<bool(const std::string&)> wanted);

    /// Adds a claim; the ledger has them in this order.
    void decide(claim claim);

    /// What the tour of all chapters measures here: the cases whose name matches @p pattern (a
    /// regular expression), repeated at most so often. It should take half a minute.
    void headline(std::string pattern, int repetitions);

    /// Called with the results of a whole run that is printed, before its ledger.
    void show(std::function<void(const results&)> tables) { show_ = std::move(tables); }

    /// The experiment's main.
    /// @param prepare called when the command line has been read and is right, before anything
    /// is measured: adds what depends on it. What it throws ends the run.
    /// @returns its exit code: 0; 1 when a case failed; 2 for a wrong argument; 130 after
    /// Ctrl-C, with what had been measured kept.
    int run(int argc, char** argv, const std::function<void(const request&)>& prepare = {});

private:
    struct run_state;
    struct group {
        int repetitions;
        std::vector<std::pair<std::string, measurement>> cases;
    };

    void add_options();
    void select();
    nlohmann::ordered_json facts() const;
    void run_cases();
    std::filesystem::path file_to_keep() const;
    std::string command() const;
    void report(run_state& state) const;
    void print_kept() const;
    void judge_kept() const;
    nlohmann::ordered_json decide_all(const results& measured, bool tour) const;

    std::string chapter_;
    std::filesystem::path directory_;
    std::unique_ptr<program::command_line> line_;
    request chosen_;
    std::function<void(const results&)> show_;
    std::vector<group> groups_;
    struct earlier;
    std::vector<earlier> earlier_;
    std::vector<claim> claims_;
    std::string headline_ = ".";
    int headline_repetitions_ = 1;
};

} // namespace measure
