#include "corpus.hpp"

#include "corpus_text.hpp"

#include <cstring>
#include <stdexcept>

namespace compression {

namespace {

byte_vector as_bytes(const std::string& text) {
    byte_vector bytes(text.size());
    if (!text.empty()) // or the pointers may be null
        std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

template <class Line>
byte_vector lines(std::size_t size, std::uint64_t seed, Line line) {
    dice dice(seed);
    std::string text;
    text.reserve(size + 4096);
    for (std::size_t number = 0; text.size() < size; ++number)
        line(text, dice, number);
    text.resize(size);
    return as_bytes(text);
}

// A value that wanders, and a sensor that trembles: the sign, the
// exponent and the first digits repeat, the last ones do not.
byte_vector make_floats(std::size_t size, std::uint64_t seed) {
    dice dice(seed);
    byte_vector bytes(size);
    double temperature = 20;
    for (std::size_t at = 0; at + 4 <= size; at += 4) {
        temperature += 0.02 * (dice.share() - 0.5);
        const double noise = 0.05 * (dice.share() + dice.share() - 1);
        const auto reading = static_cast<float>(temperature + noise);
        std::memcpy(&bytes[at], &reading, sizeof reading);
    }
    return bytes;
}

byte_vector make_random(std::size_t size, std::uint64_t seed) {
    dice dice(seed);
    byte_vector bytes(size);
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(dice.below(256));
    return bytes;
}

byte_vector make_packed(std::size_t size, std::uint64_t seed) {
    byte_vector packed;
    while (packed.size() < size) { // a JSON log shrinks to a fifth or so
        const auto part =
            compress(make_corpus(kind::json_log, 1 << 20, seed++),
                     {.format = stream_format::gzip});
        packed.insert(packed.end(), part.begin(), part.end());
    }
    packed.resize(size);
    return packed;
}

} // namespace

std::string_view name_of(kind kind) {
    switch (kind) {
    case kind::json_log: return "json-log";
    case kind::csv: return "csv";
    case kind::prose: return "prose";
    case kind::code: return "code";
    case kind::floats: return "floats";
    case kind::packed: return "packed";
    case kind::random: return "random";
    }
    return "?";
}

byte_vector make_corpus(kind kind, std::size_t size, std::uint64_t seed) {
    switch (kind) {
    case kind::json_log: return lines(size, seed, add_log_line);
    case kind::csv: return lines(size, seed, add_csv_line);
    case kind::prose:
        return lines(size, seed, sentences(seed ^ 0x9e3779b97f4a7c15));
    case kind::code: return lines(size, seed, add_function);
    case kind::floats: return make_floats(size, seed);
    case kind::packed: return make_packed(size, seed);
    case kind::random: return make_random(size, seed);
    }
    throw std::invalid_argument("no such kind of data");
}

} // namespace compression
