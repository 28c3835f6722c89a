#include "experiment.hpp"

#include "ledger.hpp"
#include "machine.hpp"
#include "progress.hpp"

#include "common/program/command_line.hpp"
#include "common/program/terminal.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <regex>

namespace measure {

namespace {

volatile std::sig_atomic_t interrupted = 0;

void note_interrupt(int) {
    interrupted = 1;
    std::signal(SIGINT, SIG_DFL); // a second Ctrl-C ends the run at once
}

// Google Benchmark would print every repetition only after the last one.
class silent_reporter : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>&) override {}
};

void run_by_google_benchmark() {
    std::vector<std::string> words{"experiment", "--benchmark_enable_random_interleaving=true"};
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    silent_reporter silent;
    benchmark::RunSpecifiedBenchmarks(&silent);
}

} // namespace

// What an earlier run has measured.
struct experiment::earlier {
    nlohmann::ordered_json kept;
    std::function<bool(const std::string&)> wanted;
};

experiment::experiment(std::string chapter, std::filesystem::path directory)
    : chapter_(std::move(chapter)), directory_(std::move(directory)),
      line_(std::make_unique<program::command_line>(
          "Measures what chapter " + chapter_ + " claims.", "experiment")) {
    add_options();
}

experiment::~experiment() = default;

void experiment::measure(std::string name, int repetitions, measurement body) {
    measure_together(repetitions, {{std::move(name), std::move(body)}});
}

void experiment::measure_together(int repetitions,
                                  std::vector<std::pair<std::string, measurement>> cases) {
    groups_.push_back({repetitions, std::move(cases)});
}

void experiment::take_over(nlohmann::ordered_json kept,
                           std::function<bool(const std::string&)> wanted) {
    earlier_.push_back({std::move(kept), std::move(wanted)});
}

void experiment::decide(claim claim) {
    claims_.push_back(std::move(claim));
}

void experiment::headline(std::string pattern, int repetitions) {
    headline_ = std::move(pattern);
    headline_repetitions_ = repetitions;
}

void experiment::add_options() {
    program::command_line& line = *line_;
    request& chosen = chosen_;
    line.flag("--smoke", chosen.smoke,
              "as little as shows that it works; decides and keeps nothing");
    const auto tour = line.flag("--tour", chosen.tour,
                                "the headline alone, in about half a minute; does not replace "
                                "the results of a whole run");
    line.text("--tally", chosen.tally,
              "add one line to this file: how many claims the tour found to hold, to hold in "
              "part, and not to hold, and how many it left undecided",
              "FILE")
        .needs(tour);
    line.flag("--ledger", chosen.ledger, "measure nothing; print the ledger of the last run");
    line.flag("--judge", chosen.judge,
              "measure nothing; decide the claims anew from the results that are kept");
    line.flag("--reference", chosen.reference,
              "keep the results as results/reference.json, the figures of the text")
        .excludes(tour);
    line.parsed(
            "--filter", "REGEX",
            [&chosen](const std::string& text) {
                try {
                    std::regex{text};
                } catch (const std::regex_error&) {
                    throw std::invalid_argument(
                        fmt::format("\"{}\" is not a regular expression", text));
                }
                chosen.filter = text;
            },
            "measure only cases whose name matches this; keeps nothing")
        .excludes(tour);
    line.flag("--json", chosen.json, "print the results as one JSON object");
}

int experiment::run(int argc, char** argv, const std::function<void(const request&)>& prepare) {
    const int code = line_->run(argc, argv, [&] {
        if (chosen_.ledger)
            return print_kept();
        if (prepare)
            prepare(chosen_);
        if (chosen_.judge)
            return judge_kept();
        run_cases();
    });
    return code == 0 && interrupted ? 130 : code;
}

namespace {

void say_kept(const std::filesystem::path& file) {
    fmt::print(stderr, "kept in {}\n", file.string());
}

// Where a run writes until it has ended: what an earlier one has left stays until then.
std::filesystem::path unfinished(const std::filesystem::path& file) {
    return file.parent_path() / (file.stem().string() + "-unfinished.json");
}

} // namespace

// What lasts from the first repetition to the last.
struct experiment::run_state {
    const request& chosen;
    std::filesystem::path file; // empty: keep nothing
    results measured;
    progress shown;
    std::string failure;
    std::mt19937 random{std::random_device{}()};
    std::chrono::steady_clock::time_point kept{};

    // Once a second: a run of thousands of rows would write for minutes.
    void keep() {
        const auto now = std::chrono::steady_clock::now();
        if (file.empty() || now - kept < std::chrono::seconds(1))
            return;
        measured.write(unfinished(file));
        kept = now;
    }

    // The end of a run, or of what there is of one.
    void settle() {
        if (file.empty())
            return;
        const bool ended = failure.empty() && !interrupted;
        const auto before = ended ? nullptr : read_own_results(file);
        const std::size_t rows = measured.json()["benchmarks"].size();
        if (!ended && before.is_object() &&
            (before["complete"] || before["benchmarks"].size() >= rows)) {
            measured.write(unfinished(file));
            fmt::print(stderr, "kept in {}; {} is longer, and stays as it is\n",
                       unfinished(file).string(), file.filename().string());
        } else if (rows > 0) {
            measured.write(file);
            std::filesystem::remove(unfinished(file));
            say_kept(file);
        }
    }

    void measure_one(const std::string& name, const measurement& body) {
        shown.start(name);
        const auto start = std::chrono::steady_clock::now();
        const counters row = body(chosen.smoke);
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        shown.finish(row);
        if (row.empty())
            return;
        measured.add(name, time.count(), row);
        keep();
    }

    // One repetition of a group.
    void measure_each(group& together) {
        std::ranges::shuffle(together.cases, random);
        for (const auto& [name, body] : together.cases) {
            if (interrupted || !failure.empty())
                return;
            try {
                measure_one(name, body);
            } catch (const std::exception& error) {
                if (!interrupted) // Ctrl-C ends the children of a case too
                    failure = fmt::format("{}: {}", name, error.what());
            }
        }
    }
};

void experiment::select() {
    const std::regex pattern(chosen_.tour ? headline_ : chosen_.filter);
    for (group& together : groups_) {
        std::erase_if(together.cases,
                      [&](const auto& one) { return !std::regex_search(one.first, pattern); });
        const int most = chosen_.smoke  ? 2
                         : chosen_.tour ? headline_repetitions_
                                        : together.repetitions;
        together.repetitions = std::min(together.repetitions, most);
    }
    std::erase_if(groups_, [](const group& together) { return together.cases.empty(); });
    if (groups_.empty())
        throw std::runtime_error(fmt::format("no case matches {}", chosen_.filter));
}

// Empty: none.
std::filesystem::path experiment::file_to_keep() const {
    const auto folder = directory_ / "results";
    if (chosen_.smoke || chosen_.filter != ".")
        return {};
    if (chosen_.reference)
        return folder / "reference.json";
    const auto file = folder / "yours.json";
    const auto before = read_own_results(file);
    if (!chosen_.tour || before.is_null() || !before["complete"])
        return file;
    fmt::print(stderr, "{} is a whole run's, and stays as it is\n", file.string());
    return {};
}

// A figure of the text must be one that its commit gives again.
nlohmann::ordered_json experiment::facts() const {
    auto found = machine_facts(directory_);
    const std::string commit = found["commit"];
    if (chosen_.reference && !chosen_.smoke &&
        (commit == "unknown" || commit.ends_with("-dirty")))
        throw std::runtime_error(
            fmt::format("a reference is measured from a clean commit: this is {}", commit));
    return found;
}

namespace {

// How long a case took, at the median; 0: not known.
double seconds_of(const nlohmann::ordered_json& results, const std::string& name) {
    std::vector<double> all;
    if (results.is_object())
        for (const auto& row : results["benchmarks"])
            if (row["name"] == name) // a row that was taken over has no time of its own
                all.push_back(std::max(row.value("real_time", 0.0), row.value("seconds", 0.0)));
    return median(all);
}

} // namespace

void experiment::run_cases() {
    select();
    // What each case took on the reference machine: the time left is told by that.
    const auto before = read_results(directory_ / "results" / "reference.json");
    std::vector<std::pair<std::string, double>> weights;
    for (const group& together : groups_)
        for (const auto& one : together.cases)
            for (int i = 0; i < together.repetitions; ++i)
                weights.emplace_back(one.first, seconds_of(before, one.first));
    run_state state{.chosen = chosen_,
                    .file = file_to_keep(),
                    .measured = results(chapter_, facts()),
                    .shown = progress(std::move(weights)),
                    .failure = {}};
    for (const earlier& run : earlier_)
        state.measured.take_over(run.kept, run.wanted);

    for (group& together : groups_)
        benchmark::RegisterBenchmark(together.cases.front().first.c_str(),
                                     [&](benchmark::State& repetition) {
                                         for (auto _ : repetition) {
                                             state.measure_each(together);
                                             repetition.SetIterationTime(1); // ours is kept
                                         }
                                     })
            ->Iterations(1)
            ->Repetitions(together.repetitions)
            ->UseManualTime();
    std::signal(SIGINT, note_interrupt);
    run_by_google_benchmark();
    state.shown.end();
    report(state);
}

// What measures all of this chapter.
std::string experiment::command() const {
    const std::string folder = directory_.parent_path().filename().string();
    const int number = std::atoi(folder.c_str());
    return number > 0 ? fmt::format("./course run {}", number) : "the whole run";
}

void experiment::report(run_state& state) const {
    if (!state.failure.empty()) {
        try {
            state.settle();
        } catch (const std::exception& error) { // a full disk is often the failure itself
            state.failure += fmt::format("; {}", error.what());
        }
        throw std::runtime_error(state.failure);
    }
    const bool whole = chosen_.is_whole() && !interrupted;
    const auto decided = decide_all(state.measured, chosen_.tour); // in a smoke run as a trial
    if (!chosen_.smoke)
        state.measured.set_claims(decided, whole);
    state.settle();
    const auto& measured = state.measured.json();
    if (chosen_.json) {
        fmt::print("{}\n", measured.dump());
    } else if (chosen_.smoke) {
        fmt::print("it works: {} repetitions, from which nothing is decided\n",
                   measured["benchmarks"].size());
    } else {
        if (show_ && whole)
            show_(state.measured);
        const auto reference = read_results(directory_ / "results" / "reference.json");
        (chosen_.tour ? print_decided : print_ledger)(measured, reference, command());
        if (!chosen_.tally.empty())
            add_to_tally(chosen_.tally, measured, reference);
    }
}

void experiment::print_kept() const {
    const auto folder = directory_ / "results";
    const auto here = read_own_results(folder / "yours.json");
    const auto reference = read_results(folder / "reference.json");
    if (here.is_object())
        print_ledger(here, reference, command());
    else if (reference.is_object())
        print_unmeasured(reference);
    else
        throw std::runtime_error(fmt::format("{}: nothing measured yet", chapter_));
}

void experiment::judge_kept() const {
    const auto file =
        directory_ / "results" / (chosen_.reference ? "reference.json" : "yours.json");
    auto kept = read_results(file);
    if (kept.is_null())
        throw std::runtime_error(fmt::format("{}: nothing measured yet", chapter_));
    const bool whole = kept["complete"];
    results measured(std::move(kept));
    measured.set_claims(decide_all(measured, !whole), whole);
    measured.write(file);
    say_kept(file);
}

namespace {

// Cut where it is too long, rather than lose what an hour has measured.
std::string headline_of(const finding& found) {
    return program::cut(found.headline.empty() ? found.figure : found.headline,
               finding::headline_columns);
}

} // namespace

// A tour leaves out what it has not measured; any other run says so.
nlohmann::ordered_json experiment::decide_all(const results& measured, bool tour) const {
    auto decided = nlohmann::ordered_json::array();
    for (const claim& claim : claims_) {
        results asked = measured;
        const finding found = claim.decide(asked);
        if (tour && (asked.lacked() || found.figure.starts_with("not measured")))
            continue;
        decided.push_back({{"id", claim.id},
                           {"claim", claim.text},
                           {"section", claim.section},
                           {"headline", headline_of(found)},
                           {"figure", found.figure},
                           {"verdict", to_string(found.verdict)}});
    }
    return decided;
}

} // namespace measure
