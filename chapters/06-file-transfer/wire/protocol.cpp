#include "fields.hpp"

#include <fmt/format.h>

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

// A count from a peer bounds nothing: each item is looked at before the
// next is asked for, and a payload is at most 1 MiB.
template <class Item, class Get>
std::vector<Item> get_all(wire_reader& in, std::uint32_t count, Get get) {
    std::vector<Item> items;
    for (std::uint32_t i = 0; i < count; ++i)
        items.push_back(get(in));
    return items;
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

std::string get_text(wire_reader& in) {
    return in.text();
}

} // namespace

std::vector<std::byte> encode(const hello& greeting) {
    std::vector<std::byte> payload;
    wire_writer out(payload);
    out.number(greeting.version);
    out.number(greeting.without.off);
    return payload;
}

// What a later version adds stands behind, and is not looked at.
hello decode_hello(byte_view payload) {
    wire_reader in(payload);
    hello greeting;
    greeting.version = in.number<std::uint16_t>();
    if (greeting.version != protocol_version)
        throw failure(errc::bad_version,
                      fmt::format("version {} is not spoken here, {} is",
                                  greeting.version, protocol_version));
    greeting.without.off = in.number<std::uint32_t>();
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
    auto entries =
        get_all<entry>(in, in.number<std::uint32_t>(), get_entry);
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
    auto paths =
        get_all<std::string>(in, in.number<std::uint32_t>(), get_text);
    in.finish();
    return paths;
}

std::vector<std::byte> encode(std::span<const holding> holdings) {
    return put_all(holdings, [](wire_writer& out, const holding& one) {
        put(out, one);
    });
}

std::vector<holding> decode_holdings(byte_view payload) {
    wire_reader in(payload);
    auto holdings =
        get_all<holding>(in, in.number<std::uint32_t>(), get_holding);
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
    request.paths =
        get_all<std::string>(in, in.number<std::uint32_t>(), get_text);
    request.have =
        get_all<holding>(in, in.number<std::uint32_t>(), get_holding);
    request.level = in.number<std::uint8_t>();
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

} // namespace file_transfer
