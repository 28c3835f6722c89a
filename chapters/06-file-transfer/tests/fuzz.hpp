/// @file
/// What must hold for any bytes that a peer sends. Ends the process when
/// it does not; sanitizers end it for the rest.
#pragma once

#include "disk/locked_file.hpp"
#include "disk/root.hpp"
#include "memory_server.hpp"
#include "wire/block.hpp"
#include "wire/records.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace file_transfer {

inline void require(bool holds) {
    if (!holds)
        std::abort();
}

/// Holds what comes out of a parser to the order that is promised.
class checking_sink : public file_sink {
public:
    void begin(const entry& one) override {
        require(!inside_);
        inside_ = one.what == entry::kind::file;
        left_ = one.size - one.offset;
        known_ = one.size != unknown_size;
    }
    void content(byte_view some) override {
        require(inside_ && (!known_ || some.size() <= left_));
        left_ -= some.size();
        bytes += some.size();
    }
    void complete(std::uint32_t) override {
        require(inside_ && (!known_ || left_ == 0));
        inside_ = false;
    }
    void give_up() override {
        require(inside_);
        inside_ = false;
    }
    std::uint64_t bytes = 0;

private:
    bool inside_ = false, known_ = false;
    std::uint64_t left_ = 0;
};

/// Frames, blocks in them, and records in these, as receive_blocks()
/// reads them. The checksum of a frame is not asked: it would keep
/// everything out.
inline void fuzz_frames(byte_view bytes) {
    checking_sink sink;
    record_parser parser(sink);
    block_opener opener;
    std::error_code error;
    while (const auto head = read_head(bytes, error)) {
        const std::size_t size = frame_header_size + head->length;
        require(size <= control_limit);
        if (size > bytes.size())
            break;
        is_intact(bytes.first(size));
        if (head->type == message::block) {
            const byte_view payload =
                bytes.first(size).subspan(frame_header_size);
            const byte_view content = opener.open(payload);
            require(content.size() <= block_limit);
            parser.parse(content);
        }
        bytes = bytes.subspan(size);
    }
    parser.finish(parser.so_far());
    require(sink.bytes == parser.so_far().bytes);
}

/// A message is refused, or written again as it was read.
template <class Decode>
void fuzz_message(byte_view payload, Decode decode) {
    const auto first = decode(payload);
    if constexpr (std::is_same_v<decltype(first), const wanted>)
        require(std::ranges::equal(encode(first), payload));
    else if constexpr (std::is_same_v<decltype(first), const totals> ||
                       std::is_same_v<decltype(first),
                                      const comparison> ||
                       std::is_same_v<decltype(first),
                                      const comparison_result>)
        require(std::ranges::equal(encode(first), payload));
    else
        require(decode(encode(std::span(first))) == first);
}

/// The first byte chooses what the others are.
inline void fuzz_parser(byte_view bytes) {
    if (bytes.empty())
        return;
    const auto choice = std::to_integer<unsigned>(bytes[0]) % 14;
    const byte_view rest = bytes.subspan(1);
    try {
        switch (choice) {
        case 0: fuzz_message(rest, decode_wanted); break;
        case 1: fuzz_message(rest, decode_paths); break;
        case 2: fuzz_message(rest, decode_holdings); break;
        case 3: fuzz_message(rest, decode_entries); break;
        case 4: fuzz_message(rest, decode_totals); break;
        case 5: decode_hello(rest); break;
        case 6:
            require(block_opener().open(rest).size() <= block_limit);
            break;
        case 7: {
            checking_sink sink;
            record_parser parser(sink);
            parser.parse(rest);
            parser.finish(parser.so_far());
            break;
        }
        case 8: fuzz_frames(rest); break;
        case 9: fuzz_message(rest, decode_comparison); break;
        case 10: fuzz_message(rest, decode_comparison_result); break;
        case 11: {
            const auto first = decode_there(rest);
            require(decode_there(encode_there(first)) == first);
            break;
        }
        case 12: fuzz_message(rest, decode_removal); break;
        default:
            require(std::ranges::equal(
                encode_removed(decode_removed(rest)), rest));
        }
    } catch (const failure& told) { // one line, nothing unescaped
        for (const char c : std::string(told.what()))
            require(c >= 0x20 && c < 0x7f);
    } catch (const std::system_error&) {
    }
}

/// A server whose clients say anything: byte by byte a frame's type, the
/// length of its payload (two bytes) and the payload; the header with its
/// checksum is made of them. Type 0: bytes without a header.
class fuzzed_server {
public:
    explicit fuzzed_server(const std::filesystem::path& folder)
        : root_(folder / "root") {
        std::filesystem::create_directories(root_);
        server_.emplace(root_.string(), options());
    }

    void serve(byte_view bytes) {
        clear();
        const auto said = frames(bytes);
        byte_view answer = last_ = server_->serve(said);
        std::error_code error;
        while (const auto head = read_head(answer, error)) {
            const std::size_t size = frame_header_size + head->length;
            require(size <= answer.size());
            require(is_intact(answer.first(size)));
            answer = answer.subspan(size);
        }
        require(answer.empty() && !error);
        // Nothing appears beside the root, and no part outlives its
        // session that is not worth resuming.
        namespace fs = std::filesystem;
        open_folders(root_);
        require(std::distance(fs::directory_iterator(root_.parent_path()),
                              fs::directory_iterator()) == 1);
        for (const auto& each : fs::recursive_directory_iterator(root_))
            require(!each.is_symlink() &&
                    !is_part_name(each.path().filename().string()));
    }

private:
    static server_options options() {
        server_options few;
        few.store.durable = false;
        few.store.file_limit = 10'000;
        return few;
    }
    // Folders arrive with any mode.
    static void open_folders(const std::filesystem::path& folder) {
        namespace fs = std::filesystem;
        fs::permissions(folder, fs::perms::owner_all,
                        fs::perm_options::add);
        for (const auto& each : fs::directory_iterator(folder))
            if (each.is_directory() && !each.is_symlink())
                open_folders(each.path());
    }
    void clear() {
        for (const auto& each :
             std::filesystem::directory_iterator(root_))
            std::filesystem::remove_all(each);
    }
    static std::vector<std::byte> frames(byte_view bytes) {
        std::vector<std::byte> all;
        while (bytes.size() >= 3) {
            const auto type = std::to_integer<std::uint8_t>(bytes[0]);
            const std::size_t length =
                std::to_integer<std::size_t>(bytes[1]) << 8 |
                std::to_integer<std::size_t>(bytes[2]);
            bytes = bytes.subspan(3);
            const byte_view payload =
                bytes.first(std::min(length, bytes.size()));
            bytes = bytes.subspan(payload.size());
            const auto frame =
                type == 0
                    ? std::vector(payload.begin(), payload.end())
                    : make_frame(static_cast<message>(type), payload);
            all.insert(all.end(), frame.begin(), frame.end());
        }
        return all;
    }

    std::filesystem::path root_;
    std::optional<memory_server> server_;
    std::vector<std::byte> last_;
};

} // namespace file_transfer
