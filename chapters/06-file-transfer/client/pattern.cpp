#include "pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace file_transfer {

namespace {

std::size_t byte_of(char c) {
    return static_cast<unsigned char>(c);
}

std::bitset<256> all_but_slash() {
    return std::bitset<256>().set().reset(byte_of('/'));
}

using class_test = int (*)(int);

// Of the C locale, as every program of the course runs in it.
class_test named_class(std::string_view name) {
    static constexpr std::pair<std::string_view, class_test> all[] = {
        {"alnum", std::isalnum}, {"alpha", std::isalpha},
        {"blank", std::isblank}, {"cntrl", std::iscntrl},
        {"digit", std::isdigit}, {"graph", std::isgraph},
        {"lower", std::islower}, {"print", std::isprint},
        {"punct", std::ispunct}, {"space", std::isspace},
        {"upper", std::isupper}, {"xdigit", std::isxdigit}};
    for (const auto& [text, test] : all)
        if (text == name)
            return test;
    throw std::invalid_argument(
        fmt::format("\"[:{}:]\" is no class of bytes", name));
}

} // namespace

name_pattern::name_pattern(std::string_view text) {
    const std::string_view whole = text;
    if (text.size() > 1 && text.ends_with('/')) {
        folders_only_ = true;
        text.remove_suffix(1);
    }
    if (text.starts_with('/')) {
        is_anchored_ = true;
        text.remove_prefix(1);
    }
    if (text.empty())
        throw std::invalid_argument(
            fmt::format("\"{}\" is no pattern", whole));
    read(text);
}

void name_pattern::read(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at++];
        if (c == '*') {
            const bool twice = text.substr(at).starts_with('*');
            at += twice;
            tokens_.push_back({true, twice ? std::bitset<256>().set()
                                           : all_but_slash()});
        } else if (c == '?') {
            tokens_.push_back({false, all_but_slash()});
        } else if (c == '[') {
            at = read_class(text, at);
        } else {
            const bool quoted = c == '\\' && at < text.size();
            const char meant = quoted ? text[at++] : c;
            tokens_.emplace_back().allowed.set(byte_of(meant));
        }
    }
}

// @param at behind the bracket. @returns where it goes on.
std::size_t name_pattern::read_class(std::string_view text,
                                     std::size_t at) {
    std::bitset<256> allowed;
    const bool negated =
        at < text.size() && (text[at] == '!' || text[at] == '^');
    at += negated;
    for (bool first = true;; first = false) {
        const std::string_view rest =
            text.substr(std::min(at, text.size()));
        const std::size_t end = rest.find(":]");
        if (rest.empty())
            throw std::invalid_argument(
                fmt::format("in \"{}\" a [ has no ]", text));
        if (rest[0] == ']' && !first)
            break;
        if (rest.starts_with("[:") && end != rest.npos) {
            const class_test test = named_class(rest.substr(2, end - 2));
            for (int byte = 0; byte < 128; ++byte)
                if (test(byte))
                    allowed.set(static_cast<std::size_t>(byte));
            at += end + 2;
            continue;
        }
        at += rest[0] == '\\' && rest.size() > 1;
        const std::size_t from = byte_of(text[at++]);
        std::size_t to = from;
        if (at + 1 < text.size() && text[at] == '-' &&
            text[at + 1] != ']') {
            to = byte_of(text[at + 1]);
            at += 2;
        }
        for (std::size_t byte = from; byte <= to; ++byte)
            allowed.set(byte);
    }
    if (negated)
        allowed.flip();
    tokens_.push_back({false, allowed.reset(byte_of('/'))});
    return at + 1;
}

//! [matches]
// All places in the pattern that what has been read may have led to: no
// choice is ever taken back, so no name makes it slow.
bool name_pattern::matches(std::string_view path, bool is_folder) const {
    std::vector<bool> now(tokens_.size() + 1), next;
    const auto pass_stars = [this](std::vector<bool>& places) {
        for (std::size_t i = 0; i < tokens_.size(); ++i)
            if (places[i] && tokens_[i].repeats)
                places[i + 1] = true;
    };
    now[0] = true;
    pass_stars(now);
    for (const char c : path) {
        if (c == '/' && now.back())
            return true; // a folder above
        next.assign(now.size(), false);
        for (std::size_t i = 0; i < tokens_.size(); ++i)
            if (now[i] && tokens_[i].allowed[byte_of(c)])
                next[tokens_[i].repeats ? i : i + 1] = true;
        if (c == '/' && !is_anchored_)
            next[0] = true; // it may begin at any name
        pass_stars(next);
        now.swap(next);
    }
    return now.back() && (is_folder || !folders_only_);
}
//! [matches]

bool exclusions::exclude(std::string_view path, bool is_folder) const {
    return std::ranges::any_of(all_, [=](const name_pattern& each) {
        return each.matches(path, is_folder);
    });
}

} // namespace file_transfer
