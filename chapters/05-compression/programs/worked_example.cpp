// Compresses a short text by hand, and shows every step.
#include "by-hand/huffman.hpp"
#include "by-hand/lz77.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <bit>

using namespace compression;

namespace {

// Literals keep their number; a copy of n bytes is 256 + n.
int symbol_of(const token& token) {
    return token.length == 0 ? static_cast<unsigned char>(token.literal)
                             : 256 + static_cast<int>(token.length);
}

std::string name_of(int symbol) {
    if (symbol >= 256)
        return fmt::format("copy {}", symbol - 256);
    if (symbol < 0x20 || symbol >= 0x7f)
        return fmt::format("\\x{:02x}", symbol);
    return fmt::format("'{}'", static_cast<char>(symbol));
}

// The text, and below it a mark for each byte that is a copy.
void print_marked(const std::vector<token>& tokens,
                  const std::string& text) {
    std::string shown, marks;
    for (const char c : text)
        shown += c < 0x20 || c >= 0x7f ? '.' : c;
    for (const token& token : tokens)
        marks += token.length == 0
                     ? " "
                     : fmt::format("<{:->{}}", '>', token.length - 1);
    marks.erase(marks.find_last_not_of(' ') + 1);
    constexpr std::size_t width = 68;
    for (std::size_t at = 0; at < text.size(); at += width)
        fmt::print("\n  {}\n  {}\n", shown.substr(at, width),
                   at < marks.size() ? marks.substr(at, width) : "");
}

void print_repeats(const std::vector<token>& tokens,
                   const std::string& text) {
    fmt::print("\nFirst, copies of what was there before (LZ77):\n\n");
    std::size_t at = 0;
    for (const token& token : tokens) {
        if (token.length == 0)
            fmt::print("  at {:<3} {}\n", at, name_of(symbol_of(token)));
        else
            fmt::print("  at {:<3} copy {} from {} back: \"{}\"\n", at,
                       token.length, token.distance,
                       text.substr(at, token.length));
        at += std::max<std::size_t>(token.length, 1);
    }
}

void print_codes(const std::vector<code>& codes) {
    fmt::print("\nThen, short codes for what is frequent "
               "(Huffman):\n\n  {:<8} {:>5}  code\n",
               "symbol", "times");
    for (const code& one : codes)
        fmt::print("  {:<8} {:>5}  {}\n", name_of(one.symbol), one.count,
                   one.bits);
}

void print_bits(const std::vector<token>& tokens,
                const std::vector<code>& codes, std::size_t bytes) {
    const auto width = std::bit_width(bytes); // of a distance
    std::map<int, std::string> code_of;
    for (const code& one : codes)
        code_of[one.symbol] = one.bits;
    std::size_t bits = 0, line = 0;
    fmt::print("\nThe bits. After a copy's code stands its distance, in "
               "{} bits:\n\n ",
               width);
    for (const token& token : tokens) {
        std::string out = code_of.at(symbol_of(token));
        if (token.length > 0)
            out += fmt::format(".{:0{}b}", token.distance, width);
        if (line + out.size() + 1 > 70) {
            fmt::print("\n ");
            line = 0;
        }
        fmt::print(" {}", out);
        line += out.size() + 1;
        bits += out.size() - (token.length > 0);
    }
    fmt::print("\n\n{} bits instead of {}, without the table of codes\n",
               bits, 8 * bytes);
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Compresses a short text and shows every step: copies, "
        "codes, bits.",
        "worked_example");
    std::string text;
    line.text("TEXT", text, "what to compress, 1 to 2000 bytes")
        .required();

    return line.run(argc, argv, [&] {
        if (text.empty() || text.size() > 2000)
            throw program::usage_error("TEXT has 1 to 2000 bytes");
        const auto tokens = find_repeats(text);
        std::map<int, std::size_t> counts;
        for (const token& token : tokens)
            ++counts[symbol_of(token)];
        const auto codes = huffman_codes(counts);
        fmt::print("{} bytes, {} bits\n", text.size(), 8 * text.size());
        print_marked(tokens, text);
        print_repeats(tokens, text);
        print_codes(codes);
        print_bits(tokens, codes, text.size());
    });
}
