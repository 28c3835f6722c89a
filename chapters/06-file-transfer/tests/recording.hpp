/// @file
/// All that a client says on one connection.
#pragma once

#include "disk/checksum.hpp"
#include "wire/block.hpp"
#include "wire/fields.hpp"

#include <map>

namespace file_transfer {

using contents = std::map<std::string, std::vector<std::byte>>;

/// A question, a folder and three files in two blocks, then a list, and
/// all of it fetched.
class recording {
public:
    recording() {
        files_["folder/a"] = bytes_of(120, 1);
        files_["folder/b"] = {};
        files_["c"] = bytes_of(90, 2);
        add(message::hello, encode(hello{}));
        add(message::ask, encode(std::span<const std::string>(names_)));
        add(message::put, {});
        std::vector<std::byte> first, second;
        entry folder;
        folder.what = entry::kind::folder;
        folder.mode = 0755;
        folder.path = "folder";
        wire_writer out(first);
        out.number(std::uint8_t{'E'});
        put(out, folder);
        put_file(out, "folder/a");
        put_file(out, "folder/b");
        wire_writer more(second);
        put_file(more, "c");
        add(message::block, block_of(first));
        add(message::block, block_of(second));
        add(message::end, encode(totals{4, 210}));
        add(message::list, {});
        wanted all;
        all.paths = {""};
        add(message::get, encode(all));
    }

    struct said {
        message type;
        std::vector<std::byte> payload;
    };
    const std::vector<said>& messages() const { return messages_; }
    byte_view bytes() const { return bytes_; }
    const contents& files() const { return files_; }
    /// In the order in which they are acknowledged, the folder first.
    const std::vector<std::string>& names() const { return names_; }

private:
    void add(message type, const std::vector<std::byte>& payload) {
        messages_.push_back({type, payload});
        const auto frame = make_frame(type, payload);
        bytes_.insert(bytes_.end(), frame.begin(), frame.end());
    }
    static std::vector<std::byte> bytes_of(std::size_t count,
                                           unsigned seed) {
        std::vector<std::byte> some(count);
        for (std::size_t i = 0; i < count; ++i)
            some[i] = static_cast<std::byte>(i * 31 + seed);
        return some;
    }
    static std::vector<std::byte>
    block_of(const std::vector<std::byte>& records) {
        std::vector<std::byte> payload;
        wire_writer out(payload);
        out.number(static_cast<std::uint8_t>(codec::raw));
        out.number(static_cast<std::uint32_t>(records.size()));
        out.bytes(records);
        return payload;
    }
    void put_file(wire_writer& out, const std::string& path) {
        const auto& content = files_.at(path);
        entry about;
        about.path = path;
        about.size = content.size();
        out.number(std::uint8_t{'E'});
        put(out, about);
        if (!content.empty()) {
            out.number(std::uint8_t{'C'});
            out.number(static_cast<std::uint32_t>(content.size()));
            out.bytes(content);
        }
        out.number(std::uint8_t{'Z'});
        out.number(crc32(0, content));
    }

    contents files_;
    std::vector<std::string> names_{"folder", "folder/a", "folder/b",
                                    "c"};
    std::vector<said> messages_;
    std::vector<std::byte> bytes_;
};

} // namespace file_transfer
