// What a run of an experiment measures, keeps and leaves alone. Google Benchmark keeps what was
// registered until the process ends, so each test runs one experiment; ctest gives each test a
// process.

#include "common/measure/experiment.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>

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
    nlohmann::ordered_json kept() const {
        return measure::read_results(path_ / "results" / "yours.json");
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
                     return measure::finding{std::to_string(results.of(name, "x").size()),
                                             verdict::holds};
                 }});
        }
        experiment_.headline("^first/", 3);
    }

    int run(std::vector<std::string> words) {
        words.insert(words.begin(), "experiment");
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        return experiment_.run(static_cast<int>(arguments.size()), arguments.data());
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

TEST_F(an_experiment, a_smoke_run_keeps_nothing) {
    EXPECT_EQ(run({"--smoke"}), 0);
    EXPECT_EQ(measured_["first/a"], 2);
    EXPECT_TRUE(here_.kept().is_null());
}

TEST_F(an_experiment, a_tour_measures_the_headline_and_decides_only_what_it_measured) {
    EXPECT_EQ(run({"--tour"}), 0);
    EXPECT_EQ(measured_, (std::map<std::string, int>{{"first/a", 3}}));
    EXPECT_FALSE(here_.kept()["complete"]);
    ASSERT_EQ(here_.kept()["claims"].size(), 1u);
    EXPECT_EQ(here_.kept()["claims"][0]["id"], "first/a");
}

TEST_F(an_experiment, a_tour_does_not_replace_a_whole_run) {
    std::filesystem::create_directories(here_.path() / "results");
    std::ofstream(here_.path() / "results" / "yours.json")
        << R"({"complete": true, "claims": [], "benchmarks": []})";
    EXPECT_EQ(run({"--tour"}), 0);
    EXPECT_EQ(measured_["first/a"], 3);
    EXPECT_TRUE(here_.kept()["complete"]);
}

TEST_F(an_experiment, the_ledger_of_nothing_is_an_error) {
    EXPECT_EQ(run({"--ledger"}), 1);
    EXPECT_TRUE(measured_.empty());
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

} // namespace
