// What a run of an experiment measures, keeps and leaves alone. Google Benchmark keeps what was
// registered until the process ends, so each test runs one experiment; ctest gives each test a
// process.

#include "common/measure/experiment.hpp"

#include "common/measure/ledger.hpp"
#include "common/measure/shell_word.hpp"
#include "common/program/command_line.hpp"
#include "common/program/terminal.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <sys/resource.h>

namespace {

using measure::verdict;

// A folder that goes with the test.
class folder {
public:
    folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "experiment-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path results() const { return path_ / "results"; }
    nlohmann::ordered_json kept() const {
        return measure::read_results(results() / "yours.json");
    }

private:
    std::filesystem::path path_;
};

class an_experiment : public testing::Test {
protected:
    an_experiment() {
        for (const std::string name : {"first/a", "second/b"}) {
            experiment_.measure(name, 4, [this, name](bool) {
                ++measured_[name];
                return measure::counters{{"x", 1}};
            });
            experiment_.decide(
                {name, fmt::format("the claim of {}", name), "-", [name](const auto& results) {
                     const auto count = std::to_string(results.of(name, "x").size());
                     return measure::finding{count, verdict::holds, count + " run"};
                 }});
        }
        experiment_.headline("^first/", 3);
    }

    int run(std::vector<std::string> words,
            const std::function<void(const measure::request&)>& prepare = {}) {
        words.insert(words.begin(), "experiment");
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        return experiment_.run(static_cast<int>(arguments.size()), arguments.data(), prepare);
    }

    void keep(const std::string& text, const std::string& name = "yours.json") {
        std::filesystem::create_directories(here_.results());
        std::ofstream(here_.results() / name) << text;
    }

    folder here_;
    measure::experiment experiment_{"sample", here_.path()};
    std::map<std::string, int> measured_;
};

TEST_F(an_experiment, measures_every_case_as_often_as_asked_and_keeps_it) {
    EXPECT_EQ(run({}), 0);
    EXPECT_EQ(measured_, (std::map<std::string, int>{{"first/a", 4}, {"second/b", 4}}));
    EXPECT_TRUE(here_.kept()["complete"]);
    EXPECT_EQ(here_.kept()["claims"].size(), 2u);
}

TEST_F(an_experiment, a_case_that_measures_nothing_leaves_no_row) {
    int calls = 0;
    experiment_.measure("third/c", 3, [&](bool) {
        return ++calls == 2 ? measure::counters{} : measure::counters{{"x", 1}};
    });
    EXPECT_EQ(run({}), 0);
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(std::ranges::count(here_.kept()["benchmarks"], "third/c",
                                 [](const auto& row) { return row["name"]; }),
              2);
}

TEST_F(an_experiment, a_smoke_run_keeps_nothing) {
    EXPECT_EQ(run({"--smoke"}), 0);
    EXPECT_EQ(measured_["first/a"], 2);
    EXPECT_TRUE(here_.kept().is_null());
}

TEST_F(an_experiment, a_smoke_run_prints_no_verdict) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(run({"--smoke"}), 0);
    const std::string printed = testing::internal::GetCapturedStdout();
    EXPECT_EQ(printed.find("holds"), std::string::npos) << printed;
    EXPECT_NE(printed.find("it works: 4 repetitions"), std::string::npos) << printed;
}

TEST_F(an_experiment, options_of_a_chapter_are_read_before_its_cases_are_added) {
    bool full = false;
    experiment_.options().flag("--full", full, "all of it");
    const auto prepare = [&](const measure::request& asked) {
        EXPECT_TRUE(full && asked.smoke);
        experiment_.measure("third/c", 1, [this](bool) {
            ++measured_["third/c"];
            return measure::counters{{"x", 1}};
        });
    };
    EXPECT_EQ(run({"--full", "--smoke"}, prepare), 0);
    EXPECT_EQ(measured_["third/c"], 1);
}

TEST_F(an_experiment, an_option_of_no_chapter_is_a_wrong_argument) {
    EXPECT_EQ(run({"--full"}), 2);
    EXPECT_TRUE(measured_.empty());
}

TEST_F(an_experiment, a_tour_measures_the_headline_and_decides_only_what_it_measured) {
    EXPECT_EQ(run({"--tour"}), 0);
    EXPECT_EQ(measured_, (std::map<std::string, int>{{"first/a", 3}}));
    EXPECT_FALSE(here_.kept()["complete"]);
    ASSERT_EQ(here_.kept()["claims"].size(), 1u);
    EXPECT_EQ(here_.kept()["claims"][0]["id"], "first/a");
}

TEST_F(an_experiment, a_tour_does_not_replace_a_whole_run) {
    keep(R"({"complete": true, "claims": [], "benchmarks": []})");
    EXPECT_EQ(run({"--tour"}), 0);
    EXPECT_EQ(measured_["first/a"], 3);
    EXPECT_TRUE(here_.kept()["complete"]);
}

TEST_F(an_experiment, the_ledger_of_nothing_is_an_error) {
    EXPECT_EQ(run({"--ledger"}), 1);
    EXPECT_TRUE(measured_.empty());
}

TEST_F(an_experiment, claims_are_decided_anew_from_what_is_kept_and_no_row_changes) {
    keep(R"({"complete": true, "context": {"cpu": "x"}, "claims": [],)"
         R"( "benchmarks": [{"name": "first/a", "x": 7}]})");
    const auto before = here_.kept();
    EXPECT_EQ(run({"--judge"}), 0);
    EXPECT_TRUE(measured_.empty());
    EXPECT_EQ(here_.kept()["benchmarks"], before["benchmarks"]);
    EXPECT_EQ(here_.kept()["context"], before["context"]);
    EXPECT_TRUE(here_.kept()["complete"]);
    ASSERT_EQ(here_.kept()["claims"].size(), 2u);
    EXPECT_EQ(here_.kept()["claims"][0]["headline"], "1 run");
    EXPECT_EQ(here_.kept()["claims"][0]["figure"], "1");
}

TEST_F(an_experiment, a_headline_that_is_too_long_is_cut_and_loses_no_results) {
    experiment_.decide({"long", "A claim", "-", [](const auto&) {
                            return measure::finding{"detail", verdict::holds,
                                                    std::string(50, 'x')};
                        }});
    EXPECT_EQ(run({}), 0);
    EXPECT_EQ(here_.kept()["claims"][2]["headline"].get<std::string>().size(), 40u);
}

TEST_F(an_experiment, a_case_that_fails_ends_the_run_and_leaves_what_was_measured) {
    experiment_.measure("third/c", 3, [this](bool) {
        if (++measured_["third/c"] == 3)
            throw std::runtime_error("what arrived is not what was sent");
        return measure::counters{{"x", 1}};
    });
    EXPECT_EQ(run({}), 1);
    std::size_t measured = 0; // the order is left to chance
    for (const auto& [name, count] : measured_)
        measured += static_cast<std::size_t>(count);
    EXPECT_EQ(here_.kept()["benchmarks"].size(), measured - 1);
    EXPECT_FALSE(here_.kept()["complete"]);
}

TEST_F(an_experiment, a_run_that_is_cut_short_does_not_replace_a_whole_one) {
    keep(R"({"complete": true, "claims": [], "benchmarks": []})");
    experiment_.measure("third/c", 2, [](bool) {
        std::raise(SIGINT);
        return measure::counters{{"x", 1}};
    });
    EXPECT_EQ(run({}), 130);
    EXPECT_TRUE(here_.kept()["complete"]);
    EXPECT_TRUE(exists(here_.results() / "yours-unfinished.json"));
}

TEST_F(an_experiment, a_run_that_is_cut_short_keeps_what_nothing_longer_stands_for) {
    keep(R"({"complete": false, "claims": [], "benchmarks": []})");
    experiment_.measure("third/c", 2, [](bool) {
        std::raise(SIGINT);
        return measure::counters{{"x", 1}};
    });
    EXPECT_EQ(run({}), 130);
    EXPECT_FALSE(here_.kept()["benchmarks"].empty());
    EXPECT_FALSE(exists(here_.results() / "yours-unfinished.json"));
}

TEST_F(an_experiment, a_run_that_ends_leaves_its_results_alone) {
    EXPECT_EQ(run({}), 0);
    const std::filesystem::directory_iterator files(here_.results());
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(an_experiment, a_full_disk_leaves_what_was_kept_and_no_half_of_it) {
    const std::string before = R"({"complete": false, "claims": [], "benchmarks": []})";
    keep(before);
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    ::getrlimit(RLIMIT_FSIZE, &usual);
    const rlimit full{.rlim_cur = 100, .rlim_max = usual.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
    const int code = run({"--tour"});
    ::setrlimit(RLIMIT_FSIZE, &usual);
    EXPECT_EQ(code, 1);
    EXPECT_EQ(here_.kept(), nlohmann::ordered_json::parse(before));
    EXPECT_FALSE(exists(here_.results() / "yours.json.new"));
    EXPECT_FALSE(exists(here_.results() / "yours-unfinished.json.new"));
}

class what_is_no_results_file : public an_experiment,
                                public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    , what_is_no_results_file,
    testing::Values("{}", "", "[]", R"({"complete": true, "claims": [)", "null",
                    R"({"complete": 1, "claims": [], "benchmarks": []})",
                    R"({"complete": true, "claims": {}, "benchmarks": []})",
                    R"({"complete": true, "claims": [1], "benchmarks": []})",
                    R"({"complete": true, "claims": [{"id": 7}], "benchmarks": []})",
                    R"({"complete": true, "claims": [], "benchmarks": ["row"]})"));

TEST_P(what_is_no_results_file, is_set_aside_by_the_ledger) {
    keep(GetParam());
    keep(R"({"complete": true, "benchmarks": [], "claims": [)"
         R"({"id": "a", "claim": "Claim a", "figure": "2 times", "verdict": "holds"}]})",
         "reference.json");
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    EXPECT_EQ(run({"--ledger"}), 0);
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "not measured   Claim a\n"
              "  here not measured   reference (holds) 2 times\n"
              "\n"
              "1 claim, not measured here\n");
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("set aside as yours.json.bad\n"), std::string::npos) << said;
    EXPECT_TRUE(exists(here_.results() / "yours.json.bad"));
}

TEST_P(what_is_no_results_file, is_set_aside_by_a_tour) {
    keep(GetParam());
    EXPECT_EQ(run({"--tour"}), 0);
    EXPECT_TRUE(exists(here_.results() / "yours.json.bad"));
    EXPECT_EQ(here_.kept()["benchmarks"].size(), 3u);
}

nlohmann::ordered_json decided(std::vector<std::array<std::string, 3>> claims) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& [id, figure, decision] : claims)
        list.push_back(
            {{"id", id}, {"claim", "Claim " + id}, {"figure", figure}, {"verdict", decision}});
    return {{"claims", list}};
}

std::string printed_ledger(const nlohmann::ordered_json& here,
                           const nlohmann::ordered_json& reference) {
    testing::internal::CaptureStdout();
    measure::print_ledger(here, reference, "./course run 2");
    return testing::internal::GetCapturedStdout();
}

TEST(ledger, says_where_the_reference_was_decided_otherwise_and_counts_the_rest) {
    EXPECT_EQ(printed_ledger(decided({{"a", "1.5 times", "holds"}, {"b", "2", "holds"}}),
                             decided({{"a", "1.1 times", "inconclusive"},
                                      {"b", "3", "holds"},
                                      {"c", "4", "holds"}})),
              "holds          Claim a\n"
              "  here 1.5 times   reference (inconclusive) 1.1 times\n"
              "holds          Claim b\n"
              "  here 2   reference 3\n"
              "\n"
              "2 claims: 2 hold\n"
              "not as on the reference machine:\n"
              "Claim a: holds here, inconclusive there\n"
              "1 more: ./course run 2\n");
}

TEST(ledger, stands_without_a_reference) {
    EXPECT_EQ(printed_ledger(decided({{"a", "1.5 times", "does not hold"}}), nullptr),
              "does not hold  Claim a\n"
              "  here 1.5 times\n"
              "\n"
              "1 claim: 1 does not\n");
}

TEST(ledger, of_each_tour_adds_a_line_to_the_tally) {
    const folder here;
    const auto file = here.path() / "tally";
    const auto claims = decided({{"a", "1", "holds"},
                                 {"b", "2", "inconclusive"},
                                 {"c", "3", "does not hold"},
                                 {"d", "4", "holds in part"},
                                 {"e", "5", "holds"}});
    measure::add_to_tally(file, claims, nullptr);
    measure::add_to_tally(file, decided({{"a", "1", "holds"}}), claims);
    std::stringstream kept;
    kept << std::ifstream(file).rdbuf();
    EXPECT_EQ(kept.str(), "2 1 1 1\n1 0 0 4\n");
    EXPECT_THROW(measure::add_to_tally(here.path(), claims, nullptr), std::system_error);
}

TEST(ledger, of_a_tour_shows_what_it_decided_and_counts_the_rest) {
    testing::internal::CaptureStdout();
    measure::print_decided(decided({{"a", "1.5 times", "holds"}, {"b", "2", "inconclusive"}}),
                           decided({{"a", "1.1 times", "holds"},
                                    {"b", "3", "holds"},
                                    {"c", "4", "holds"}}),
                           "./course run 2");
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              "holds          Claim a\n"
              "  here 1.5 times   reference 1.1 times\n"
              "\n"
              "1 claim: 1 holds; 2 more: ./course run 2\n");
}

TEST(ledger, fits_80_columns_and_breaks_no_word) {
    auto here = decided({{"a", "1.001 times the time of bare calls, 101", "does not hold"}});
    here["claims"][0]["claim"] = "A sentence of many words that goes on and on, about a thing "
                                 "that was measured, until it needs a second line";
    std::istringstream lines(printed_ledger(here, here));
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80u) << line;
}

TEST(a_row, keeps_the_run_that_measured_it_when_another_takes_it_over) {
    const nlohmann::ordered_json old_facts{{"date", "2026-01-01"}, {"commit", "a1"}};
    measure::results earlier("sample", old_facts);
    earlier.add("kept", 1, {{"x", 1}});
    earlier.add("other", 1, {{"x", 2}});
    measure::results now("sample", {{"date", "2026-02-02"}, {"commit", "b2"}});
    now.take_over(earlier.json(), [](const std::string& name) { return name == "kept"; });
    now.add("fresh", 1, {{"x", 3}});
    const auto& rows = now.json()["benchmarks"];
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(now.json()["runs"][rows[0]["run"].get<std::size_t>()], old_facts);
    EXPECT_EQ(now.json()["runs"][rows[1]["run"].get<std::size_t>()]["commit"], "b2");
    EXPECT_EQ(now.of("kept", "x"), std::vector<double>{1});
    EXPECT_TRUE(now.has("kept") && !now.has("other"));
}

TEST(a_row, of_an_old_file_has_the_facts_of_that_file) {
    const nlohmann::ordered_json old{
        {"context", {{"commit", "a1"}}},
        {"benchmarks", nlohmann::ordered_json::array({{{"name", "kept"}, {"x", 1}}})}};
    measure::results now("sample", {{"commit", "b2"}});
    now.take_over(old, [](const std::string&) { return true; });
    EXPECT_EQ(now.json()["runs"][1]["commit"], "a1");
    EXPECT_EQ(now.json()["benchmarks"][0]["run"], 1);
}

TEST_F(an_experiment, a_reference_of_a_commit_that_is_not_clean_is_refused) {
    EXPECT_EQ(run({"--reference"}), 1); // the folder has no commit at all
    EXPECT_TRUE(measured_.empty());
}

TEST_F(an_experiment, every_row_says_which_run_has_measured_it) {
    EXPECT_EQ(run({}), 0);
    const auto kept = here_.kept();
    EXPECT_EQ(kept["runs"][0], kept["context"]);
    EXPECT_FALSE(kept["benchmarks"].empty());
    for (const auto& row : kept["benchmarks"])
        EXPECT_EQ(row["run"], 0);
}

TEST(a_shell, gets_a_word_of_any_text_as_it_is) {
    const std::string strange = "it's a \"checkout\" of $HOME `here`\\ *";
    const auto close = [](std::FILE* pipe) { ::pclose(pipe); };
    const std::unique_ptr<std::FILE, decltype(close)> pipe(
        ::popen(("printf %s " + measure::shell_word(strange)).c_str(), "r"), close);
    ASSERT_TRUE(pipe);
    std::array<char, 128> line{};
    ASSERT_TRUE(std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()));
    EXPECT_EQ(line.data(), strange);
}

TEST(a_text, is_cut_after_a_word_and_between_characters) {
    EXPECT_EQ(program::cut("ten ratios", 10), "ten ratios");
    EXPECT_EQ(program::cut("eleven ratios", 11), "eleven..");
    EXPECT_EQ(program::cut("unbreakable", 8), "unbrea..");
    EXPECT_EQ(program::cut("\u00b5\u00b5\u00b5\u00b5\u00b5", 5),
              "\u00b5\u00b5\u00b5\u00b5\u00b5");
    EXPECT_EQ(program::cut("\u00b5\u00b5\u00b5\u00b5\u00b5", 4), "\u00b5\u00b5..");
    EXPECT_EQ(program::cut("no room", 1), ".");
    EXPECT_EQ(program::cut("no room", 0), "");
}

} // namespace
