// Writes data of a kind, made from a seed, to standard output.
#include "corpus/corpus.hpp"

#include "common/program/command_line.hpp"

#include <cerrno>
#include <cstdio>
#include <map>

using namespace compression;

int main(int argc, char** argv) {
    program::command_line line(
        "Writes data of one kind to standard output: the same "
        "bytes for the same seed.",
        "make_corpus");
    std::map<std::string, kind> kinds;
    for (const kind one : all_kinds)
        kinds.emplace(name_of(one), one);
    kind chosen = kind::json_log;
    std::uint64_t size = 1 << 20, seed = 1;
    line.choice("KIND", chosen, kinds, "what it is like").required();
    line.size("--size", size, 0, 1u << 30, "bytes");
    line.number("--seed", seed, 0,
                std::numeric_limits<std::int64_t>::max(),
                "decides what is in them");

    return line.run(argc, argv, [&] {
        const auto data = make_corpus(chosen, size, seed);
        if (std::fwrite(data.data(), 1, data.size(), stdout) !=
                data.size() ||
            std::fflush(stdout) != 0)
            throw std::system_error(errno, std::generic_category(),
                                    "write standard output");
    });
}
