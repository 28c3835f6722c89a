/// @file
/// What the two ends say to each other: chapter 1's frames, and what is
/// in them. No socket inside.
///
///     client: hello, then put: ask? block... end
///                      or get: get
///                      or list: list
///                      or compare: compare
///                      or remove: remove
///     server: hello, then put: answer? ack... end
///                      or get: block... end
///                      or list: entries... end
///                      or compare: there... compared
///                      or remove: removed... end
///
/// and, among the acks, blocks and entries, a problem for each file that
/// is left out while the rest goes on.
#pragma once

#include "disk/entry.hpp"
#include "disk/failure.hpp"
#include "disk/tree_sum.hpp"
#include "techniques.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <span>
#include <string>
#include <vector>

/// Chapter 6: files from one machine to another.
namespace file_transfer {

inline constexpr std::uint16_t protocol_version = 1;

/// Bytes of files and of what stands between them in one block, before it
/// is compressed.
inline constexpr std::size_t block_limit = 256 << 10;
/// Names in one request, and holdings in another list of it.
inline constexpr std::size_t names_limit = 16'384;

/// The type of a frame. The first three are chapter 1's.
enum class message : std::uint8_t {
    block = 1,  ///< a piece of the stream of entries: codec, size, bytes
    end = 2,    ///< of the stream: how many entries, how many bytes
    error = 3,  ///< a code and a line of text; nothing follows
    hello = 16, ///< version, switches, abilities
    put,        ///< blocks follow, towards the server
    get,        ///< send me these paths; I have this much of them
    list,       ///< say what there is, of these paths or of all
    ask,        ///< what do you have of these paths?
    answer,     ///< for each: nothing, a part, or all
    ack,        ///< so many entries are safe on the disk
    entries,    ///< names, sizes and times
    problem,    ///< a file that is left out: as error; the rest follows
    working,    ///< what you wait for takes time, and is being done
    compare,    ///< is this what you have below these paths?
    there,      ///< if not: names, sizes and times, each path short
    compared,   ///< whether it is, and how much there is
    remove,     ///< what the sender does not have
    removed,    ///< for each: whether it is gone
};

/// What not every peer can: a bit each, told in the greeting. Whoever
/// says nothing of it can nothing of it.
enum class ability : std::uint32_t {
    zstd = 1, ///< takes blocks that are compressed by zstd
};

struct abilities {
    std::uint32_t bits = 0;

    bool has(ability one) const {
        return (bits & static_cast<std::uint32_t>(one)) != 0;
    }
    abilities with(ability one) const {
        return {bits | static_cast<std::uint32_t>(one)};
    }
};

struct hello {
    std::uint16_t version = protocol_version;
    switches without = {};
    abilities can = {};
};
std::vector<std::byte> encode(const hello& greeting);
hello decode_hello(byte_view payload);

/// `get`: what is wanted, and what is there of it already.
struct wanted {
    std::vector<std::string> paths;
    std::vector<holding> have;
    std::uint8_t level = 0; ///< how to compress: 0 to 9, or 255: auto
};

std::vector<std::byte> encode(const wanted& request);
wanted decode_wanted(byte_view payload);
std::vector<std::byte> encode(std::span<const std::string> paths);
std::vector<std::string> decode_paths(byte_view payload);
/// `ask`, as holdings without a state.
std::vector<holding> decode_questions(byte_view payload);
std::vector<std::byte> encode(std::span<const holding> holdings);
std::vector<holding> decode_holdings(byte_view payload);
std::vector<std::byte> encode(std::span<const entry> entries);
std::vector<entry> decode_entries(byte_view payload);

std::vector<std::byte> encode(const totals& counts);
totals decode_totals(byte_view payload);

/// `compare`: what the client has below some paths, in one number.
struct comparison {
    std::vector<std::string> paths;
    tree_sum sum;
};

std::vector<std::byte> encode(const comparison& question);
comparison decode_comparison(byte_view payload);

/// `compared`: the answer, behind all there is when that is another.
struct comparison_result {
    bool is_same = false;
    std::uint64_t entries = 0; ///< that have been listed
    std::uint64_t parts = 0;   ///< files that have arrived in part

    bool operator==(const comparison_result&) const = default;
};

std::vector<std::byte> encode(const comparison_result& result);
comparison_result decode_comparison_result(byte_view payload);

/// `there`: in each path the bytes that it shares with the one before it
/// are left out. Entries have no offset.
std::vector<std::byte> encode_there(std::span<const entry> entries);
std::vector<entry> decode_there(byte_view payload);

/// `remove`: entries, none twice. @throws failure bad_message.
std::vector<entry> decode_removal(byte_view payload);

/// `removed`: a byte for each of the next entries, 1: it is gone.
std::vector<std::byte> encode_removed(const std::vector<bool>& gone);
std::vector<bool> decode_removed(byte_view payload);

} // namespace file_transfer
