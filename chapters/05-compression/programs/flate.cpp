// Compresses or inflates standard input to standard output.
#include "zlib/fault.hpp"
#include "zlib/inflate_stream.hpp"
#include "zlib/one_shot.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <system_error>

using namespace compression;

namespace {

struct options {
    deflate_settings settings;
    std::uint64_t limit = 1ull << 30;
    std::uint64_t block = 65536;
    bool inflate = false;
};

// Hands standard input to `take` a block at a time.
template <class Take>
void read_all(std::span<std::byte> block, Take take) {
    while (const std::size_t size =
               std::fread(block.data(), 1, block.size(), stdin))
        take(std::span<const std::byte>(block).first(size));
    if (std::ferror(stdin))
        throw std::system_error(errno, std::generic_category(),
                                "read standard input");
}

void print(std::span<const std::byte> bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) !=
        bytes.size())
        throw std::system_error(errno, std::generic_category(),
                                "write standard output");
}

void run_through(const options& chosen) {
    byte_vector raw(65536), block(chosen.block);
    if (chosen.inflate) {
        inflate_stream stream(chosen.settings.format,
                              {.total = chosen.limit});
        try {
            read_all(raw, [&](auto piece) {
                inflate_all(stream, piece, block, print);
            });
        } catch (const std::system_error& error) {
            if (error.code() != fault::total_too_large)
                throw;
            throw std::runtime_error(
                fmt::format("{}: more than {} bytes (--limit)",
                            error.code().message(), chosen.limit));
        }
        stream.finish();
    } else {
        using flush = deflate_stream::flush;
        deflate_stream stream(chosen.settings);
        read_all(raw, [&](auto piece) {
            deflate_all(stream, piece, flush::none, block, print);
        });
        deflate_all(stream, {}, flush::finish, block, print);
    }
    if (std::fflush(stdout) != 0)
        throw std::system_error(errno, std::generic_category(),
                                "write standard output");
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Compresses or inflates standard input to standard "
        "output, block by block.",
        "flate");
    const std::map<std::string, stream_format> formats{
        {"zlib", stream_format::zlib},
        {"gzip", stream_format::gzip},
        {"raw", stream_format::raw}};
    options chosen;
    line.flag("--inflate", chosen.inflate,
              "inflate instead of compressing");
    line.choice("--format", chosen.settings.format, formats,
                "zlib (the default), gzip or raw");
    line.number("--level", chosen.settings.level, 0, 9, "0 to 9");
    line.number("--window", chosen.settings.window_bits, 9, 15,
                "window bits, 9 to 15");
    line.size("--block", chosen.block, 1, 1 << 20,
              "bytes of output at a time");
    line.size("--limit", chosen.limit, 0, 1ull << 40,
              "inflate to no more than this");

    return line.run(argc, argv, [&] { run_through(chosen); });
}
