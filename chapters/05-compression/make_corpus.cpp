// Writes data of a kind, made from a seed, to standard output.
#include "corpus.hpp"

#include <program/program.hpp>
#include <program/units.hpp>

#include <map>

using namespace compression;

int main(int argc, char** argv) {
    CLI::App app("Writes data of one kind to standard output: the same "
                 "bytes for the same seed.",
                 "make_corpus");
    std::map<std::string, kind> kinds;
    for (const kind one : all_kinds)
        kinds.emplace(name_of(one), one);
    kind chosen = kind::json_log;
    std::uint64_t size = 1 << 20, seed = 1;
    app.add_option("KIND", chosen,
                   "json-log, csv, prose, code, floats, packed or random")
        ->required()
        ->transform(CLI::CheckedTransformer(kinds));
    program::add_size(app, "--size", size, 0, 1u << 30, "bytes");
    app.add_option("--seed", seed, "decides what is in them")
        ->capture_default_str();

    return program::run(app, argc, argv, [&] {
        const auto data = make_corpus(chosen, size, seed);
        if (std::fwrite(data.data(), 1, data.size(), stdout) !=
                data.size() ||
            std::fflush(stdout) != 0)
            throw std::system_error(errno, std::generic_category(),
                                    "write standard output");
    });
}
