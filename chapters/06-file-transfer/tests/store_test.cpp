// Files: what is refused, what is published when, what is kept.
#include "disk/checksum.hpp"
#include "disk/locked_file.hpp"
#include "disk/store.hpp"
#include "files_test.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::function<void()> before_lock; // of the next flock(2), if any

} // namespace

// The linker takes this one: what happens between an open and a lock is
// the test's to decide.
extern "C" int flock(int file, int how) noexcept {
    if (before_lock)
        std::exchange(before_lock, nullptr)();
    return static_cast<int>(::syscall(SYS_flock, file, how));
}

namespace file_transfer {
namespace {

using testing_support::pattern;

TEST_F(files_test, no_name_leads_out_of_the_root) { // F38
    fs::create_symlink("../root-secret", at("up"));
    fs::create_symlink(base_ / "root-secret/key", at("absolute"));
    fs::create_symlink("self", at("self"));
    const std::string nul("a\0b", 3);
    const std::vector<std::string> bad{"",
                                       "/",
                                       "/etc/passwd",
                                       "..",
                                       "../root-secret/key",
                                       "a/../../b",
                                       ".",
                                       "./a",
                                       "a/.",
                                       "a//b",
                                       "a/",
                                       "/a",
                                       nul,
                                       "a/..",
                                       std::string(5000, 'a'),
                                       std::string(256, 'a'),
                                       std::string("x/") +
                                           std::string(300, 'b'),
                                       part_name("a"),
                                       "sub/" + part_name("a"),
                                       "up/key",
                                       "absolute",
                                       "self",
                                       "self/x"};
    for (const std::string& path : bad) {
        for (const bool steps : {false, true})
            EXPECT_TRUE(code_of([&] {
                if (steps) {
                    check_path(path);
                    where_->open_by_steps(path, O_RDONLY, 0);
                } else {
                    where_->open(path.empty() ? "/" : path, O_RDONLY);
                }
            })) << in_quotes(path);
        store files(*where_, quick_);
        if (path != "absolute" && path != "self") { // replaced: see below
            EXPECT_EQ(code_of([&] { give(files, path, "x"); }),
                      errc::bad_path)
                << in_quotes(path);
        }
    }
    store files(*where_, quick_);
    give(files, "absolute", "mine"); // the link is replaced, not followed
    files.publish();
    EXPECT_EQ(read(base_ / "root-secret/key"), "secret");
    EXPECT_EQ(read(at("absolute")), "mine");
    EXPECT_FALSE(fs::is_symlink(at("absolute")));
}

// What check_path() refuses leads nowhere without it, either: F38.
TEST_F(files_test, no_unchecked_name_leads_out_of_the_root) {
    fs::create_directories(at("sub/deep"));
    fs::create_symlink("../../root-secret", at("sub/up"));
    fs::create_symlink("deep", at("sub/within"));
    write(at("sub/deep/key"), "inside");
    fs::create_directory(base_ / "root-secret/deep");
    write(base_ / "root-secret/deep/key", "secret");
    for (const std::string& path :
         {std::string("../root-secret/key"),
          std::string("sub/../../root-secret/key"),
          (base_ / "root-secret/key").string(), std::string("sub/up/key"),
          std::string("sub/up/deep/key"),
          std::string("sub/within/key")}) {
        EXPECT_TRUE(code_of([&] {
            where_->open_unchecked(path, O_RDONLY);
        })) << path;
        EXPECT_TRUE(code_of([&] {
            where_->open_by_steps(path, O_RDONLY, 0);
        })) << path;
    }
    where_->open_unchecked("sub/deep/key", O_RDONLY);
    where_->open_by_steps("sub/deep/key", O_RDONLY, 0);
}

TEST_F(files_test, a_damaged_file_is_not_published) { // F43
    write(at("a"), "old");
    store files(*where_, quick_);
    files.begin(about("a", 3));
    files.content(testing_support::bytes("new"));
    EXPECT_EQ(code_of([&] { files.complete(12345); }),
              errc::bad_checksum);
    files.publish();
    EXPECT_EQ(read(at("a")), "old");
    EXPECT_FALSE(fs::exists(at(part_name("a"))));
}

TEST_F(files_test, one_sender_at_a_time_writes_a_path) {
    store first(*where_, quick_);
    first.begin(about("a", 3));
    {
        store second(*where_, quick_);
        EXPECT_EQ(code_of([&] { second.begin(about("a", 3)); }),
                  errc::in_use);
    }
    first.content(testing_support::bytes("new"));
    first.complete(crc32(0, testing_support::bytes("new")));
    first.publish();
    store third(*where_, quick_);
    EXPECT_FALSE(code_of([&] { third.begin(about("a", 3)); }));
}

TEST_F(files_test,
       a_part_that_is_published_before_its_lock_is_had_stays) {
    const std::string text(300'000, 'x'); // F47
    write(at(part_name("a")), text);
    before_lock = [&] { // the other writer is a moment ahead
        fs::rename(at(part_name("a")), at("a"));
    };
    store files(*where_, quick_);
    files.begin(about("a", 3));
    EXPECT_FALSE(before_lock);
    EXPECT_EQ(read(at("a")), text);
    files.content(testing_support::bytes("new"));
    files.complete(crc32(0, testing_support::bytes("new")));
    EXPECT_EQ(read(at("a")), text);
    files.publish();
    EXPECT_EQ(read(at("a")), "new");
}

TEST_F(files_test, what_is_opened_has_the_name_when_its_lock_is_had) {
    const descriptor folder( // F47
        ::open(at("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    using enum locked_file::purpose;
    std::atomic<bool> ended = false;
    std::jthread renaming([&] { // what publish() does, again and again
        while (!ended) {
            try {
                const auto part =
                    locked_file::open(folder.get(), "part", make, "a");
                ::renameat(folder.get(), "part", folder.get(), "name");
            } catch (const failure&) { // it is being written
            }
        }
    });
    for (int had = 0; had < 300;) {
        try {
            const auto part =
                locked_file::open(folder.get(), "part", make, "a");
            struct stat here {};
            struct stat named {};
            ASSERT_EQ(::fstat(part->get(), &here), 0);
            ASSERT_EQ(::fstatat(folder.get(), "part", &named, 0), 0);
            ASSERT_EQ(here.st_ino, named.st_ino);
            ++had;
        } catch (const failure& busy) {
            ASSERT_EQ(busy.code(), errc::in_use);
        }
    }
    ended = true;
}

TEST_F(files_test, a_part_has_a_name_that_this_program_made) { // F52
    EXPECT_EQ(part_name(""), ".6c62272e07bb014262b821756295c58d"
                             ".sockets-measured-part");
    EXPECT_EQ(part_name("a"), ".d228cb696f1a8caf78912b704e4a8964"
                              ".sockets-measured-part");
    EXPECT_TRUE(is_part_name(part_name(std::string(255, 'n'))));
    for (const std::string users :
         {".a.partial", ".sockets-measured-part",
          "d228cb696f1a8caf78912b704e4a8964.sockets-measured-part",
          ".D228CB696F1A8CAF78912B704E4A8964.sockets-measured-part",
          ".d228cb696f1a8caf78912b704e4a8964.sockets-measured-parts"})
        EXPECT_FALSE(is_part_name(users)) << users;
    store files(*where_, quick_);
    write(at(".n.partial"), "precious");
    const std::string longest(255, 'n');
    give(files, longest, "long");
    give(files, "n", "new");
    files.publish();
    EXPECT_EQ(read(at(longest)), "long");
    EXPECT_EQ(read(at(".n.partial")), "precious");
}

TEST_F(files_test, what_lies_in_the_way_of_a_part_stays) { // F52
    const auto left_out = std::make_shared<notes>();
    store files(*where_, quick_, left_out);
    write(at("precious"), "precious");
    fs::create_hard_link(at("precious"), at(part_name("linked")));
    fs::create_directory(at(part_name("folder")));
    ASSERT_EQ(::mkfifo(at(part_name("pipe")).c_str(), 0600), 0);
    ASSERT_EQ(
        ::mknod(at(part_name("socket")).c_str(), S_IFSOCK | 0600, 0), 0);
    fs::create_symlink("precious", at(part_name("link")));
    for (const std::string name :
         {"linked", "folder", "pipe", "socket", "link", "other"})
        give(files, name, "new");
    files.publish();
    EXPECT_EQ(read(at("precious")), "precious");
    const auto told = left_out->take();
    EXPECT_EQ(told.size(), 5u);
    for (const failure& why : told)
        EXPECT_EQ(why.code(), errc::misfit) << why.what();
    EXPECT_EQ(read(at("other")), "new");
}

// He may still have it open, and write to it when it is published.
TEST_F(files_test, a_part_that_another_user_made_is_not_continued) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can give a file to another user";
    const std::string text(300'000, 'x');
    const auto planted = [&] {
        write(at(part_name("a")), text.substr(0, 200'000));
        return ::chown(at(part_name("a")).c_str(), 65534, 65534);
    };
    ASSERT_EQ(planted(), 0);
    const descriptor his(::open(at(part_name("a")).c_str(), O_RDWR));
    EXPECT_EQ(store::look(*where_, "a").what, holding::state::nothing);
    store files(*where_, quick_);
    EXPECT_EQ(code_of([&] { give(files, "a", text, 200'000); }),
              errc::wrong_offset);
    give(files, "a", text);
    files.publish();
    ASSERT_EQ(::pwrite(his.get(), "planted", 7, 0), 7);
    EXPECT_EQ(read(at("a")), text);
}

TEST_F(files_test, modes_and_times_arrive_whatever_the_umask) { // F52
    constexpr std::uint16_t modes[] = {0644, 0444, 0600, 0755, 0};
    const mode_t before = ::umask(077);
    store files(*where_, quick_);
    const auto folder = [&](const std::string& path, std::uint16_t mode) {
        entry one = about(path, 0);
        one.what = entry::kind::folder;
        one.mode = mode;
        one.modified_ns = -1;
        files.begin(one);
    };
    folder("closed", 0500);
    folder("closed/none", 0);
    for (const std::uint16_t mode : modes) {
        entry one =
            about(fmt::format("closed/none/{:o}", mode), unknown_size);
        one.mode = mode;
        one.modified_ns = -147'000'000'999'999'999;
        files.begin(one);
        files.complete(0);
    }
    files.finish();
    ::umask(before);
    const auto facts = [&](const std::string& path) {
        struct stat is {};
        EXPECT_EQ(::stat(at(path).c_str(), &is), 0) << path;
        return is;
    };
    EXPECT_EQ(facts("closed").st_mode & 07777u, 0500u);
    EXPECT_EQ(facts("closed").st_mtim.tv_sec, -1);
    EXPECT_EQ(facts("closed").st_mtim.tv_nsec, 999'999'999);
    folder("closed", 0700); // again: what was closed is opened for it
    folder("closed/none", 0700);
    for (const std::uint16_t mode : modes) {
        const auto is = facts(fmt::format("closed/none/{:o}", mode));
        EXPECT_EQ(is.st_mode & 07777u, mode);
        EXPECT_EQ(is.st_mtim.tv_sec, -147'000'001);
        EXPECT_EQ(is.st_mtim.tv_nsec, 1);
    }
}

// Else a stranger could close it to everybody.
TEST_F(files_test, where_nothing_is_replaced_a_folder_keeps_its_mode) {
    const auto folder = [&](const std::string& path, std::uint16_t mode) {
        entry one = about(path, 0);
        one.what = entry::kind::folder;
        one.mode = mode;
        one.modified_ns = 1'000'000'000;
        return one;
    };
    fs::create_directory(at("old"));
    fs::permissions(at("old"), fs::perms{0750});
    const auto then = fs::last_write_time(at("old"));
    store files(*where_, {.durable = false, .keep_what_is_there = true});
    files.begin(folder("old", 0));
    files.begin(folder("new", 0700));
    give(files, "new/a", "a");
    files.begin(folder("new", 0500)); // it made it: the last one counts
    files.finish();
    EXPECT_EQ(files.arrived().entries, 4u);
    EXPECT_EQ(fs::status(at("old")).permissions(), fs::perms{0750});
    EXPECT_EQ(fs::last_write_time(at("old")), then);
    struct stat is {};
    ASSERT_EQ(::stat(at("new").c_str(), &is), 0);
    EXPECT_EQ(is.st_mode & 07777u, 0500u);
    EXPECT_EQ(is.st_mtim.tv_sec, 1);
    fs::permissions(at("new"), fs::perms{0700});
}

TEST_F(files_test, folders_above_their_memory_are_set_early_and_arrive) {
    store files(*where_, {.durable = false, .folder_memory = 1000});
    for (int i = 0; i < 100; ++i) {
        entry one = about(fmt::format("d{}", i), 0);
        one.what = entry::kind::folder;
        one.mode = 0710;
        files.begin(one);
    }
    files.finish();
    EXPECT_EQ(files.arrived().entries, 100u);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(fs::status(at(fmt::format("d{}", i))).permissions(),
                  fs::perms{0710});
}

TEST_F(files_test, one_file_that_cannot_be_here_is_noted) { // F52
    fs::create_directory(at("clash"));
    write(at("file"), "old");
    fs::create_symlink("clash", at("link"));
    store others(*where_, quick_);
    others.begin(about("used", 3));
    const auto left_out = std::make_shared<notes>();
    store files(*where_, {.durable = false, .file_limit = 3}, left_out);
    for (const std::string path :
         {"a", "clash", "file/below", "link/below", "used", "b"})
        give(files, path, "new");
    give(files, "long", "four");
    files.begin(about("resumed", 3, 1));
    files.give_up();
    EXPECT_EQ(files.given_up(), 0u); // with the group, not before it
    files.publish();
    EXPECT_EQ(files.arrived().entries, 2u);
    EXPECT_EQ(files.given_up(), 6u);
    const auto told = left_out->take();
    const errc codes[] = {errc::misfit,    errc::misfit,
                          errc::bad_path,  errc::in_use,
                          errc::too_large, errc::wrong_offset};
    ASSERT_EQ(told.size(), std::size(codes));
    for (std::size_t i = 0; i < told.size(); ++i)
        EXPECT_EQ(told[i].code(), codes[i]) << told[i].what();
    EXPECT_EQ(told[0].what(), std::string("\"clash\" is a folder here"));
    EXPECT_EQ(told[2].what(),
              std::string("open \"link\": a symbolic link is in this "
                          "path, and none is followed"));
    EXPECT_EQ(read(at("b")), "new");
    EXPECT_EQ(read(at("file")), "old");
}

TEST_F(files_test, what_is_here_already_gets_its_mode_and_time) {
    write(at("a"), "the same");
    fs::permissions(at("a"), fs::perms{0600});
    store files(*where_, quick_);
    entry one = about("a", 8, 8);
    one.mode = 0640;
    one.modified_ns = 1'000'000'000;
    files.begin(one);
    files.complete(crc32(0, testing_support::bytes("the same")));
    files.publish();
    EXPECT_EQ(files.found(), 1u);
    EXPECT_EQ(files.arrived(), (totals{1, 0}));
    struct stat is {};
    ASSERT_EQ(::stat(at("a").c_str(), &is), 0);
    EXPECT_EQ(is.st_mode & 07777u, 0640u);
    EXPECT_EQ(is.st_mtim.tv_sec, 1);
    files.begin(one); // and another than the sender's is found out
    EXPECT_EQ(code_of([&] { files.complete(12345); }),
              errc::bad_checksum);
    EXPECT_EQ(read(at("a")), "the same");
}

TEST_F(files_test, what_has_a_second_name_elsewhere_is_not_changed) {
    const fs::path outside = base_ / "outside"; // F52
    write(outside, "the same");
    fs::permissions(outside, fs::perms{0600});
    fs::create_hard_link(outside, at("a"));
    struct stat before {};
    ASSERT_EQ(::stat(outside.c_str(), &before), 0);
    EXPECT_EQ(store::look(*where_, "a").what, holding::state::nothing);
    store files(*where_, quick_);
    entry one = about("a", 8, 8);
    EXPECT_EQ(code_of([&] { files.begin(one); }), errc::wrong_offset);
    give(files, "a", "the same");
    files.publish();
    struct stat after {};
    ASSERT_EQ(::stat(outside.c_str(), &after), 0);
    EXPECT_EQ(after.st_mode, before.st_mode);
    EXPECT_EQ(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
    EXPECT_EQ(read(at("a")), "the same");
    EXPECT_EQ(fs::hard_link_count(at("a")), 1u);
}

TEST_F(files_test, a_part_above_the_limit_is_refused) {
    write(at(part_name("a")), std::string(100, 'x'));
    store files(*where_, {.durable = false, .file_limit = 10});
    EXPECT_EQ(
        code_of([&] { files.begin(about("a", unknown_size, 100)); }),
        errc::too_large);
}

TEST_F(files_test, a_part_is_kept_and_resumed_at_its_length_only) { // F42
    const std::string text(300'000, 'x');
    const auto content = testing_support::bytes(text);
    for (std::size_t cut = 70'000; cut < 300'000; cut += 23'000) {
        {
            store files(*where_, quick_);
            files.begin(about("a", text.size()));
            files.content(byte_view(content).first(cut));
        } // the connection broke
        const holding part = store::look(*where_, "a");
        EXPECT_EQ(part.what, holding::state::part);
        EXPECT_EQ(part.size, cut);
        EXPECT_EQ(part.checksum, crc32(0, byte_view(content).first(cut)));
        store files(*where_, quick_);
        for (const std::size_t wrong : {cut - 1, cut + 1})
            EXPECT_EQ(code_of([&] {
                          files.begin(about("a", text.size(), wrong));
                      }),
                      errc::wrong_offset);
        EXPECT_EQ(store::look(*where_, "a"), part); // unchanged
        give(files, "a", text, cut);
        files.publish();
        EXPECT_EQ(read(at("a")), text);
        EXPECT_EQ(store::look(*where_, "a").what, holding::state::all);
        fs::remove(at("a"));
    }
}

TEST_F(files_test, who_begins_anew_replaces_a_part_of_any_length) { // F42
    for (const std::size_t size : {80'000u, 120'000u}) {
        {
            store files(*where_, quick_);
            files.begin(about("a", 200'000));
            files.content(pattern(100'000));
        } // the connection broke
        store files(*where_, quick_);
        give(files, "a", std::string(size, 'x'));
        files.publish();
        EXPECT_EQ(read(at("a")), std::string(size, 'x'));
    }
}

TEST_F(files_test, a_whole_file_is_here_at_its_length_only) { // F42
    write(at("a"), "the same, and more");
    store files(*where_, quick_);
    for (const std::size_t size : {8u, 17u, 19u})
        EXPECT_EQ(code_of([&] { files.begin(about("a", size, size)); }),
                  errc::wrong_offset)
            << size;
    EXPECT_EQ(read(at("a")), "the same, and more");
}

TEST_F(files_test, a_limit_for_a_file_holds_also_when_it_says_no_size) {
    store files(*where_, {.durable = false, .file_limit = 10});
    EXPECT_EQ(code_of([&] { files.begin(about("a", 11)); }),
              errc::too_large); // F25
    files.begin(about("b", unknown_size));
    files.content(pattern(10));
    EXPECT_EQ(code_of([&] { files.content(pattern(1)); }),
              errc::too_large);
}

TEST_F(files_test, a_disk_that_refuses_leaves_the_old_file) { // F39
    write(at("a"), "old");
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{1000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    {
        store files(*where_, quick_);
        files.begin(about("a", 5000));
        EXPECT_EQ(code_of([&] { files.content(pattern(5000)); }),
                  errc::storage);
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(read(at("a")), "old");
    EXPECT_FALSE(fs::exists(at(part_name("a"))));
}

TEST(storage_failures, name_the_root_where_the_path_is_empty) {
    EXPECT_EQ(storage_failure(EMFILE, "open", "").what(),
              std::string("open the root: Too many open files"));
}

} // namespace
} // namespace file_transfer
