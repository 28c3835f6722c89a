/// @file
/// What an experiment has measured, and the file that keeps it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace measure {

/// What one repetition of a case measured: names with units, such as `median_us`, and values.
using counters = std::vector<std::pair<std::string, double>>;

/// All repetitions so far. The file has the form of Google Benchmark's JSON output, and is
/// whole after each repetition, so that an interrupted run keeps what it has. Each row says by
/// `run` which entry of `runs` has its date, commit and machine. Not thread-safe.
class results {
public:
    /// @param context the facts of the machine, as machine_facts() gives them.
    results(std::string chapter, const nlohmann::ordered_json& context);
    /// @param whole what read_results() gives.
    explicit results(nlohmann::ordered_json whole);
    results(const results& other);
    ~results();

    /// Adds one repetition of the case @p name, which took so many seconds.
    void add(const std::string& name, double seconds, const counters& measured);

    /// Takes over rows of an earlier run, each with the facts of the run that measured it.
    /// @param kept what read_results() gives. @param wanted of which cases.
    void take_over(const nlohmann::ordered_json& kept,
                   const std::function<bool(const std::string&)>& wanted);

    /// Whether a case was measured at all; asking leaves no trace in lacked().
    bool has(const std::string& name) const;

    /// The values of one counter of one case, in the order in which they were measured.
    std::vector<double> of(const std::string& name, const std::string& counter) const;

    /// The median of of(); 0 when there is none.
    double median_of(const std::string& name, const std::string& counter) const;

    /// Whether of() was asked for something that was not measured.
    bool lacked() const { return lacked_; }

    /// Replaces the decided claims. @p complete: every case was measured to its end.
    void set_claims(nlohmann::ordered_json claims, bool complete);

    /// The whole file; good for as long as this object lives.
    const nlohmann::ordered_json& json() const { return *json_; }

    /// Replaces @p file in one step, rename(2), and makes its folder. A failure leaves nothing.
    /// @throws std::system_error naming the file.
    void write(const std::filesystem::path& file) const;

private:
    std::unique_ptr<nlohmann::ordered_json> json_;
    mutable bool lacked_ = false;
};

/// What read_results() throws.
class not_results : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The results in @p file; null when there is no such file.
/// @throws not_results naming the file when it holds anything else.
nlohmann::ordered_json read_results(const std::filesystem::path& file);

/// The same of a file that nobody else keeps: one that holds anything else is renamed to
/// `FILE.bad`, which a line on standard error says, and counts as none.
/// @throws std::filesystem::filesystem_error when it can't be renamed.
nlohmann::ordered_json read_own_results(const std::filesystem::path& file);

} // namespace measure
