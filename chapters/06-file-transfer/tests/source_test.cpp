// What is read: walks, and sources that change meanwhile.
#include "disk/checksum.hpp"
#include "disk/store.hpp"
#include "disk/survey.hpp"
#include "disk/tree.hpp"
#include "files_test.hpp"
#include "server/session.hpp"
#include "wire/record_source.hpp"
#include "wire/records.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace file_transfer {
namespace {

using testing_support::pattern;

std::vector<std::string> lines_of(notes& left_out) {
    std::vector<std::string> lines;
    for (const failure& why : left_out.take())
        lines.emplace_back(why.what());
    std::ranges::sort(lines);
    return lines;
}

TEST_F(files_test, a_walk_names_what_it_passes_over) { // F52
    fs::create_directories(at("d/e"));
    write(at("d/f"), "12345");
    write(at("d/.f.partial"), "a user's own");
    write(at("d") / part_name("f"), "1");
    fs::create_symlink("f", at("d/link"));
    ASSERT_EQ(::mkfifo(at("d/pipe").c_str(), 0600), 0);
    const auto left_out = std::make_shared<notes>();
    tree_walk walk(*where_, "d", left_out);
    std::vector<std::string> found;
    while (const auto one = walk.next())
        found.push_back(fmt::format("{} {}", one->path, one->size));
    std::ranges::sort(found);
    EXPECT_EQ(found, (std::vector<std::string>{"d 0", "d/.f.partial 12",
                                               "d/e 0", "d/f 5"}));
    EXPECT_EQ(lines_of(*left_out),
              (std::vector<std::string>{
                  "\"d/link\" is a symbolic link, which is not sent",
                  "\"d/pipe\" is a pipe, which is not sent"}));
}

TEST_F(files_test, a_folder_that_goes_while_it_is_walked_ends_nothing) {
    for (const bool entered : {false, true}) { // F52
        fs::create_directories(at("d/e"));
        write(at("d/e/file"), "x");
        write(at("d/e/other"), "x");
        write(at("last"), "x");
        const auto left_out = std::make_shared<notes>();
        walk_of_paths walk(*where_, {"d", "last"}, left_out);
        EXPECT_EQ(walk.next()->path, "d");
        EXPECT_EQ(walk.next()->path, "d/e");
        if (entered) {
            EXPECT_EQ(split(walk.next()->path).folder, "d/e");
        }
        fs::remove_all(at("d"));
        std::vector<std::string> rest;
        while (const auto one = walk.next())
            rest.push_back(one->path);
        EXPECT_EQ(rest, std::vector<std::string>{"last"});
        EXPECT_EQ(left_out->take().size(), entered ? 0u : 1u);
    }
}

TEST_F(files_test, a_walk_goes_on_above_what_lies_too_deep) { // F52
    std::string deep;
    for (int i = 0; i < depth_limit; ++i)
        deep += "d/";
    fs::create_directories(at(deep));
    write(at(deep + "too-deep"), "x");
    write(at("last"), "x");
    const auto left_out = std::make_shared<notes>();
    tree_walk walk(*where_, "", left_out);
    std::ptrdiff_t folders = 0;
    bool last = false;
    while (const auto one = walk.next()) {
        folders += one->what == entry::kind::folder;
        last |= one->path == "last";
    }
    EXPECT_EQ(folders, depth_limit);
    EXPECT_TRUE(last);
    EXPECT_EQ(left_out->take().size(), 1u);
}

// All blocks of a source, through a parser, into a store.
TEST_F(files_test, a_source_and_a_store_make_a_copy_whatever_the_block) {
    fs::create_directory(base_ / "from");
    std::vector<std::string> names{"empty", "small", "large"};
    write(base_ / "from/empty", "");
    write(base_ / "from/small", "abc");
    const auto large = pattern(700'000);
    write(base_ / "from/large",
          {reinterpret_cast<const char*>(large.data()), large.size()});
    const root from((base_ / "from").string());
    const auto left_out = std::make_shared<notes>();
    for (const std::size_t size : {std::size_t{1024}, block_limit}) {
        std::size_t next = 0;
        record_source source(
            from,
            [&]() -> std::optional<sent_file> {
                if (next == names.size())
                    return std::nullopt;
                return sent_file{about(names[next++], 0)};
            },
            size, false, left_out);
        store files(*where_, quick_);
        record_parser parser(files);
        for (;;) {
            block_bytes block(block_data_at);
            source.fill(block);
            if (block.size() == block_data_at)
                break;
            EXPECT_LE(block.size() - block_data_at, size);
            parser.parse(byte_view(block).subspan(block_data_at));
        }
        parser.finish(parser.so_far());
        files.publish();
        EXPECT_TRUE(left_out->take().empty());
        for (const std::string& name : names)
            EXPECT_EQ(read(at(name)), read(base_ / "from" / name))
                << name;
    }
}

// What a source makes of the file `a`, to which something happens behind
// the first block: the records' bytes.
std::vector<std::byte>
records_of_a(const root& where, const std::shared_ptr<notes>& left_out,
             const std::function<void()>& happens) {
    bool given = false;
    record_source source(
        where,
        [&]() -> std::optional<sent_file> {
            if (std::exchange(given, true))
                return std::nullopt;
            entry about;
            about.path = "a";
            return sent_file{about};
        },
        block_limit, false, left_out);
    std::vector<std::byte> records;
    for (std::uint64_t number = 0;; ++number) {
        block_bytes block(block_data_at);
        source.fill(block);
        if (block.size() == block_data_at)
            return records;
        records.insert(records.end(), block.begin() + block_data_at,
                       block.end());
        if (number == 0)
            happens();
    }
}

TEST_F(files_test, a_source_that_shrinks_is_given_up) { // F44
    write(at("a"), std::string(600'000, 'x'));
    const auto left_out = std::make_shared<notes>();
    const auto records = records_of_a(
        *where_, left_out, [&] { fs::resize_file(at("a"), 300'000); });
    EXPECT_EQ(records.back(), std::byte{'X'});
    const auto told = left_out->take();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].code(), errc::changed);
}

timespec change_time(const fs::path& path) {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return facts.st_ctim;
}

// Changes a file until its change time shows it: at most a tick.
void change(const fs::path& path, const std::function<void()>& once) {
    const timespec before = change_time(path);
    timespec now = before;
    while (now.tv_sec == before.tv_sec && now.tv_nsec == before.tv_nsec) {
        once();
        now = change_time(path);
    }
}

TEST_F(files_test, a_source_that_becomes_another_edition_is_given_up) {
    const std::function<void()> ways[] = {
        // F44
        [&] { write(at("a"), std::string(900'000, 'y')); },
        [&] { // in place, and longer
            std::fstream(at("a"), std::ios::in | std::ios::out)
                << std::string(900'000, 'y');
        },
        [&] { // as long, and as old as it says
            const auto then = fs::last_write_time(at("a"));
            change(at("a"), [&] {
                write(at("a"), std::string(600'000, 'y'));
                fs::last_write_time(at("a"), then);
            });
        }};
    for (const auto& way : ways) {
        write(at("a"), std::string(600'000, 'x'));
        const auto left_out = std::make_shared<notes>();
        const auto records = records_of_a(*where_, left_out, way);
        EXPECT_EQ(records.back(), std::byte{'X'});
        const auto told = left_out->take();
        ASSERT_EQ(told.size(), 1u);
        EXPECT_EQ(told[0].code(), errc::changed);
    }
}

TEST_F(files_test, a_source_that_is_renamed_arrives) { // F44
    const std::string text(600'000, 'x');
    write(at("a"), text);
    const auto left_out = std::make_shared<notes>();
    const auto records = records_of_a(*where_, left_out, [&] {
        change(at("a"), [&] {
            fs::rename(at("a"), at("b"));
            fs::rename(at("b"), at("a"));
        });
    });
    fs::create_directory(at("to"));
    const root to(at("to").string());
    store files(to, quick_);
    record_parser(files).parse(records);
    files.publish();
    EXPECT_EQ(read(at("to/a")), text);
    EXPECT_TRUE(left_out->take().empty());
}

TEST_F(files_test, a_source_written_since_it_was_compared_is_read_again) {
    write(at("a"), "another"); // F44
    const auto start = testing_support::bytes("ano");
    for (const std::uint32_t theirs : {crc32(0, start), 12345u}) {
        bool given = false;
        const auto left_out = std::make_shared<notes>();
        record_source source(
            *where_,
            [&]() -> std::optional<sent_file> {
                if (std::exchange(given, true))
                    return std::nullopt;
                entry old = about("a", 7, 3);
                old.modified_ns = 1;
                return sent_file{.about = old, .checksum = theirs};
            },
            block_limit, false, left_out);
        block_bytes block(block_data_at);
        source.fill(block);
        const auto told = left_out->take();
        if (theirs != 12345) {
            EXPECT_TRUE(told.empty());
            continue;
        }
        EXPECT_EQ(block.back(), std::byte{'X'});
        ASSERT_EQ(told.size(), 1u);
        EXPECT_EQ(told[0].code(), errc::changed);
    }
}

TEST_F(files_test, a_source_written_behind_its_survey_is_read_again) {
    const std::string old(100, 'x'); // F44
    write(at("a"), old);
    const auto start = testing_support::bytes(old.substr(0, 50));
    const std::vector<holding> theirs{
        {holding::state::part, 50, crc32(0, start), "a"}};
    const auto known = std::make_shared<survey>(*where_, theirs);
    ASSERT_TRUE(known->advance(slice_clock::time_point::max()));
    ASSERT_EQ(known->found()[0], theirs[0]);
    write(at("a"), std::string(100, 'y'));
    const auto left_out = std::make_shared<notes>();
    record_source source(*where_,
                         files_to_send(*where_, {"a"}, known, left_out),
                         block_limit, false, left_out);
    block_bytes block(block_data_at);
    source.fill(block);
    EXPECT_EQ(block.back(), std::byte{'X'});
    const auto told = left_out->take();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].code(), errc::changed);
}

TEST_F(files_test, of_a_source_that_grows_the_beginning_arrives) { // F52
    const std::string text(2 * slice_bytes + 1, 'x');
    write(at("a"), text);
    const auto left_out = std::make_shared<notes>();
    const auto records = records_of_a(*where_, left_out, [&] {
        std::ofstream(at("a"), std::ios::app) << "more";
    });
    fs::create_directory(at("to"));
    const root to(at("to").string());
    store files(to, quick_);
    record_parser parser(files);
    parser.parse(records);
    files.publish();
    EXPECT_EQ(read(at("to/a")), text);
    const auto told = left_out->take();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].code(), errc::grew);
}

TEST_F(files_test, small_files_are_read_into_a_block_slice_by_slice) { // F48
    fs::create_directory(base_ / "from");
    for (const char* name : {"a", "b", "c"})
        std::ofstream(base_ / "from" / name) << name;
    const root from((base_ / "from").string());
    char name = 'a';
    record_source source(
        from,
        [&]() -> std::optional<sent_file> {
            if (name > 'c')
                return std::nullopt;
            return sent_file{about(std::string(1, name++), 0)};
        },
        block_limit, false, std::make_shared<notes>());
    block_bytes block(block_data_at);
    const auto over = slice_clock::time_point::min();
    for (std::uint64_t files = 1; files <= 3; ++files) {
        EXPECT_EQ(source.fill(block, nullptr, over), files);
        EXPECT_TRUE(source.is_paused());
    }
    source.fill(block);
    EXPECT_FALSE(source.is_paused());
    store files(*where_, quick_);
    record_parser(files).parse(byte_view(block).subspan(block_data_at));
    files.publish();
    EXPECT_EQ(read(at("a")) + read(at("b")) + read(at("c")), "abc");
}

TEST_F(files_test, a_file_that_says_no_size_arrives) { // F52
    const root proc("/proc");
    const auto left_out = std::make_shared<notes>();
    bool given = false;
    record_source source(
        proc,
        [&]() -> std::optional<sent_file> {
            if (std::exchange(given, true))
                return std::nullopt;
            return sent_file{about("version", 0)};
        },
        block_limit, false, left_out);
    block_bytes block(block_data_at);
    source.fill(block);
    store files(*where_, quick_);
    record_parser(files).parse(byte_view(block).subspan(block_data_at));
    files.publish();
    EXPECT_EQ(read(at("version")), read("/proc/version"));
    EXPECT_FALSE(read(at("version")).empty());
}

} // namespace
} // namespace file_transfer
