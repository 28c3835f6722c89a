// What a power cut and a peer that lies must not bring about.
#include "disk/checksum.hpp"
#include "disk/locked_file.hpp"
#include "disk/store.hpp"
#include "practice/exercises/inbox.hpp"
#include "watched_syncs.hpp"
#include "wire/block.hpp"

#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace file_transfer {
namespace {

// Each file's content is safe before its name is, and its name before the
// file counts: in folders that are there, new ones, and large groups.
class safe : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(safe, content_before_name_and_name_before_acknowledgement) { // F41
    const exercise::inbox inbox;
    const auto& paths = GetParam();
    store files(inbox.where(), {.durable = true});
    for (const std::string& path : paths) {
        const auto content = testing_support::bytes(path);
        entry about;
        about.path = path;
        about.size = content.size();
        files.begin(about);
        files.content(content);
        files.complete(crc32(0, content));
    }
    std::size_t contents = 0, names = 0;
    {
        const watched_syncs watched([&](const std::string& what,
                                        bool whole) {
            EXPECT_EQ(files.arrived().entries, 0u);
            const bool folder =
                !whole && exercise::fs::is_directory(what);
            for (const std::string& path : paths) {
                const bool named = inbox.has(path);
                const auto& at = inbox.at(path);
                const bool content =
                    whole ||
                    what == at.parent_path() / part_name(at.filename());
                EXPECT_TRUE(named || !folder) << path;
                contents += content && !named;
                names += named && (whole || what == at.parent_path());
            }
        });
        files.publish();
    }
    EXPECT_EQ(contents, paths.size());
    EXPECT_GE(names, paths.size());
    EXPECT_EQ(files.arrived().entries, paths.size());
}

INSTANTIATE_TEST_SUITE_P(
    , safe,
    testing::Values(std::vector<std::string>{"a"},
                    std::vector<std::string>{"a", "b", "c"},
                    std::vector<std::string>{"new/a", "new/b"},
                    std::vector<std::string>{"a", "b", "c", "d", "e",
                                             "f"},
                    std::vector<std::string>{"x/a", "y/b"}));

// What an earlier writer left unsafe, for his fsync had failed or had not
// ended, is made safe before it counts.
TEST(safe_again, what_is_here_already_counts_when_it_is_safe) { // F41
    const exercise::inbox inbox;
    inbox.add("a", "whole");
    const auto content = testing_support::bytes("whole");
    store files(inbox.where(), {.durable = true});
    entry about;
    about.path = "a";
    about.size = about.offset = content.size();
    files.begin(about);
    files.complete(crc32(0, content));
    std::vector<std::string> made_safe;
    {
        const watched_syncs watched([&](const std::string& what, bool) {
            EXPECT_EQ(files.arrived().entries, 0u);
            made_safe.push_back(what);
        });
        files.publish();
    }
    EXPECT_EQ(made_safe,
              (std::vector<std::string>{inbox.at("a"),
                                        inbox.at("a").parent_path()}));
    EXPECT_EQ(files.arrived().entries, 1u);
}

// A disk that fails: what was there stays, and nothing counts.
TEST(safe_again, what_the_disk_did_not_take_has_no_name) { // F39
    for (const int count : {1, 6}) {
        const exercise::inbox inbox;
        store files(inbox.where(), {.durable = true});
        for (int i = 0; i < count; ++i) {
            const std::string path(1, static_cast<char>('a' + i));
            inbox.add(path, "old");
            const auto content = testing_support::bytes("new");
            entry about;
            about.path = path;
            about.size = content.size();
            files.begin(about);
            files.content(content);
            files.complete(crc32(0, content));
        }
        {
            const watched_syncs watched([](const std::string&, bool) {},
                                        EIO);
            EXPECT_THROW(files.publish(), failure);
        }
        EXPECT_EQ(files.arrived().entries, 0u);
        for (int i = 0; i < count; ++i)
            EXPECT_EQ(
                inbox.text_of(std::string(1, static_cast<char>('a' + i))),
                "old");
    }
}

TEST(blocks, that_say_more_than_they_inflate_to_are_refused) { // F32
    outgoing_block block;
    block_opener opener;
    const std::vector<std::byte> content(100, std::byte{'x'});
    for (const int size : {100, 101, 99, 200}) {
        auto& raw = block.begin();
        raw.insert(raw.end(), content.begin(), content.end());
        block.pack({codec::zlib, 6});
        std::vector<std::byte> payload(block.frame().begin() +
                                           frame_header_size,
                                       block.frame().end());
        payload[4] = static_cast<std::byte>(size);
        if (size == 100)
            EXPECT_EQ(opener.open(payload).size(), content.size());
        else
            EXPECT_THROW(opener.open(payload), failure) << size;
    }
}

} // namespace
} // namespace file_transfer
