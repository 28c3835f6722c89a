// A path that leads to another file, or to another content, between two
// looks at it: F44.
#include "disk/checksum.hpp"
#include "disk/edition.hpp"
#include "disk/locked_file.hpp"
#include "disk/survey.hpp"
#include "files_test.hpp"
#include "server/session.hpp"
#include "wire/record_source.hpp"
#include "wire/records.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::function<void()> before_pread; // the next one, if any

} // namespace

// The linker takes this one: what happens between a look at a file's
// facts and the first byte is the test's to decide.
extern "C" ssize_t pread(int file, void* space, size_t size, off_t at) {
    if (before_pread)
        std::exchange(before_pread, nullptr)();
    return ::syscall(SYS_pread64, file, space, size, at);
}

namespace file_transfer {
namespace {

using testing_support::bytes;

// Else it would be taken for one that may change without a trace.
void await_next_tick(const fs::path& path) {
    struct stat facts {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    while (is_of_this_tick(facts.st_ctim))
        std::this_thread::yield();
}

// As after cp -p, or a release of last year.
void make_old(const fs::path& path) {
    fs::last_write_time(path, fs::file_time_type::clock::now() -
                                  std::chrono::hours(10'000));
}

struct sent {
    std::vector<std::byte> records;
    std::vector<failure> told;
};

// All that a source makes of one file, or of a few.
sent read_to_the_end(const root& where, next_file next,
                     const std::function<void()>& behind_a_block = {}) {
    const auto left_out = std::make_shared<notes>();
    record_source source(where, std::move(next), block_limit, false,
                         left_out);
    sent all;
    for (;;) {
        block_bytes block(block_data_at);
        source.fill(block);
        if (block.size() == block_data_at)
            break;
        all.records.insert(all.records.end(),
                           block.begin() + block_data_at, block.end());
        if (behind_a_block)
            behind_a_block();
    }
    all.told = left_out->take();
    return all;
}

next_file only(sent_file one) {
    return [one, given = false]() mutable -> std::optional<sent_file> {
        if (std::exchange(given, true))
            return std::nullopt;
        return one;
    };
}

void expect_given_up(const sent& all) {
    EXPECT_EQ(all.records.back(), std::byte{'X'});
    ASSERT_EQ(all.told.size(), 1u);
    EXPECT_EQ(all.told[0].code(), errc::changed);
}

TEST_F(files_test, an_older_file_that_takes_the_name_is_noticed) { // F44
    const std::string old(100, 'x');
    const std::function<void()> ways[] = {
        [&] { fs::rename(at("other/a"), at("d/a")); },
        [&] { // the file's own change time stays as it was
            fs::rename(at("d"), at("gone"));
            fs::rename(at("other"), at("d"));
        }};
    for (const auto& replace : ways) {
        for (const std::size_t has : {50u, 100u}) {
            for (const char* folder : {"d", "other", "gone"})
                fs::remove_all(at(folder));
            fs::create_directory(at("d"));
            fs::create_directory(at("other"));
            write(at("d/a"), old);
            write(at("other/a"), std::string(100, 'y'));
            make_old(at("other/a"));
            await_next_tick(at("other/a"));
            const auto start = bytes(old.substr(0, has));
            const auto known = std::make_shared<survey>(
                *where_,
                std::vector<holding>{{has == 100 ? holding::state::all
                                                 : holding::state::part,
                                      has, crc32(0, start), "d/a"}});
            ASSERT_TRUE(known->advance(slice_clock::time_point::max()));
            replace();
            expect_given_up(read_to_the_end(
                *where_, files_to_send(*where_, {"d/a"}, known,
                                       std::make_shared<notes>())));
        }
    }
}

TEST_F(files_test,
       what_was_compared_and_did_not_change_is_not_read_again) {
    const std::string text(100, 'x'); // F44
    write(at("a"), text);
    await_next_tick(at("a"));
    const auto known = std::make_shared<survey>(
        *where_, std::vector<holding>{{holding::state::all, 100,
                                       crc32(0, bytes(text)), "a"}});
    ASSERT_TRUE(known->advance(slice_clock::time_point::max()));
    bool is_read = false;
    before_pread = [&] { is_read = true; };
    const sent all = read_to_the_end(
        *where_,
        files_to_send(*where_, {"a"}, known, std::make_shared<notes>()));
    before_pread = nullptr;
    EXPECT_FALSE(is_read);
    EXPECT_TRUE(all.told.empty());
}

TEST_F(files_test, a_time_that_is_set_back_hides_no_change) { // F44
    write(at("a"), std::string(100, 'x'));
    await_next_tick(at("a"));
    struct stat facts {};
    ASSERT_EQ(::stat(at("a").c_str(), &facts), 0);
    sent_file one{about("a", 100, 50)};
    one.checksum = crc32(0, bytes(std::string(50, 'x')));
    one.compared = edition(facts);
    const auto then = fs::last_write_time(at("a"));
    write(at("a"), std::string(100, 'y'));
    fs::last_write_time(at("a"), then);
    one.about.modified_ns =
        facts.st_mtim.tv_sec * second_ns + facts.st_mtim.tv_nsec;
    expect_given_up(read_to_the_end(*where_, only(one)));
}

TEST_F(files_test,
       one_that_is_shorter_than_its_part_is_sent_anew) { // F44
    fs::create_directory(base_ / "from");
    const root from((base_ / "from").string());
    write(base_ / "from/a", "short");
    const std::string part(200'000, 'x');
    write(at(part_name("a")), part);
    sent_file one{about("a", 300'000, part.size())};
    one.checksum = crc32(0, bytes(part));
    const sent all = read_to_the_end(from, only(one));
    EXPECT_TRUE(all.told.empty());
    store files(*where_, quick_);
    record_parser parser(files);
    parser.parse(all.records);
    files.publish();
    EXPECT_EQ(read(at("a")), "short");
}

TEST_F(files_test, one_that_was_empty_for_a_moment_is_not_torn) { // F44
    write(at("a"), "");
    before_pread = [&] { write(at("a"), std::string(600'000, 'x')); };
    const auto another = [&] {
        write(at("a"), std::string(600'000, 'y'));
    };
    expect_given_up(
        read_to_the_end(*where_, only({about("a", 0)}), another));
    write(at("a"), "");
    const std::string text(600'000, 'x');
    before_pread = [&] { write(at("a"), text); };
    const sent all = read_to_the_end(*where_, only({about("a", 0)}));
    EXPECT_TRUE(all.told.empty());
    fs::create_directory(at("to"));
    const root to(at("to").string());
    store files(to, quick_);
    record_parser(files).parse(all.records);
    files.publish();
    EXPECT_EQ(read(at("to/a")), text);
}

} // namespace
} // namespace file_transfer
