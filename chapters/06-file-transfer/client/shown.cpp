#include "shown.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace file_transfer {

namespace {

// A character at the beginning of some bytes.
struct character {
    std::size_t size = 1; // in bytes
    bool valid = false, control = false;
};

std::uint32_t byte(char c) {
    return static_cast<unsigned char>(c);
}

// What says in which direction a line is written, UAX #9, or ends it: the
// rest of a name would stand before its beginning.
bool is_turning(std::uint32_t code) {
    return code == 0x61c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

character first_of(std::string_view text) {
    const std::uint32_t first = byte(text[0]);
    if (first < 0x80)
        return {1, true, first < 0x20 || first == 0x7f};
    const std::size_t size = first >= 0xf0   ? 4
                             : first >= 0xe0 ? 3
                             : first >= 0xc2 ? 2
                                             : 0;
    if (size == 0 || first > 0xf4 || text.size() < size)
        return {};
    std::uint32_t code = first & (0xff >> (size + 1));
    for (const char c : text.substr(1, size - 1)) {
        if ((byte(c) & 0xc0) != 0x80)
            return {};
        code = code << 6 | (byte(c) & 0x3f);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[size] || code > 0x10ffff ||
        (code >= 0xd800 && code < 0xe000))
        return {};
    return {size, true, code < 0xa0 || is_turning(code)}; // C1 controls
}

} // namespace

bool is_utf8(const std::string& name) {
    for (std::string_view rest = name; !rest.empty();) {
        const character next = first_of(rest);
        if (!next.valid)
            return false;
        rest.remove_prefix(next.size);
    }
    return true;
}

std::string shown(const std::string& name) {
    std::string text;
    for (std::string_view rest = name; !rest.empty();) {
        const character next = first_of(rest);
        const std::string_view bytes = rest.substr(0, next.size);
        if (next.valid && !next.control)
            text += bytes;
        else
            for (const char c : bytes)
                text += fmt::format("\\x{:02x}", byte(c));
        rest.remove_prefix(next.size);
    }
    return text;
}

std::string hex(const std::string& name) {
    std::string text;
    for (const char c : name)
        text += fmt::format("{:02x}", byte(c));
    return text;
}

} // namespace file_transfer
