#include "fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>

namespace file_transfer {

namespace {

void put(wire_writer& out, const holding& one) {
    out.number(static_cast<std::uint8_t>(one.what));
    out.number(one.size);
    out.number(one.checksum);
    out.text(one.path);
}

holding get_holding(wire_reader& in) {
    holding one;
    const auto state = in.number<std::uint8_t>();
    if (state > static_cast<std::uint8_t>(holding::state::all))
        throw failure(errc::bad_message, "an unknown state of a file");
    one.what = static_cast<holding::state>(state);
    one.size = in.number<std::uint64_t>();
    one.checksum = in.number<std::uint32_t>();
    one.path = in.text();
    return one;
}

// Before anything is decoded: so many items may stand in a request, and
// each takes so many bytes at least.
std::uint32_t get_count(wire_reader& in, std::size_t item_bytes) {
    const auto count = in.number<std::uint32_t>();
    if (count > names_limit || count * item_bytes > in.left())
        throw failure(errc::bad_message,
                      fmt::format("{} items in one message", count));
    return count;
}

template <class Item, class Get>
std::vector<Item> get_all(wire_reader& in, std::size_t item_bytes,
                          Get get) {
    const std::uint32_t count = get_count(in, item_bytes);
    std::vector<Item> items;
    items.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i)
        items.push_back(get(in));
    return items;
}

// A name that is there a thousand times would be work times a thousand.
template <class Items, class Path>
void require_different(const Items& items, Path path) {
    std::vector<std::string_view> names;
    names.reserve(items.size());
    for (const auto& one : items)
        names.push_back(std::invoke(path, one));
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end())
        throw failure(errc::bad_message, "a name is there twice");
}

template <class Items, class Put>
std::vector<std::byte> put_all(const Items& items, Put put_one) {
    std::vector<std::byte> payload;
    wire_writer out(payload);
    out.number(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items)
        put_one(out, item);
    return payload;
}

// Of a get: let the server choose. What adaptive_level calls automatic.
constexpr std::uint8_t level_by_itself = 255;

// Bytes that each takes at least, with an empty path.
constexpr std::size_t path_bytes = 2, holding_bytes = 1 + 8 + 4 + 2,
                      entry_bytes = 1 + 2 + 8 + 8 + 8 + 2,
                      there_bytes = 1 + 2 + 8 + 8 + 2 + 2;

std::vector<std::string> get_paths(wire_reader& in) {
    auto paths = get_all<std::string>(
        in, path_bytes, [](wire_reader& from) { return from.text(); });
    require_different(paths, std::identity());
    return paths;
}

std::uint8_t get_flag(wire_reader& in) {
    const auto flag = in.number<std::uint8_t>();
    if (flag > 1)
        throw failure(errc::bad_message, "neither yes nor no");
    return flag;
}

std::vector<holding> get_holdings(wire_reader& in) {
    return get_all<holding>(in, holding_bytes, get_holding);
}

} // namespace

std::vector<std::byte> encode(const hello& greeting) {
    std::vector<std::byte> payload;
    wire_writer out(payload);
    out.number(greeting.version);
    out.number(greeting.without.off);
    out.number(greeting.can.bits);
    return payload;
}

// The first peers end before the abilities. What a later version adds
// stands behind them, and is not looked at.
hello decode_hello(byte_view payload) {
    wire_reader in(payload);
    hello greeting;
    greeting.version = in.number<std::uint16_t>();
    if (greeting.version != protocol_version)
        throw failure(errc::bad_version,
                      fmt::format("version {} is not spoken here, {} is",
                                  greeting.version, protocol_version));
    greeting.without.off = in.number<std::uint32_t>();
    if (!in.empty())
        greeting.can.bits = in.number<std::uint32_t>();
    return greeting;
}

void put(wire_writer& out, const entry& one) {
    out.number(static_cast<std::uint8_t>(one.what));
    out.number(one.mode);
    out.number(static_cast<std::uint64_t>(one.modified_ns));
    out.number(one.size);
    out.number(one.offset);
    out.text(one.path);
}

entry get_entry(wire_reader& in) {
    entry one;
    const auto kind = in.number<std::uint8_t>();
    if (kind != 'f' && kind != 'd')
        throw failure(errc::bad_message,
                      "an entry is neither a file nor a folder");
    one.what = static_cast<entry::kind>(kind);
    one.mode = in.number<std::uint16_t>() & 0777;
    one.modified_ns =
        static_cast<std::int64_t>(in.number<std::uint64_t>());
    one.size = in.number<std::uint64_t>();
    one.offset = in.number<std::uint64_t>();
    one.path = in.text();
    return one;
}

std::vector<std::byte> encode(std::span<const entry> entries) {
    return put_all(entries, [](wire_writer& out, const entry& one) {
        put(out, one);
    });
}

std::vector<entry> decode_entries(byte_view payload) {
    wire_reader in(payload);
    auto entries = get_all<entry>(in, entry_bytes, get_entry);
    in.finish();
    return entries;
}

std::vector<std::byte> encode(std::span<const std::string> paths) {
    return put_all(paths, [](wire_writer& out, const std::string& path) {
        out.text(path);
    });
}

std::vector<std::string> decode_paths(byte_view payload) {
    wire_reader in(payload);
    auto paths = get_paths(in);
    in.finish();
    return paths;
}

std::vector<holding> decode_questions(byte_view payload) {
    std::vector<holding> questions;
    for (std::string& path : decode_paths(payload))
        questions.push_back({.path = std::move(path)});
    return questions;
}

std::vector<std::byte> encode(std::span<const holding> holdings) {
    return put_all(holdings, [](wire_writer& out, const holding& one) {
        put(out, one);
    });
}

std::vector<holding> decode_holdings(byte_view payload) {
    wire_reader in(payload);
    auto holdings = get_holdings(in);
    in.finish();
    return holdings;
}

std::vector<std::byte> encode(const wanted& request) {
    std::vector<std::byte> payload = encode(std::span(request.paths));
    const auto have = encode(std::span(request.have));
    payload.insert(payload.end(), have.begin(), have.end());
    payload.push_back(std::byte{request.level});
    return payload;
}

wanted decode_wanted(byte_view payload) {
    wire_reader in(payload);
    wanted request;
    request.paths = get_paths(in);
    request.have = get_holdings(in);
    require_different(request.have, &holding::path);
    request.level = in.number<std::uint8_t>();
    if (request.level > 9 && request.level != level_by_itself)
        throw failure(errc::bad_message,
                      fmt::format("{} is no level", request.level));
    in.finish();
    return request;
}

std::vector<std::byte> encode(const totals& counts) {
    std::vector<std::byte> payload;
    wire_writer out(payload);
    out.number(counts.entries);
    out.number(counts.bytes);
    return payload;
}

totals decode_totals(byte_view payload) {
    wire_reader in(payload);
    totals counts;
    counts.entries = in.number<std::uint64_t>();
    counts.bytes = in.number<std::uint64_t>();
    in.finish();
    return counts;
}

std::vector<std::byte> encode(const comparison& question) {
    std::vector<std::byte> payload = encode(std::span(question.paths));
    wire_writer out(payload);
    out.number(question.sum.entries);
    out.number(question.sum.high);
    out.number(question.sum.low);
    return payload;
}

comparison decode_comparison(byte_view payload) {
    wire_reader in(payload);
    comparison question;
    question.paths = get_paths(in);
    question.sum.entries = in.number<std::uint64_t>();
    question.sum.high = in.number<std::uint64_t>();
    question.sum.low = in.number<std::uint64_t>();
    in.finish();
    return question;
}

std::vector<std::byte> encode(const comparison_result& result) {
    std::vector<std::byte> payload;
    wire_writer out(payload);
    out.number(static_cast<std::uint8_t>(result.is_same));
    out.number(result.entries);
    out.number(result.parts);
    return payload;
}

comparison_result decode_comparison_result(byte_view payload) {
    wire_reader in(payload);
    comparison_result result;
    result.is_same = get_flag(in) == 1;
    result.entries = in.number<std::uint64_t>();
    result.parts = in.number<std::uint64_t>();
    in.finish();
    return result;
}

namespace {

entry::kind get_kind(wire_reader& in) {
    const auto kind = static_cast<entry::kind>(in.number<std::uint8_t>());
    if (kind != entry::kind::file && kind != entry::kind::folder &&
        kind != entry::kind::other)
        throw failure(errc::bad_message, "an unknown kind of entry");
    return kind;
}

entry get_there(wire_reader& in, const std::string& before) {
    entry one;
    one.what = get_kind(in);
    one.mode = in.number<std::uint16_t>() & 0777;
    one.modified_ns =
        static_cast<std::int64_t>(in.number<std::uint64_t>());
    one.size = in.number<std::uint64_t>();
    const std::size_t kept = in.number<std::uint16_t>();
    const std::string rest = in.text();
    if (kept > before.size() || kept + rest.size() > path_limit)
        throw failure(errc::bad_message, "a path that cannot be");
    one.path = before.substr(0, kept) + rest;
    return one;
}

std::size_t shared_bytes(const std::string& one,
                         const std::string& other) {
    const auto ends = std::ranges::mismatch(one, other);
    return static_cast<std::size_t>(ends.in1 - one.begin());
}

} // namespace

std::vector<std::byte> encode_there(std::span<const entry> entries) {
    std::string before;
    return put_all(entries, [&](wire_writer& out, const entry& one) {
        const std::size_t kept = shared_bytes(before, one.path);
        out.number(static_cast<std::uint8_t>(one.what));
        out.number(one.mode);
        out.number(static_cast<std::uint64_t>(one.modified_ns));
        out.number(one.size);
        out.number(static_cast<std::uint16_t>(kept));
        out.text(one.path.substr(kept));
        before = one.path;
    });
}

std::vector<entry> decode_there(byte_view payload) {
    wire_reader in(payload);
    std::string before;
    auto entries =
        get_all<entry>(in, there_bytes, [&](wire_reader& from) {
            entry one = get_there(from, before);
            before = one.path;
            return one;
        });
    in.finish();
    return entries;
}

std::vector<entry> decode_removal(byte_view payload) {
    auto entries = decode_entries(payload);
    require_different(entries, &entry::path);
    return entries;
}

std::vector<std::byte> encode_removed(const std::vector<bool>& gone) {
    return put_all(gone, [](wire_writer& out, bool one) {
        out.number(static_cast<std::uint8_t>(one));
    });
}

std::vector<bool> decode_removed(byte_view payload) {
    wire_reader in(payload);
    const auto flags = get_all<bool>(
        in, 1, [](wire_reader& from) { return get_flag(from) == 1; });
    in.finish();
    return flags;
}

} // namespace file_transfer
