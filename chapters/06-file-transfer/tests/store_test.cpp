// Files: what is refused, what is published when, what is kept.
#include "disk/checksum.hpp"
#include "disk/store.hpp"
#include "disk/tree.hpp"
#include "wire/record_source.hpp"
#include "wire/records.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>

namespace file_transfer {
namespace {

namespace fs = std::filesystem;
using testing_support::pattern;

// A folder that goes with the test.
class files_test : public testing::Test {
protected:
    files_test() {
        std::string form = fs::temp_directory_path() / "transfer-XXXXXX";
        base_ = ::mkdtemp(form.data());
        fs::create_directory(base_ / "root");
        fs::create_directory(base_ / "root-secret");
        write(base_ / "root-secret/key", "secret");
        where_.emplace((base_ / "root").string());
    }
    ~files_test() override { fs::remove_all(base_); }

    static void write(const fs::path& path, const std::string& text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    static std::string read(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    fs::path at(const std::string& path) const {
        return base_ / "root" / path;
    }

    static entry about(const std::string& path, std::uint64_t size,
                       std::uint64_t offset = 0) {
        entry one;
        one.path = path;
        one.size = size;
        one.offset = offset;
        return one;
    }
    // A whole file into the store.
    static void give(store& to, const std::string& path,
                     const std::string& text, std::uint64_t offset = 0) {
        const auto content = testing_support::bytes(text);
        to.begin(about(path, text.size(), offset));
        to.content(byte_view(content).subspan(offset));
        to.complete(crc32(0, content));
    }
    static std::error_code code_of(const std::function<void()>& fails) {
        try {
            fails();
        } catch (const failure& known) {
            return known.code();
        }
        return {};
    }

    fs::path base_;
    std::optional<root> where_;
    path_locks locks_;
    store_options quick_{.durable = false};
};

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
                                       std::string(247, 'a'),
                                       std::string("x/") +
                                           std::string(300, 'b'),
                                       ".a.partial",
                                       "sub/.a.partial",
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
        store files(*where_, locks_, quick_);
        if (path != "absolute" && path != "self") { // replaced: see below
            EXPECT_EQ(code_of([&] { give(files, path, "x"); }),
                      errc::bad_path)
                << in_quotes(path);
        }
    }
    store files(*where_, locks_, quick_);
    give(files, "absolute", "mine"); // the link is replaced, not followed
    files.publish();
    EXPECT_EQ(read(base_ / "root-secret/key"), "secret");
    EXPECT_EQ(read(at("absolute")), "mine");
    EXPECT_FALSE(fs::is_symlink(at("absolute")));
}

TEST_F(files_test, a_file_appears_when_it_is_published_and_complete) {
    write(at("a"), "old");
    store files(*where_, locks_, quick_);
    give(files, "a", "new");
    give(files, "b/c/d", "deep");
    EXPECT_EQ(read(at("a")), "old");
    EXPECT_FALSE(fs::exists(at("b/c/d")));
    EXPECT_EQ(files.arrived(), (totals{0, 0}));
    files.publish();
    EXPECT_EQ(read(at("a")), "new");
    EXPECT_EQ(read(at("b/c/d")), "deep");
    EXPECT_EQ(files.arrived(), (totals{2, 7}));
    EXPECT_FALSE(fs::exists(at(".a.partial")));
}

TEST_F(files_test, a_full_group_is_published_and_a_single_one_at_once) {
    store files(*where_, locks_, {.durable = true});
    for (std::size_t i = 0; i < store::group_files + 10; ++i)
        give(files, fmt::format("f{}", i), "x");
    EXPECT_EQ(files.arrived().entries, store::group_files);
    store single(*where_, locks_, {.durable = true, .group = false});
    give(single, "g", "x");
    EXPECT_EQ(single.arrived().entries, 1u);
}

TEST_F(files_test, a_damaged_file_is_not_published) { // F43
    write(at("a"), "old");
    store files(*where_, locks_, quick_);
    files.begin(about("a", 3));
    files.content(testing_support::bytes("new"));
    EXPECT_EQ(code_of([&] { files.complete(12345); }),
              errc::bad_checksum);
    files.publish();
    EXPECT_EQ(read(at("a")), "old");
    EXPECT_FALSE(fs::exists(at(".a.partial")));
}

TEST_F(files_test, one_sender_at_a_time_writes_a_path) {
    store first(*where_, locks_, quick_);
    first.begin(about("a", 3));
    {
        store second(*where_, locks_, quick_);
        EXPECT_EQ(code_of([&] { second.begin(about("a", 3)); }),
                  errc::in_use);
    }
    first.content(testing_support::bytes("new"));
    first.complete(crc32(0, testing_support::bytes("new")));
    first.publish();
    store third(*where_, locks_, quick_);
    EXPECT_FALSE(code_of([&] { third.begin(about("a", 3)); }));
}

TEST_F(files_test, a_part_is_kept_and_resumed_at_its_length_only) { // F42
    const std::string text(300'000, 'x');
    const auto content = testing_support::bytes(text);
    for (std::size_t cut = 70'000; cut < 300'000; cut += 23'000) {
        {
            store files(*where_, locks_, quick_);
            files.begin(about("a", text.size()));
            files.content(byte_view(content).first(cut));
        } // the connection broke
        const holding part = store::look(*where_, "a");
        EXPECT_EQ(part.what, holding::state::part);
        EXPECT_EQ(part.size, cut);
        EXPECT_EQ(part.checksum, crc32(0, byte_view(content).first(cut)));
        store files(*where_, locks_, quick_);
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

TEST_F(files_test, a_limit_for_a_file_holds_also_when_it_says_no_size) {
    store files(*where_, locks_, {.durable = false, .file_limit = 10});
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
        store files(*where_, locks_, quick_);
        files.begin(about("a", 5000));
        EXPECT_EQ(code_of([&] { files.content(pattern(5000)); }),
                  errc::storage);
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(read(at("a")), "old");
    EXPECT_FALSE(fs::exists(at(".a.partial")));
}

TEST_F(files_test, a_walk_passes_over_links_and_parts) {
    fs::create_directories(at("d/e"));
    write(at("d/f"), "12345");
    write(at("d/.g.partial"), "1");
    fs::create_symlink("f", at("d/link"));
    tree_walk walk(*where_, "d");
    std::vector<std::string> found;
    while (const auto one = walk.next())
        found.push_back(fmt::format("{} {}", one->path, one->size));
    std::ranges::sort(found);
    EXPECT_EQ(found, (std::vector<std::string>{"d 0", "d/e 0", "d/f 5"}));
    EXPECT_EQ(walk.passed_over(), 1u);
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
    for (const std::size_t size : {std::size_t{1024}, block_limit}) {
        std::size_t next = 0;
        record_source source(
            from,
            [&]() -> std::optional<sent_file> {
                if (next == names.size())
                    return std::nullopt;
                return sent_file{about(names[next++], 0)};
            },
            size, false);
        store files(*where_, locks_, quick_);
        record_parser parser(files);
        for (std::uint64_t number = 0;; ++number) {
            block_bytes block(block_data_at);
            source.fill(number, block);
            if (block.size() == block_data_at)
                break;
            EXPECT_LE(block.size() - block_data_at, size);
            parser.parse(byte_view(block).subspan(block_data_at));
        }
        parser.finish();
        files.publish();
        EXPECT_TRUE(source.problems().empty());
        for (const std::string& name : names)
            EXPECT_EQ(read(at(name)), read(base_ / "from" / name))
                << name;
    }
}

TEST_F(files_test, a_source_that_shrinks_or_grows_is_given_up) { // F44
    for (const bool shrinks : {true, false}) {
        write(at("a"), std::string(600'000, 'x'));
        bool given = false;
        record_source source(
            *where_,
            [&]() -> std::optional<sent_file> {
                if (std::exchange(given, true))
                    return std::nullopt;
                return sent_file{about("a", 0)};
            },
            block_limit, false);
        block_bytes first(block_data_at);
        source.fill(0, first);
        if (shrinks)
            fs::resize_file(at("a"), 300'000);
        else
            std::ofstream(at("a"), std::ios::app) << "more";
        std::byte last{};
        for (std::uint64_t number = 1;; ++number) {
            block_bytes block(block_data_at);
            source.fill(number, block);
            if (block.size() == block_data_at)
                break;
            last = block.back();
        }
        EXPECT_EQ(last, std::byte{'X'});
        EXPECT_EQ(source.problems().size(), 1u);
    }
}

} // namespace
} // namespace file_transfer
