/// @file
/// An experiment: cases that are measured in random order, and claims that they decide.
#pragma once

#include "results.hpp"
#include "statistics.hpp"

#include <functional>
#include <string>
#include <vector>

namespace measure {

/// What the figures say of a claim.
enum class verdict { holds, holds_in_part, does_not_hold, inconclusive };

/// In words: "holds in part".
std::string to_string(verdict verdict);

/// A claim's figure, in words with numbers and units, and its verdict.
struct finding {
    std::string figure;
    measure::verdict verdict;
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
/// that it works. It throws when what arrived is not what was sent.
using measurement = std::function<counters(bool smoke)>;

/// Runs the cases by Google Benchmark, repeated and randomly interleaved, shows progress, keeps
/// the results file whole after each repetition, decides the claims and prints the ledger.
///
/// Not thread-safe, and one in a process: Google Benchmark's list of cases and the handler of
/// SIGINT are the process's. Cases and claims are called in the thread of run(), one at a time.
class experiment {
public:
    /// @param chapter the chapter's name; @param directory its folder, below which results/ is.
    experiment(std::string chapter, std::filesystem::path directory);

    /// Adds a case, to be repeated so often; a smoke run repeats it twice.
    void measure(std::string name, int repetitions, measurement body);

    /// Adds cases that are compared with one another: each repetition measures all of them, one
    /// right after the other in random order, so that what the machine does meanwhile does it
    /// to all. Their repetitions of the same index are the pairs of paired_ratio().
    void measure_together(int repetitions,
                          std::vector<std::pair<std::string, measurement>> cases);

    /// Adds a claim; the ledger has them in this order.
    void decide(claim claim);

    /// What the tour of all chapters measures here: the cases whose name matches @p pattern (a
    /// regular expression), repeated at most so often. It should take half a minute.
    void headline(std::string pattern, int repetitions);

    /// The experiment's main. @returns its exit code: 0; 1 when a case failed; 2 for a wrong
    /// argument; 130 after Ctrl-C, with what had been measured kept.
    int run(int argc, char** argv);

private:
    struct options;
    struct run_state;
    struct group {
        int repetitions;
        std::vector<std::pair<std::string, measurement>> cases;
    };

    void select(const options& chosen);
    void run_cases(const options& chosen);
    std::filesystem::path file_to_keep(const options& chosen) const;
    void report(run_state& state) const;
    void print_kept() const;
    nlohmann::ordered_json decide_all(const results& measured, bool tour) const;

    std::string chapter_;
    std::filesystem::path directory_;
    std::vector<group> groups_;
    std::vector<claim> claims_;
    std::string headline_ = ".";
    int headline_repetitions_ = 1;
};

} // namespace measure
