/// @file
/// What fuzzing begins with: inputs that get far.
#pragma once

#include "recording.hpp"

namespace file_transfer {

using inputs = std::vector<std::vector<std::byte>>;

/// The payload of one that is compressed.
inline std::vector<std::byte> block_of_zeros(codec how) {
    outgoing_block block;
    block.begin().resize(block_data_at + 1000, std::byte{});
    block.pack({how, 6});
    const byte_view payload = block.frame().subspan(frame_header_size);
    return {payload.begin(), payload.end()};
}

/// For fuzz_parser(): each message after its choice, and all as frames.
inline inputs parser_seeds() {
    const recording client;
    const std::vector<holding> have{
        {holding::state::part, 77, 0xdeadbeef, "a/b"},
        {holding::state::all, 1, 2, "c"}};
    std::vector<entry> entries(2);
    entries[0].path = "file";
    entries[1].what = entry::kind::folder;
    const auto deflated = block_of_zeros(codec::zlib);
    const auto& records = client.messages()[3].payload;
    const inputs bodies{
        encode(wanted{{"x", "y/z"}, have, 255}),
        encode(std::span<const std::string>(client.names())),
        encode(std::span<const holding>(have)),
        encode(std::span<const entry>(entries)),
        encode(totals{3, 4}),
        encode(hello{}),
        deflated,
        {records.begin() + block_head_size, records.end()},
        {client.bytes().begin(), client.bytes().end()},
        encode(comparison{{"x", "y/z"}, {1, 2, 3}}),
        encode(comparison_result{true, 4, 5}),
        encode_there(entries),
        encode(std::span<const entry>(entries)),
        encode_removed({true, false})};
    inputs seeds;
    for (std::size_t choice = 0; choice < bodies.size(); ++choice) {
        seeds.push_back({static_cast<std::byte>(choice)});
        seeds.back().insert(seeds.back().end(), bodies[choice].begin(),
                            bodies[choice].end());
    }
    seeds.push_back(block_of_zeros(codec::zstd));
    seeds.back().insert(seeds.back().begin(), std::byte{6});
    return seeds;
}

/// For fuzzed_server::serve(): the beginnings of a recording, and each
/// request alone.
inline inputs session_seeds() {
    const recording client;
    inputs seeds;
    std::vector<std::byte> all, greeting;
    auto messages = client.messages();
    messages.push_back({message::compare, encode(comparison{{""}, {}})});
    const std::vector<entry> folder{
        {.what = entry::kind::folder, .mode = 0755, .path = "folder"}};
    messages.push_back({message::remove, encode(std::span(folder))});
    for (const auto& [type, payload] : messages) {
        std::vector<std::byte> one;
        wire_writer out(one);
        out.number(static_cast<std::uint8_t>(type));
        out.number(static_cast<std::uint16_t>(payload.size()));
        out.bytes(payload);
        if (type == message::hello)
            greeting = one;
        all.insert(all.end(), one.begin(), one.end());
        seeds.push_back(all);
        seeds.push_back(greeting);
        seeds.back().insert(seeds.back().end(), one.begin(), one.end());
    }
    return seeds;
}

} // namespace file_transfer
