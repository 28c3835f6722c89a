/// @file
/// Which files a user does not want to be sent: rsync's patterns.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace file_transfer {

// In a pattern stand, as in rsync(1), "INCLUDE/EXCLUDE PATTERN RULES":
//
//     *       any bytes but a slash
//     **      any bytes
//     ?       one byte, but no slash
//     [a-z]   one byte of these; [!a-z] and [^a-z]: of none of these;
//             [[:digit:]] and the other classes of isalpha(3)
//     \x      x itself
//     a slash in front: what lies at the top of the folder
//     a slash at the end: folders alone

/// A pattern by the rules of rsync. One without a slash in its midst, and
/// without two stars, is about a name wherever it is; others are about
/// the end of a path, from one of its slashes on. A match takes at most
/// as many steps as path and pattern have bytes, multiplied, however many
/// names the path has.
class name_pattern {
public:
    /// @throws std::invalid_argument for nothing, and for a class without
    /// an end.
    explicit name_pattern(std::string_view text);

    /// Whether it is about a path, or about a folder above that.
    /// @param path below the folder that is sent.
    bool matches(std::string_view path, bool is_folder) const;

private:
    struct token {
        bool repeats = false;     // any number of them, or none
        std::bitset<256> allowed; // one of these bytes
    };

    void read(std::string_view text);
    std::size_t read_class(std::string_view text, std::size_t at);

    std::vector<token> tokens_;
    bool folders_only_ = false, is_anchored_ = false;
};

/// Patterns, and what lies in folders that match one.
class exclusions {
public:
    void add(std::string_view text) { all_.emplace_back(text); }
    bool empty() const { return all_.empty(); }

    /// Whether a pattern matches, the path or a folder above it.
    bool exclude(std::string_view path, bool is_folder) const;

private:
    std::vector<name_pattern> all_;
};

} // namespace file_transfer
