#include "content.hpp"

#include "chapters/05-compression/corpus/corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace file_transfer {

namespace fs = std::filesystem;
using compression::make_corpus;

namespace {

using corpus_kind = compression::kind;

constexpr std::array mixed_kinds{corpus_kind::json_log, corpus_kind::csv,
                                 corpus_kind::prose, corpus_kind::code,
                                 corpus_kind::packed};
constexpr std::array endings{".log", ".csv", ".txt", ".cpp", ".gz"};
constexpr std::size_t piece_size = 1 << 20;

std::vector<corpus_kind> kinds_in(content::kind what) {
    switch (what) {
    case content::kind::text: return {corpus_kind::json_log};
    case content::kind::packed: return {corpus_kind::packed};
    default: return {mixed_kinds.begin(), mixed_kinds.end()};
    }
}

void append(std::ofstream& out, const compression::byte_vector& bytes,
            std::uint64_t most) {
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(
                  std::min<std::uint64_t>(bytes.size(), most)));
}

// Pieces of each kind in turn, their seeds far apart: a packed piece is
// made of several, and those of two pieces must not be the same. What is
// larger than 64 MiB repeats itself, farther back than any of these
// compressors looks.
void write_one(const fs::path& where, const content& what) {
    std::vector<compression::byte_vector> pieces;
    const auto kinds = kinds_in(what.what);
    for (std::uint64_t i = 0; i < 64 / kinds.size(); ++i)
        for (const corpus_kind one : kinds)
            if (i * piece_size * kinds.size() < what.bytes)
                pieces.push_back(
                    make_corpus(one, piece_size, 1000 * i + 1));
    std::ofstream out(where, std::ios::binary);
    std::size_t at = 0;
    for (std::uint64_t left = what.bytes; left > 0;) {
        const auto& piece = pieces[at++ % pieces.size()];
        append(out, piece, left);
        left -= std::min<std::uint64_t>(left, piece.size());
    }
}

// Each small file of a kind is another. Packed ones are cut from one
// piece, since to pack takes 20 ms, and there are thousands.
void make_small(const fs::path& where, const content& what,
                std::size_t kind) {
    const std::size_t kinds = mixed_kinds.size();
    const bool cut = mixed_kinds[kind] == corpus_kind::packed;
    compression::byte_vector piece;
    if (cut)
        piece = make_corpus(corpus_kind::packed,
                            (what.files / kinds + 1) * what.each, 1);
    for (std::size_t i = kind; i < what.files; i += kinds) {
        std::ofstream out(where / (std::to_string(i) + endings[kind]),
                          std::ios::binary);
        if (!cut)
            piece = make_corpus(mixed_kinds[kind], what.each, i + 1);
        out.write(reinterpret_cast<const char*>(piece.data()) +
                      (cut ? i / kinds * what.each : 0),
                  static_cast<std::streamsize>(what.each));
    }
}

struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

// @returns the size, or none when they differ.
std::optional<double> same_bytes(const fs::path& one,
                                 const fs::path& other) {
    std::unique_ptr<std::FILE, closer> files[2];
    static std::vector<char> bytes[2]; // not for each of 10,000 files
    for (std::size_t i = 0; i < 2; ++i) {
        files[i].reset(std::fopen((i ? other : one).c_str(), "rb"));
        bytes[i].resize(piece_size);
        if (!files[i])
            return std::nullopt;
        std::setbuf(files[i].get(), nullptr);
    }
    for (double size = 0;;) {
        std::size_t got[2];
        for (std::size_t i = 0; i < 2; ++i)
            got[i] = std::fread(bytes[i].data(), 1, piece_size,
                                files[i].get());
        if (got[0] != got[1] ||
            !std::equal(bytes[0].begin(),
                        bytes[0].begin() +
                            static_cast<std::ptrdiff_t>(got[0]),
                        bytes[1].begin()))
            return std::nullopt;
        if (got[0] == 0)
            return size;
        size += static_cast<double>(got[0]);
    }
}

} // namespace

void make_content(const fs::path& where, const content& what) {
    if (what.what != content::kind::mixed) {
        write_one(where, what);
        return;
    }
    fs::create_directories(where / "small");
    for (const corpus_kind one : mixed_kinds)
        if (what.bytes > 0) {
            std::ofstream out(where / std::string(name_of(one)),
                              std::ios::binary);
            append(out,
                   make_corpus(one, what.bytes / mixed_kinds.size(), 1),
                   what.bytes);
        }
    for (std::size_t kind = 0; kind < mixed_kinds.size(); ++kind)
        make_small(where / "small", what, kind);
}

double require_same(const fs::path& sent, const fs::path& arrived) {
    double bytes = 0;
    const auto compare = [&](const fs::path& one, const fs::path& other) {
        const auto size = same_bytes(one, other);
        if (!size)
            throw std::runtime_error(
                fmt::format("{} did not arrive as it was sent",
                            one.filename().string()));
        bytes += *size;
    };
    if (!fs::is_directory(sent)) {
        compare(sent, arrived);
        return bytes;
    }
    for (const auto& one : fs::recursive_directory_iterator(sent))
        if (one.is_regular_file())
            compare(one.path(), arrived / fs::relative(one.path(), sent));
    return bytes;
}

} // namespace file_transfer
