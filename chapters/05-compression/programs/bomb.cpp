// Inflates a bomb that it has made itself, without a bound and with one,
// and says how much memory that took.
#include "attacks/bomb_parts.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace compression;

int main(int argc, char** argv) {
    program::command_line line(
        "Inflates a bomb and prints how much memory that took.", "bomb");
    bool naive = false, json = false;
    std::uint64_t size = 100 << 20, limit = 1 << 20;
    line.flag("--naive", naive, "without a bound");
    line.size("--size", size, 1, 1u << 30, "what the bomb inflates to");
    line.size("--limit", limit, 1, 1u << 30, "the bound");
    line.flag("--json", json, "print one JSON object");

    return line.run(argc, argv, [&] {
        const bomb_result result =
            naive ? inflate_bomb_naively(size)
                  : inflate_bomb_bounded(size, limit);
        if (json)
            fmt::print("{}\n",
                       nlohmann::ordered_json{
                           {"compressed_bytes", result.compressed},
                           {"inflated_bytes", result.inflated},
                           {"refused", result.refused},
                           {"peak_resident_bytes", result.peak_resident}}
                           .dump());
        else
            fmt::print("{} bytes inflated to {}{}; at most {} KiB of "
                       "memory\n",
                       result.compressed, result.inflated,
                       result.refused ? ", then refused" : "",
                       result.peak_resident / 1024);
    });
}
