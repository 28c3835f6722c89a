#include "guessing.hpp"

#include "zlib/one_shot.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace compression {

namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::string_view cookie = "Cookie: token="; // then the secret

std::size_t compressed_length(const std::string& text) {
    return compress(std::as_bytes(std::span(text)),
                    {.format = stream_format::raw})
        .size();
}

//! [request]
std::string beginning(std::string_view text) {
    return fmt::format("GET /?{} HTTP/1.1\r\nHost: shop.example\r\n",
                       text);
}

std::string ending(std::string_view secret) {
    return fmt::format("{}{}\r\n\r\n", cookie, secret);
}
//! [request]

} // namespace

//! [length_in_one_stream]
std::size_t length_in_one_stream(std::string_view secret,
                                 std::string_view text) {
    return compressed_length(beginning(text) + ending(secret));
}

std::size_t length_in_two_streams(std::string_view secret,
                                  std::string_view text) {
    return compressed_length(beginning(text)) +
           compressed_length(ending(secret));
}
//! [length_in_one_stream]

//! [guess_secret]
std::vector<guess> guess_secret(const length_oracle& oracle,
                                std::size_t size) {
    std::vector<guess> guesses;
    for (std::string known; known.size() < size;) {
        guess next{known, {}, {}};
        for (const char digit : digits)
            next.lengths.emplace_back(
                digit,
                oracle(fmt::format("{}{}{}", cookie, known, digit)));
        const auto shortest =
            std::ranges::min_element(
                next.lengths, {}, &std::pair<char, std::size_t>::second)
                ->second;
        for (const auto& [digit, length] : next.lengths)
            if (length == shortest)
                next.shortest += digit;
        known += next.shortest.front();
        guesses.push_back(next);
        if (next.shortest.size() > 1)
            break; // the lengths tell nothing
    }
    return guesses;
}
//! [guess_secret]

} // namespace compression
