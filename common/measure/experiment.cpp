#include "experiment.hpp"

#include "ledger.hpp"
#include "machine.hpp"
#include "progress.hpp"

#include <program/program.hpp>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
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

struct experiment::options {
    bool smoke = false;
    bool reference = false;
    bool json = false;
    std::string filter = ".";
};

std::string to_string(verdict verdict) {
    switch (verdict) {
    case verdict::holds: return "holds";
    case verdict::holds_in_part: return "holds in part";
    case verdict::does_not_hold: return "does not hold";
    case verdict::inconclusive: return "inconclusive";
    }
    return "?";
}

experiment::experiment(std::string chapter, std::filesystem::path directory)
    : chapter_(std::move(chapter)), directory_(std::move(directory)) {}

void experiment::measure(std::string name, int repetitions, measurement body) {
    measure_together(repetitions, {{std::move(name), std::move(body)}});
}

void experiment::measure_together(int repetitions,
                                  std::vector<std::pair<std::string, measurement>> cases) {
    groups_.push_back({repetitions, std::move(cases)});
}

void experiment::decide(claim claim) {
    claims_.push_back(std::move(claim));
}

int experiment::run(int argc, char** argv) {
    CLI::App app("Measures what chapter " + chapter_ + " claims.", "experiment");
    options chosen;
    app.add_flag("--smoke", chosen.smoke, "as little as shows that it works; keeps nothing");
    app.add_flag("--reference", chosen.reference,
                 "keep the results as results/reference.json, the figures of the text");
    app.add_option("--filter", chosen.filter,
                   "measure only cases whose name matches this; keeps nothing")
        ->check([](const std::string& text) {
            try {
                std::regex{text};
                return std::string();
            } catch (const std::regex_error&) {
                return fmt::format("\"{}\" is not a regular expression", text);
            }
        });
    app.add_flag("--json", chosen.json, "print the results as one JSON object");
    const int code = program::run(app, argc, argv, [&] { run_cases(chosen); });
    return code == 0 && interrupted ? 130 : code;
}

// What lasts from the first repetition to the last.
struct experiment::run_state {
    const options& chosen;
    std::filesystem::path file; // empty: keep nothing
    results measured;
    progress shown;
    std::string failure;
    std::mt19937 random{std::random_device{}()};

    void measure_one(const std::string& name, const measurement& body) {
        shown.start(name);
        const auto start = std::chrono::steady_clock::now();
        const counters row = body(chosen.smoke);
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        measured.add(name, time.count(), row);
        shown.finish(row);
        if (!file.empty())
            measured.write(file);
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

void experiment::select(const options& chosen) {
    const std::regex pattern(chosen.filter);
    for (group& together : groups_) {
        std::erase_if(together.cases,
                      [&](const auto& one) { return !std::regex_search(one.first, pattern); });
        if (chosen.smoke)
            together.repetitions = 2;
    }
    std::erase_if(groups_, [](const group& together) { return together.cases.empty(); });
    if (groups_.empty())
        throw std::runtime_error(fmt::format("no case matches {}", chosen.filter));
}

void experiment::run_cases(const options& chosen) {
    select(chosen);
    int total = 0;
    for (const group& together : groups_)
        total += together.repetitions * static_cast<int>(together.cases.size());
    const auto folder = directory_ / "results";
    const bool keep = !chosen.smoke && chosen.filter == ".";
    const auto file = folder / (chosen.reference ? "reference.json" : "yours.json");
    run_state state{.chosen = chosen,
                    .file = keep ? file : std::filesystem::path(),
                    .measured = results(chapter_, machine_facts(directory_)),
                    .shown = progress(total),
                    .failure = {}};

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
    if (!state.failure.empty())
        throw std::runtime_error(state.failure);
    report(state);
}

void experiment::report(run_state& state) const {
    state.measured.set_claims(decide_all(state.measured), !interrupted);
    if (!state.file.empty())
        state.measured.write(state.file);
    if (state.chosen.json)
        fmt::print("{}\n", state.measured.json().dump());
    else
        print_ledger(state.measured.json(),
                     read_results(directory_ / "results" / "reference.json"));
    if (!state.file.empty())
        fmt::print(stderr, "kept in {}\n", state.file.string());
}

nlohmann::ordered_json experiment::decide_all(const results& measured) const {
    auto decided = nlohmann::ordered_json::array();
    for (const claim& claim : claims_) {
        const finding found = claim.decide(measured);
        decided.push_back({{"id", claim.id},
                           {"claim", claim.text},
                           {"section", claim.section},
                           {"figure", found.figure},
                           {"verdict", to_string(found.verdict)}});
    }
    return decided;
}

} // namespace measure
