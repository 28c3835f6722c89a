// Groups: what gets its name when, and what is said of those that get
// none.
#include "disk/group.hpp"
#include "disk/locked_file.hpp"
#include "files_test.hpp"
#include "watched_syncs.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <thread>

#include <sys/resource.h>

namespace file_transfer {
namespace {

TEST_F(files_test, a_file_appears_when_it_is_published_and_complete) {
    write(at("a"), "old");
    store files(*where_, quick_);
    give(files, "a", "new");
    give(files, "b/c/d", "deep");
    EXPECT_EQ(read(at("a")), "old");
    EXPECT_FALSE(fs::exists(at("b/c/d")));
    EXPECT_EQ(files.arrived(), (totals{0, 0}));
    files.publish();
    EXPECT_EQ(read(at("a")), "new");
    EXPECT_EQ(read(at("b/c/d")), "deep");
    EXPECT_EQ(files.arrived(), (totals{2, 7}));
    EXPECT_FALSE(fs::exists(at(part_name("a"))));
}

TEST_F(files_test, a_full_group_is_published_and_a_single_one_at_once) {
    store files(*where_, {.durable = true});
    for (std::size_t i = 0; i < file_group::most_files + 10; ++i)
        give(files, fmt::format("f{}", i), "x");
    EXPECT_EQ(files.arrived().entries, file_group::most_files);
    store single(*where_, {.durable = true, .group = false});
    give(single, "g", "x");
    EXPECT_EQ(single.arrived().entries, 1u);
}

TEST_F(files_test, a_group_holds_its_locks_until_it_has_its_names) {
    store first(*where_, quick_); // F47
    for (int i = 0; i < 10; ++i)
        give(first, fmt::format("f{}", i), "first");
    for (int i = 0; i < 10; ++i) {
        store second(*where_, quick_);
        EXPECT_EQ(code_of([&] {
                      second.begin(about(fmt::format("f{}", i), 6));
                  }),
                  errc::in_use);
    }
    first.publish();
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(read(at(fmt::format("f{}", i))), "first");
}

TEST_F(files_test, what_came_meanwhile_is_not_replaced_but_noted) { // F52
    const auto left_out = std::make_shared<notes>();
    store files(*where_, {.durable = false, .keep_what_is_there = true},
                left_out);
    for (const std::string path : {"a", "clash", "b"})
        give(files, path, "new");
    write(at("a"), "precious");
    fs::create_directory(at("clash"));
    files.publish();
    EXPECT_EQ(files.arrived(), (totals{1, 3}));
    EXPECT_EQ(files.given_up(), 2u);
    const auto told = left_out->take();
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].what(), std::string("\"a\" is here already, and is "
                                          "not replaced"));
    EXPECT_EQ(told[1].code(), errc::misfit);
    EXPECT_EQ(read(at("a")), "precious");
    EXPECT_EQ(read(at("b")), "new");
    EXPECT_FALSE(fs::exists(at(part_name("a"))));
}

TEST_F(files_test, a_full_group_is_published_while_the_next_is_written) {
    store files(*where_, {.durable = true});
    files.hand_over_groups();
    for (std::size_t i = 0; i < file_group::most_files; ++i) {
        EXPECT_TRUE(files.catch_up()) << i;
        give(files, fmt::format("f{}", i), "x");
    }
    EXPECT_FALSE(files.catch_up()); // it waits to be taken
    const auto full = files.take_full_group();
    ASSERT_TRUE(full);
    EXPECT_TRUE(files.catch_up());
    {
        const std::jthread publishing([full] { full->publish(); });
        for (std::size_t i = 0; i < file_group::most_files; ++i)
            give(files, fmt::format("d/g{}", i), "x");
    }
    EXPECT_TRUE(fs::exists(at("f0")));
    EXPECT_EQ(files.arrived(), totals());
    files.count(*full);
    EXPECT_EQ(files.arrived(), (totals{256, 256}));
    EXPECT_FALSE(fs::exists(at("d/g0")));
    files.finish();
    EXPECT_EQ(files.arrived(), (totals{512, 512}));
    EXPECT_TRUE(fs::exists(at("d/g0")));
}

TEST_F(files_test, a_group_that_is_published_apart_lets_go_of_its_locks) {
    store files(*where_, quick_); // F47
    files.hand_over_groups();
    for (std::size_t i = 0; i < file_group::most_files; ++i)
        give(files, fmt::format("f{}", i), "x");
    const auto full = files.take_full_group();
    store other(*where_, quick_);
    const auto begin = [&] { other.begin(about("f0", 1)); };
    EXPECT_EQ(code_of(begin), errc::in_use);
    full->publish();
    EXPECT_EQ(code_of(begin), std::error_code());
}

TEST_F(files_test,
       what_is_complete_when_the_line_is_cut_stays_as_a_part) {
    const std::string text(100'000, 'x'); // F42
    {
        store files(*where_, {.durable = true});
        give(files, "large", text);
        give(files, "small", "x");
    }
    EXPECT_FALSE(fs::exists(at("large")));
    EXPECT_FALSE(fs::exists(at(part_name("small"))));
    const holding part = store::look(*where_, "large");
    EXPECT_EQ(part.what, holding::state::part);
    EXPECT_EQ(part.size, text.size());
    store files(*where_, quick_);
    give(files, "large", text, text.size());
    files.publish();
    EXPECT_EQ(read(at("large")), text);
    EXPECT_FALSE(fs::exists(at(part_name("large"))));
}

TEST_F(files_test, what_a_disk_did_not_take_stays_as_no_part) { // F39
    const std::string text(100'000, 'x');
    {
        store files(*where_, {.durable = true});
        give(files, "a", text);
        const watched_syncs fails([](const std::string&, bool) {}, EIO);
        EXPECT_EQ(code_of([&] { files.publish(); }), errc::storage);
    }
    EXPECT_FALSE(fs::exists(at(part_name("a"))));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, SIG_IGN);
    {
        store files(*where_, {.durable = true});
        give(files, "a", text);
        const rlimit small{1000, before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
        EXPECT_EQ(code_of([&] { give(files, "b", text); }),
                  errc::storage);
        ::setrlimit(RLIMIT_FSIZE, &before);
    }
    for (const char* name : {"a", "b"})
        EXPECT_FALSE(fs::exists(at(part_name(name))));
}

TEST_F(files_test,
       folders_above_their_memory_wait_until_all_is_published) {
    store files(*where_, {.durable = false, .folder_memory = 300});
    files.hand_over_groups();
    entry folder;
    folder.what = entry::kind::folder;
    folder.mode = 0500; // once it has it, no name can be given in it
    for (int i = 0; !files.wants_finish(); ++i) {
        folder.path = fmt::format("d{}", i);
        files.begin(folder);
    }
    EXPECT_FALSE(files.catch_up());
    EXPECT_FALSE(files.take_full_group());
    EXPECT_EQ(fs::status(at("d0")).permissions() & fs::perms::owner_write,
              fs::perms::owner_write);
    files.finish();
    EXPECT_TRUE(files.catch_up());
    EXPECT_EQ(fs::status(at("d0")).permissions() & fs::perms::owner_write,
              fs::perms::none);
}

} // namespace
} // namespace file_transfer
