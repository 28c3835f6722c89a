#include "show.hpp"

#include "common/measure/statistics.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace tcp_nodelay {

namespace {

// The medians of one case's counters over its repetitions, by case, in
// the order of the alphabet.
using table = std::map<std::string, std::map<std::string, double>>;

table medians(const nlohmann::ordered_json& results,
              const std::string& prefix,
              const std::vector<std::string>& counters) {
    std::map<std::string, std::map<std::string, std::vector<double>>> all;
    for (const auto& row : results.at("benchmarks")) {
        const std::string name = row.at("name");
        if (name.starts_with(prefix))
            for (const std::string& counter : counters)
                all[name.substr(prefix.size())][counter].push_back(
                    row.value(counter, 0.0));
    }
    table found;
    for (const auto& [name, columns] : all)
        for (const auto& [counter, values] : columns)
            found[name][counter] = measure::median(values);
    return found;
}

void print_table(
    const nlohmann::ordered_json& results, const std::string& prefix,
    const std::vector<std::pair<std::string, const char*>>& columns) {
    std::vector<std::string> counters;
    fmt::print("{:28}", "");
    for (const auto& [counter, title] : columns) {
        counters.push_back(counter);
        fmt::print("{:>11}", title);
    }
    fmt::print("\n");
    for (const auto& [name, row] : medians(results, prefix, counters)) {
        fmt::print("{:28}", name);
        for (const std::string& counter : counters)
            fmt::print("{:11.1f}", row.at(counter));
        fmt::print("\n");
    }
}

} // namespace

void show(const nlohmann::ordered_json& results,
          const std::map<std::string, std::string>& ladders) {
    fmt::print("\nA request on loopback, in us, and its segments both "
               "ways\n");
    print_table(results, "loopback/",
                {{"first_us", "first"},
                 {"median_us", "median"},
                 {"p90_us", "90 %"},
                 {"p99_us", "99 %"},
                 {"segments_per_request", "segments"},
                 {"wire_bytes_per_request", "bytes"}});
    fmt::print(
        "\nThe same counted on netlab's link, packets and bytes of "
        "IP both ways\n");
    print_table(results, "wire/",
                {{"packets_per_request", "packets"},
                 {"ip_bytes_per_request", "bytes"}});
    if (!ladders.empty())
        fmt::print("\nThe packets of one request, over a round trip of "
                   "20 ms\n");
    for (const auto& [name, ladder] : ladders)
        fmt::print("{}\n{}", name, ladder);
}

} // namespace tcp_nodelay
