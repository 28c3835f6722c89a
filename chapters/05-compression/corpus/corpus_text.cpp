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

// Everything is drawn one by one, before it is written: in which order
// a call computes its arguments is each compiler's choice, and the seed
// would mean other bytes to another.

void add_log_line(std::string& text, dice& dice, std::size_t number) {
    const std::size_t ms = number * 7 + dice.below(7);
    const auto agent = dice.one_of(agents);
    const auto request = dice.below(1ull << 32);
    const auto host = dice.below(256), net = dice.below(4);
    const auto bytes = dice.below(20'000);
    const auto took = dice.share() * 90;
    const auto status = dice.one_of(statuses);
    const auto item = dice.below(5000);
    const auto path = dice.one_of(paths), method = dice.one_of(methods);
    const auto level = dice.below(20) ? "info" : "warning";
    fmt::format_to(
        end_of(text),
        R"({{"time":"2026-03-14T{}Z","level":"{}","method":"{}",)"
        R"("path":"{}/{}","status":{},"ms":{:.2f},"bytes":{},)"
        R"("client":"10.0.{}.{}","request":"{:08x}","agent":"{}"}})"
        "\n",
        clock_at(ms), level, method, path, item, status, took, bytes, net,
        host, request, agent);
}

void add_csv_line(std::string& text, dice& dice, std::size_t number) {
    const auto paid = dice.below(2) ? "true" : "false";
    const auto state = dice.one_of(states);
    const auto tax_cents = dice.below(100), tax = dice.below(5000);
    const auto cents = dice.below(100), price = dice.below(500);
    const auto pieces = 1 + dice.below(20);
    const auto city = dice.one_of(cities);
    const auto customer = 10'000 + dice.below(9'000);
    const auto day = 1 + dice.below(28), month = 1 + dice.below(12);
    fmt::format_to(
        end_of(text),
        "{},2026-{:02}-{:02},{},{},{},{}.{:02},{}.{:02},{},{}\n",
        100'000 + number, month, day, customer, city, pieces, price,
        cents, tax, tax_cents, state, paid);
}

void add_function(std::string& text, dice& dice, std::size_t) {
    const auto name = [&] {
        const auto noun = dice.one_of(nouns), verb = dice.one_of(verbs);
        return fmt::format("{}_{}", verb, noun);
    };
    const auto first = dice.one_of(nouns), second = dice.one_of(nouns);
    const auto type = dice.one_of(types);
    const auto number = dice.below(1000);
    const auto function = name();
    fmt::format_to(
        end_of(text), "static {} {}_{}(struct {}* {}, {} {}) {{\n",
        dice.one_of(types), function, number, first, first, type, second);
    const auto statements = 2 + dice.below(8);
    for (std::uint64_t i = 0; i < statements; ++i) {
        switch (dice.below(4)) {
        case 0: {
            const auto result = dice.below(3), limit = dice.below(4096);
            fmt::format_to(end_of(text),
                           "    if ({}->{} > {})\n        return {};\n",
                           first, dice.one_of(nouns), limit, result);
            break;
        }
        case 1: {
            const auto called = name();
            fmt::format_to(end_of(text), "    {}->{} = {}({}, {});\n",
                           first, dice.one_of(nouns), called, first,
                           second);
            break;
        }
        case 2: {
            const auto called = name();
            fmt::format_to(end_of(text),
                           "    for ({} i = 0; i < {}; ++i)\n"
                           "        {}({}, i);\n",
                           dice.one_of(types), second, called, first);
            break;
        }
        default: {
            const auto called = name();
            const auto noun = dice.one_of(nouns);
            fmt::format_to(end_of(text), "    {} {} = {}({});\n",
                           dice.one_of(types), noun, called, first);
        }
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
