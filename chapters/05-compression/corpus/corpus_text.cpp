#include "corpus_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace compression {

namespace {

constexpr std::array<std::string_view, 8> paths{
    "/api/v1/orders", "/api/v1/users",  "/api/v1/search", "/login",
    "/static/app.js", "/api/v1/basket", "/health",        "/images"};
constexpr std::array<std::string_view, 4> methods{"GET", "GET", "GET",
                                                  "POST"};
constexpr std::array<int, 8> statuses{200, 200, 200, 200,
                                      200, 304, 404, 500};
constexpr std::array<std::string_view, 3> agents{
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "curl/7.88.1"};
constexpr std::array<std::string_view, 6> cities{
    "Seoul", "Busan", "Berlin", "Lagos", "Lima", "Oslo"};
constexpr std::array<std::string_view, 4> states{"paid", "open", "sent",
                                                 "returned"};
constexpr std::array<std::string_view, 10> verbs{
    "read", "write", "open",  "close", "find",
    "add",  "drop",  "parse", "check", "count"};
constexpr std::array<std::string_view, 10> nouns{
    "buffer", "packet", "socket", "header", "client",
    "stream", "queue",  "block",  "index",  "record"};
constexpr std::array<std::string_view, 5> types{"int", "size_t", "char*",
                                                "bool", "uint32_t"};

auto end_of(std::string& text) {
    return std::back_inserter(text);
}

// The time of day of a line, a few milliseconds after the one before.
std::string clock_at(std::size_t ms) {
    return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000 % 24,
                       ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

std::string make_word(dice& dice) {
    constexpr std::array<std::string_view, 16> heads{
        "b", "d", "f", "g", "h",  "k",  "l",  "m",
        "n", "r", "s", "t", "st", "th", "br", "w"};
    constexpr std::array<std::string_view, 8> vowels{"a", "e",  "i", "o",
                                                     "u", "ea", "e", "o"};
    constexpr std::array<std::string_view, 8> tails{"",  "n", "r", "s",
                                                    "t", "",  "l", "nd"};
    std::string word;
    const auto syllables = 1 + dice.below(3);
    for (std::uint64_t i = 0; i < syllables; ++i)
        word.append(dice.one_of(heads))
            .append(dice.one_of(vowels))
            .append(dice.one_of(tails));
    return word;
}

} // namespace

void add_log_line(std::string& text, dice& dice, std::size_t number) {
    const std::size_t ms = number * 7 + dice.below(7);
    fmt::format_to(
        end_of(text),
        R"({{"time":"2026-03-14T{}Z","level":"{}","method":"{}",)"
        R"("path":"{}/{}","status":{},"ms":{:.2f},"bytes":{},)"
        R"("client":"10.0.{}.{}","request":"{:08x}","agent":"{}"}})"
        "\n",
        clock_at(ms), dice.below(20) ? "info" : "warning",
        dice.one_of(methods), dice.one_of(paths), dice.below(5000),
        dice.one_of(statuses), dice.share() * 90, dice.below(20'000),
        dice.below(4), dice.below(256), dice.below(1ull << 32),
        dice.one_of(agents));
}

void add_csv_line(std::string& text, dice& dice, std::size_t number) {
    fmt::format_to(
        end_of(text),
        "{},2026-{:02}-{:02},{},{},{},{}.{:02},{}.{:02},{},{}\n",
        100'000 + number, 1 + dice.below(12), 1 + dice.below(28),
        10'000 + dice.below(9'000), dice.one_of(cities),
        1 + dice.below(20), dice.below(500), dice.below(100),
        dice.below(5000), dice.below(100), dice.one_of(states),
        dice.below(2) ? "true" : "false");
}

void add_function(std::string& text, dice& dice, std::size_t) {
    const auto name = [&] {
        return fmt::format("{}_{}", dice.one_of(verbs),
                           dice.one_of(nouns));
    };
    const auto first = dice.one_of(nouns), second = dice.one_of(nouns);
    fmt::format_to(end_of(text),
                   "static {} {}_{}(struct {}* {}, {} {}) {{\n",
                   dice.one_of(types), name(), dice.below(1000), first,
                   first, dice.one_of(types), second);
    const auto statements = 2 + dice.below(8);
    for (std::uint64_t i = 0; i < statements; ++i) {
        switch (dice.below(4)) {
        case 0:
            fmt::format_to(end_of(text),
                           "    if ({}->{} > {})\n        return {};\n",
                           first, dice.one_of(nouns), dice.below(4096),
                           dice.below(3));
            break;
        case 1:
            fmt::format_to(end_of(text), "    {}->{} = {}({}, {});\n",
                           first, dice.one_of(nouns), name(), first,
                           second);
            break;
        case 2:
            fmt::format_to(end_of(text),
                           "    for ({} i = 0; i < {}; ++i)\n"
                           "        {}({}, i);\n",
                           dice.one_of(types), second, name(), first);
            break;
        default:
            fmt::format_to(end_of(text), "    {} {} = {}({});\n",
                           dice.one_of(types), dice.one_of(nouns), name(),
                           first);
        }
    }
    fmt::format_to(end_of(text), "    return {};\n}}\n\n", second);
}

sentences::sentences(std::uint64_t seed) {
    constexpr std::size_t vocabulary = 12'000;
    dice dice(seed);
    double sum = 0;
    for (std::size_t rank = 1; rank <= vocabulary; ++rank) {
        words_.push_back(make_word(dice));
        up_to_.push_back(sum += 1.0 / double(rank));
    }
    for (double& share : up_to_)
        share /= sum;
}

const std::string& sentences::word(dice& dice) const {
    const auto found = std::ranges::lower_bound(up_to_, dice.share());
    const auto rank = std::min<std::ptrdiff_t>(found - up_to_.begin(),
                                               std::ssize(words_) - 1);
    return words_[static_cast<std::size_t>(rank)];
}

void sentences::operator()(std::string& text, dice& dice,
                           std::size_t number) {
    const auto length = 4 + dice.below(18);
    for (std::uint64_t i = 0; i < length; ++i) {
        std::string next = word(dice);
        if (i == 0)
            next[0] = static_cast<char>(next[0] - 'a' + 'A');
        text += next;
        text += i + 1 == length ? ". " : dice.below(9) ? " " : ", ";
    }
    if (number % 6 == 5)
        text += "\n\n";
}

} // namespace compression
