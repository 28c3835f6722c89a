/// @file
/// What the two ends say to each other: chapter 1's frames, and what is
/// in them. No socket inside.
///
///     client: hello, then put: ask? block... end
///                      or get: get
///                      or list: list
///     server: hello, then put: answer? ack... end
///                      or get: block... end
///                      or list: entries... end
#pragma once

#include <frame.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// Chapter 6: files from one machine to another.
namespace file_transfer {

using byte_view = std::span<const std::byte>;

inline constexpr std::uint16_t protocol_version = 1;

/// Bytes of files and of what stands between them in one block, before it
/// is compressed.
inline constexpr std::size_t block_limit = 256 << 10;
inline constexpr std::size_t path_limit = 4095; ///< PATH_MAX less its NUL
inline constexpr std::size_t ask_limit = 50'000; ///< files in one ask
inline constexpr std::uint64_t unknown_size = ~std::uint64_t{0};

/// The type of a frame. The first three are chapter 1's.
enum class message : std::uint8_t {
    block = 1,  ///< a piece of the stream of entries: codec, size, bytes
    end = 2,    ///< of the stream: how many entries, how many bytes
    error = 3,  ///< a code and a line of text; nothing follows
    hello = 16, ///< version, switches, limits
    put,        ///< blocks follow, towards the server
    get,        ///< send me these paths; I have this much of them
    list,       ///< say what there is, of these paths or of all
    ask,        ///< what do you have of these paths?
    answer,     ///< for each: nothing, a part, or all
    ack,        ///< so many entries are safe on the disk
    entries,    ///< names, sizes and times
};

/// What an error frame says, by its code. 1 to 6 are chapter 1's
/// frame_errc, 100 to 103 chapter 3's refusal.
enum class errc : std::uint16_t {
    bad_message = 200, ///< a payload that breaks the protocol
    bad_version,
    bad_path, ///< not the name of anything below the root
    not_found,
    in_use,       ///< somebody is writing this file now
    wrong_offset, ///< the part that is here has another length
    bad_checksum, ///< the file that arrived is not the one that was sent
    bad_block,    ///< a block does not inflate to what it says
    too_large,    ///< above the server's limit for one file
    storage,      ///< the disk is full or failed
    changed,      ///< the file changed while it was read
};

/// A failure that has a code for the peer.
class failure : public std::runtime_error {
public:
    failure(std::uint16_t code, const std::string& text)
        : std::runtime_error(text), code_(code) {}
    failure(errc code, const std::string& text)
        : failure(static_cast<std::uint16_t>(code), text) {}

    std::uint16_t code() const { return code_; }
    bool is(errc code) const {
        return code_ == static_cast<std::uint16_t>(code);
    }

private:
    std::uint16_t code_;
};

/// A failure that the peer has told.
class peer_failure : public failure {
public:
    using failure::failure;
};

/// What can be switched off: a bit each, told in the greeting so that
/// both ends do without it.
enum class technique : std::uint32_t {
    gather = 1,  ///< header and payload in one write
    nodelay = 2, ///< TCP_NODELAY
    overlap = 4, ///< reading, compressing and sending at a time
    compress = 8,
    async = 16,    ///< the next file before the last is acknowledged
    buffer = 32,   ///< blocks of 256 KiB instead of 1 KiB
    autotune = 64, ///< socket buffers left to the kernel
    group = 128,   ///< one fsync for many small files
    order = 256,   ///< files of one kind beside each other
};

/// The techniques that are off.
struct switches {
    std::uint32_t off = 0;

    bool has(technique one) const {
        return (off & static_cast<std::uint32_t>(one)) == 0;
    }
    std::size_t block_size() const {
        return has(technique::buffer) ? block_limit : 1024;
    }
};

/// @param names comma-separated: `gather,nodelay`; `all` for all of them.
/// @throws std::invalid_argument with one line that quotes the bad name.
switches parse_without(const std::string& names);

/// All names, comma-separated.
std::string technique_names();

struct hello {
    std::uint16_t version = protocol_version;
    switches without;
    std::uint32_t block = block_limit; ///< the largest it accepts
    std::uint32_t connections = 0;     ///< the server's limit
    std::uint32_t idle_ms = 0;         ///< how long it waits
};
std::vector<std::byte> encode(const hello& greeting);
hello decode_hello(byte_view payload);

/// A file or a folder.
struct entry {
    enum class kind : std::uint8_t { file = 'f', folder = 'd' };
    kind what = kind::file;
    std::uint16_t mode = 0644;     ///< permission bits
    std::uint64_t modified_ns = 0; ///< since 1970
    std::uint64_t size = 0;        ///< or unknown_size
    std::uint64_t offset = 0;      ///< where the sender begins
    std::string path;              ///< below the root, `/` between names

    bool operator==(const entry&) const = default;
};

/// What a receiver has of a file already.
struct holding {
    enum class state : std::uint8_t { nothing, part, all };
    state what = state::nothing;
    std::uint64_t size = 0;
    std::uint32_t checksum = 0; ///< CRC-32 of these bytes
    std::string path;

    bool operator==(const holding&) const = default;
};

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
std::vector<std::byte> encode(std::span<const holding> holdings);
std::vector<holding> decode_holdings(byte_view payload);
std::vector<std::byte> encode(std::span<const entry> entries);
std::vector<entry> decode_entries(byte_view payload);

/// Of `ack` and `end`.
struct totals {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;

    bool operator==(const totals&) const = default;
};
std::vector<std::byte> encode(const totals& counts);
totals decode_totals(byte_view payload);

} // namespace file_transfer
