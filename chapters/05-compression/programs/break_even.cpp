// Does compressing this file pay, on this machine, on which link?
#include "break-even/model.hpp"
#include "break-even/sample.hpp"

#include "common/program/command_line.hpp"
#include "common/program/units.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

using namespace compression;

namespace {

constexpr double mbit = 1e6 / 8; // bytes

struct options {
    std::string file;
    std::uint64_t sample = 4 << 20;
    std::uint64_t link = 0; // bits a second
    bool json = false;
};

struct row {
    std::string codec;
    codec_speed speed;
};

std::string pays_below(const codec_speed& speed, order how) {
    const double link = break_even(speed, how) / mbit;
    return link == 0 ? "never" : fmt::format("{:.0f}", link);
}

void print_row(const row& one) {
    fmt::print("{:<8} {:>6.2f} {:>10.0f} {:>9.0f} {:>12} {:>12}\n",
               one.codec, one.speed.ratio,
               one.speed.compress_bytes_per_second / mbit,
               one.speed.inflate_bytes_per_second / mbit,
               pays_below(one.speed, order::in_turn),
               pays_below(one.speed, order::overlapped));
    std::fflush(stdout);
}

const row& best_for(const std::vector<row>& rows, order how,
                    double link) {
    return *std::ranges::min_element(rows, {}, [&](const row& one) {
        return compressed_seconds(one.speed, how, 1, link);
    });
}

void print_link(const std::vector<row>& rows, double bytes, double link) {
    const double plain = plain_seconds(bytes, link);
    fmt::print("\non a link of {:g} Mbit/s: plain {:.3g} s\n",
               link / mbit, plain);
    for (const order how : {order::in_turn, order::overlapped}) {
        const row& best = best_for(rows, how, link);
        const double seconds =
            compressed_seconds(best.speed, how, bytes, link);
        fmt::print("  {:<10} {}\n",
                   how == order::in_turn ? "in turn" : "overlapped",
                   seconds < plain
                       ? fmt::format("{} {:.3g} s", best.codec, seconds)
                       : "send it plain");
    }
}

// What the table means, for whoever has not said which link it is.
void print_sentence(const std::vector<row>& rows) {
    double link = 0, ratio = 0;
    for (const row& one : rows) {
        link = std::max(link, break_even(one.speed, order::overlapped));
        ratio = std::max(ratio, one.speed.ratio);
    }
    if (ratio < 1.1 || link == 0)
        fmt::print("\nIt shrinks by hardly anything: send it plain.\n");
    else
        fmt::print("\nCompress it on links below {:.0f} Mbit/s, for at "
                   "most {:.2g} times the speed; --link RATE names the "
                   "codec for yours.\n",
                   link / mbit, ratio);
}

void print_heading(const options& chosen, const sample& taken) {
    const auto size = taken.data.size();
    fmt::print("{}: {}\n\n", chosen.file,
               taken.file_bytes == size
                   ? fmt::format("{} bytes", size)
                   : fmt::format("a sample of {} bytes", size));
    fmt::print("{:<8} {:>6} {:>10} {:>9} {:>12} {:>12}\n"
               "{:<8} {:>6} {:>10} {:>9} {:>12} {:>12}\n",
               "Mbit/s", "", "", "", "pays below,", "pays below,",
               "codec", "ratio", "compress", "inflate", "in turn",
               "overlapped");
    std::fflush(stdout);
}

nlohmann::ordered_json to_json(const row& one) {
    return {
        {"codec", one.codec},
        {"ratio", one.speed.ratio},
        {"compress_bytes_per_second",
         one.speed.compress_bytes_per_second},
        {"inflate_bytes_per_second", one.speed.inflate_bytes_per_second},
        {"break_even_in_turn_bits_per_second",
         8 * break_even(one.speed, order::in_turn)},
        {"break_even_overlapped_bits_per_second",
         8 * break_even(one.speed, order::overlapped)}};
}

void measure_and_print(const options& chosen) {
    const sample taken = take_sample(chosen.file, chosen.sample);
    if (!chosen.json && taken.data.empty()) {
        fmt::print("{}: 0 bytes: there is nothing to compress\n",
                   chosen.file);
        return;
    }
    if (!chosen.json)
        print_heading(chosen, taken);
    std::vector<row> rows;
    if (!taken.data.empty())
        for (const codec& codec : codecs()) {
            rows.push_back(
                {codec.name, measure_speed(codec, taken.data, 0.05)});
            if (!chosen.json)
                print_row(rows.back());
        }
    const auto bytes =
        static_cast<double>(taken.file_bytes.value_or(taken.data.size()));
    if (chosen.json) {
        auto all = nlohmann::ordered_json::array();
        for (const row& one : rows)
            all.push_back(to_json(one));
        fmt::print("{}\n", nlohmann::ordered_json{{"bytes", bytes},
                                                  {"sample_bytes",
                                                   taken.data.size()},
                                                  {"codecs", all}}
                               .dump());
    } else if (chosen.link > 0) {
        print_link(rows, bytes, static_cast<double>(chosen.link) / 8);
    } else {
        print_sentence(rows);
    }
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Measures how well and how fast this machine compresses "
        "a file, and says on which links that pays.",
        "break_even");
    options chosen;
    line.text("FILE", chosen.file, "the file; nothing is written")
        .required();
    line.size("--sample", chosen.sample, 1024, 1u << 30,
              "of a larger file, measure this many bytes");
    line.parsed(
        "--link", "RATE",
        [&](const std::string& text) {
            chosen.link = program::parse_rate(text);
            if (chosen.link == 0)
                throw std::invalid_argument("a link carries more than 0");
        },
        "name the best level for a link of this rate, such as 50mbit");
    line.flag("--json", chosen.json, "print one JSON object");

    return line.run(argc, argv, [&] { measure_and_print(chosen); });
}
