#include "results.hpp"

#include "statistics.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <system_error>

namespace measure {

results::results(std::string chapter, const nlohmann::ordered_json& context)
    : json_(std::make_unique<nlohmann::ordered_json>(
          nlohmann::ordered_json{{"chapter", std::move(chapter)},
                                 {"complete", false},
                                 {"context", context},
                                 {"runs", nlohmann::ordered_json::array({context})},
                                 {"benchmarks", nlohmann::ordered_json::array()},
                                 {"claims", nlohmann::ordered_json::array()}})) {}

results::results(nlohmann::ordered_json whole)
    : json_(std::make_unique<nlohmann::ordered_json>(std::move(whole))) {}

results::results(const results& other)
    : json_(std::make_unique<nlohmann::ordered_json>(other.json())), lacked_(other.lacked_) {}

results::~results() = default;

void results::add(const std::string& name, double seconds, const counters& measured) {
    std::size_t earlier = 0;
    for (const auto& row : json()["benchmarks"])
        earlier += row["name"] == name;
    nlohmann::ordered_json row{
        {"name", name},    {"run_type", "iteration"}, {"repetition_index", earlier},
        {"iterations", 1}, {"real_time", seconds},    {"time_unit", "s"},
        {"run", 0}};
    for (const auto& [counter, value] : measured)
        row[counter] = value;
    (*json_)["benchmarks"].push_back(std::move(row));
}

void results::take_over(const nlohmann::ordered_json& kept,
                        const std::function<bool(const std::string&)>& wanted) {
    auto& runs = (*json_)["runs"];
    for (nlohmann::ordered_json row : kept["benchmarks"]) {
        if (!wanted(row["name"]))
            continue;
        const std::size_t number = row.value("run", std::size_t{0});
        nlohmann::ordered_json facts = kept.value("context", nlohmann::ordered_json::object());
        if (kept.contains("runs") && number < kept["runs"].size())
            facts = kept["runs"][number];
        const auto known = std::ranges::find(runs, facts);
        row["run"] = known - runs.begin();
        if (known == runs.end())
            runs.push_back(facts);
        (*json_)["benchmarks"].push_back(std::move(row));
    }
}

bool results::has(const std::string& name) const {
    return std::ranges::any_of(json()["benchmarks"],
                               [&](const auto& row) { return row["name"] == name; });
}

std::vector<double> results::of(const std::string& name, const std::string& counter) const {
    std::vector<double> values;
    for (const auto& row : json()["benchmarks"])
        if (row["name"] == name && row.contains(counter))
            values.push_back(row[counter].get<double>());
    lacked_ = lacked_ || values.empty();
    return values;
}

double results::median_of(const std::string& name, const std::string& counter) const {
    return median(of(name, counter));
}

void results::set_claims(nlohmann::ordered_json claims, bool complete) {
    (*json_)["claims"] = std::move(claims);
    (*json_)["complete"] = complete;
}

namespace {

// One row a line: the file stays readable, and a diff of two runs too.
std::string text_of(const nlohmann::ordered_json& json) {
    const auto rows = [&](const char* name) {
        std::vector<std::string> lines;
        for (const auto& row : json[name])
            lines.push_back("    " + row.dump());
        return fmt::format("  \"{}\": [\n{}\n  ]", name, fmt::join(lines, ",\n"));
    };
    const auto part = [&](const char* name) { // an old file need not have all
        return json.contains(name) ? json[name].dump() : "null";
    };
    const auto runs = json.contains("runs") ? rows("runs") + ",\n" : "";
    return fmt::format(
        "{{\n  \"chapter\": {},\n  \"complete\": {},\n  \"context\": {},\n{}{},\n{}\n}}\n",
        part("chapter"), part("complete"), part("context"), runs, rows("benchmarks"),
        rows("claims"));
}

} // namespace

void results::write(const std::filesystem::path& file) const {
    const auto temporary = std::filesystem::path(file).concat(".new");
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(temporary);
    out << text_of(*json_);
    out.close();
    if (!out) {
        const int reason = errno;
        std::error_code ignored; // a full disk keeps no half of it
        std::filesystem::remove(temporary, ignored);
        throw std::system_error(reason, std::generic_category(), "write " + temporary.string());
    }
    std::filesystem::rename(temporary, file);
}

namespace {

bool has_words(const nlohmann::ordered_json& object, std::initializer_list<const char*> keys) {
    return object.is_object() && std::ranges::all_of(keys, [&](const char* key) {
               return object.contains(key) && object[key].is_string();
           });
}

bool is_results(const nlohmann::ordered_json& json) {
    return json.is_object() && json.contains("complete") && json["complete"].is_boolean() &&
           json.contains("benchmarks") && json["benchmarks"].is_array() &&
           json.contains("claims") && json["claims"].is_array() &&
           std::ranges::all_of(json["benchmarks"],
                               [](const auto& row) { return has_words(row, {"name"}); }) &&
           std::ranges::all_of(json["claims"], [](const auto& claim) {
               return has_words(claim, {"id", "claim", "figure", "verdict"});
           });
}

} // namespace

nlohmann::ordered_json read_results(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in)
        return nullptr;
    auto json = nlohmann::ordered_json::parse(in, nullptr, false);
    if (!is_results(json))
        throw not_results(fmt::format("read {}: not a results file", file.string()));
    return json;
}

nlohmann::ordered_json read_own_results(const std::filesystem::path& file) {
    try {
        return read_results(file);
    } catch (const not_results&) {
        const auto aside = std::filesystem::path(file).concat(".bad");
        std::filesystem::rename(file, aside);
        fmt::print(stderr, "{} is not a results file: set aside as {}\n", file.string(),
                   aside.filename().string());
        return nullptr;
    }
}

} // namespace measure
