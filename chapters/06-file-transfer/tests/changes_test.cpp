// What says that nothing changed, and what a user leaves out.
#include "client/compare.hpp"
#include "client/pattern.hpp"
#include "client/shown.hpp"
#include "disk/locked_file.hpp"
#include "disk/removal.hpp"
#include "disk/tree.hpp"
#include "server/server.hpp"
#include "wire/error_frame.hpp"
#include "wire/record_source.hpp"

#include "common/testing/deadline.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace file_transfer {
namespace {

namespace fs = std::filesystem;

entry about(const std::string& path, std::uint64_t size = 0) {
    entry one;
    one.path = path;
    one.size = size;
    return one;
}

tree_sum sum_of(std::initializer_list<entry> all) {
    tree_sum sum;
    for (const entry& one : all)
        sum.add(one);
    return sum;
}

TEST(tree_sums, know_no_order) {
    EXPECT_EQ(sum_of({about("a"), about("b"), about("c")}),
              sum_of({about("c"), about("a"), about("b")}));
}

TEST(tree_sums, change_with_each_field) {
    const entry one = about("a/b", 7);
    std::vector<entry> others(5, one);
    others[0].path = "a/c";
    others[1].size = 8;
    others[2].mode = 0600;
    others[3].modified_ns = -1;
    others[4].what = entry::kind::folder;
    for (const entry& other : others)
        EXPECT_NE(sum_of({one}), sum_of({other})) << other.path;
    EXPECT_NE(sum_of({one}), sum_of({one, one}));
    EXPECT_NE(sum_of({}), sum_of({one}));
}

// As they would where each field were summed by itself.
TEST(tree_sums, tell_two_files_that_have_changed_places) {
    EXPECT_NE(sum_of({about("a", 1), about("b", 2)}),
              sum_of({about("a", 2), about("b", 1)}));
}

TEST(tree_sums,
     are_what_the_drawing_says) { // by Python's uuid and hashlib
    const tree_sum sum = sum_of({about("a", 1)});
    EXPECT_EQ(sum.entries, 1u);
    EXPECT_EQ(sum.high, 0xf192d177213e5285u);
    EXPECT_EQ(sum.low, 0xa984252fbd199a7du);
}

struct pattern_case {
    const char* text;
    const char* path;
    bool is_folder, matches;
};

// rsync(1) says so of each.
TEST(patterns, match_as_rsyncs_do) {
    const pattern_case cases[] = {
        {"foo", "foo", false, true},
        {"foo", "a/foo", false, true},
        {"foo", "foo/a", false, true}, // it goes with its folder
        {"foo/", "a/foo/b/c", false, true},
        {"a/*/c", "x/a/b/c/d", false, true},
        {"/foo", "foo/a", false, true},
        {"/foo", "a/foo/a", false, false},
        {"foo", "afoo", false, false},
        {"/foo", "foo", true, true},
        {"/foo", "a/foo", false, false},
        {"foo/", "a/foo", true, true},
        {"foo/", "a/foo", false, false},
        {"*.o", "a/b.o", false, true},
        {"*.o", ".o", false, true},
        {"a*c", "a/c", false, false},
        {"a/*/c", "a/b/c", false, true},
        {"a/*/c", "x/a/b/c", false, true},
        {"a/*/c", "xa/b/c", false, false},
        {"a/*/c", "a/b/b/c", false, false},
        {"a/**/c", "a/b/b/c", false, true},
        {"**.o", "a/b.o", false, true},
        {"/a/**", "a/b/c", false, true},
        {"/a/**", "a", true, false},
        {"b?c", "a/bxc", false, true},
        {"b?c", "b/c", false, false},
        {"b?c", "bc", false, false},
        {"[a-c]x", "bx", false, true},
        {"[a-c]x", "dx", false, false},
        {"[!a-c]x", "dx", false, true},
        {"[^a-c]x", "bx", false, false},
        {"a[!b]c", "a/c", false, false},
        {"[]x]", "]", false, true},
        {"[a-]", "-", false, true},
        {"[[:digit:]_]", "7", false, true},
        {"[[:digit:]_]", "_", false, true},
        {"[[:digit:]_]", "x", false, false},
        {"\\*", "*", false, true},
        {"\\*", "a", false, false},
        {"[\\]]", "]", false, true},
        {"\xc3?", "\xc3\xa4", false, true}, // bytes, not characters
    };
    for (const pattern_case& one : cases)
        EXPECT_EQ(name_pattern(one.text).matches(one.path, one.is_folder),
                  one.matches)
            << one.text << " and " << one.path;
}

TEST(patterns, without_sense_are_wrong_arguments) {
    for (const char* text : {"", "/", "[", "[a", "a[!", "[[:x:]]"})
        EXPECT_THROW(name_pattern{text}, std::invalid_argument) << text;
}

// One that tries each way anew would take longer than anybody lives.
TEST(patterns, are_quick_with_any_name) {
    std::string text;
    for (int i = 0; i < 30; ++i)
        text += "*a";
    const std::string name(250, 'a');
    EXPECT_FALSE(name_pattern(text + "b").matches(name, false));
    EXPECT_FALSE(name_pattern("**/" + text + "/b").matches(name, false));
}

// One that tries each name as a beginning and each as an end takes 4,000
// times as long.
TEST(patterns, are_quick_with_many_names_in_a_path) {
    exclusions all;
    for (const char* text : {"build/cache", "a*/*b*c*d*e*f*g*h"})
        all.add(text);
    const std::string name(62, 'a');
    std::string path = name;
    for (int i = 0; i < 61; ++i)
        path += '/' + name;
    for (int i = 0; i < 20; ++i)
        EXPECT_FALSE(all.exclude(path + std::to_string(i), false));
}

TEST(names, turn_no_line_on_a_terminal) {
    EXPECT_EQ(shown("a\xe2\x80\xaetxt"), "a\\xe2\\x80\\xaetxt");
    EXPECT_EQ(shown("a\xe2\x81\xa6txt"), "a\\xe2\\x81\\xa6txt");
    EXPECT_EQ(shown("a\xd8\x9ctxt"), "a\\xd8\\x9ctxt");
    for (const char* plain : {"gr\xc3\xbcn", "\xe2\x80\x93", "\xd7\x90"})
        EXPECT_EQ(shown(plain), plain);
}

TEST(exclusions_, hold_for_what_is_below) {
    exclusions all;
    EXPECT_FALSE(all.exclude("a", false));
    all.add("build/");
    EXPECT_TRUE(all.exclude("x/build/y/z", false));
    EXPECT_TRUE(all.exclude("build", true));
    EXPECT_FALSE(all.exclude("build", false));
}

TEST(extra, is_what_the_source_has_not_and_nothing_needs) {
    std::vector<entry> there{about("t"),          about("t/a"),
                             about("t/d"),        about("t/d/e"),
                             about("t/d/e/kept"), about("t/d/gone"),
                             about("t/link")};
    for (const unsigned folder : {0u, 2u, 3u})
        there[folder].what = entry::kind::folder;
    there[6].what = entry::kind::other;
    const auto extra = extra_entries(
        there,
        [](const entry& one) {
            return one.path == "t" || one.path == "t/a";
        },
        [](const entry& one) { return one.path == "t/d/e/kept"; });
    ASSERT_EQ(extra.size(), 1u);
    EXPECT_EQ(extra[0].path, "t/d/gone");
}

class on_disk : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
    }

    fs::path folder_ = fs::temp_directory_path() /
                       ("changes-" + std::to_string(::getpid()));
    void SetUp() override { fs::create_directories(folder_); }
    void TearDown() override { fs::remove_all(folder_); }
};

TEST_F(on_disk, a_walk_counts_parts_and_gives_others_when_asked) {
    write("d/a", "x");
    write("d/" + part_name("b"), "x");
    write(part_name("c"), "x");
    fs::create_symlink("a", folder_ / "d/link");
    const root where(folder_.string());
    const auto left_out = std::make_shared<notes>();
    walk_of_paths walk(where, {"d"}, left_out);
    walk.give_others();
    std::map<std::string, entry::kind> found;
    while (const auto one = walk.next())
        found[one->path] = one->what;
    using enum entry::kind;
    EXPECT_EQ(found,
              (std::map<std::string, entry::kind>{
                  {"d", folder}, {"d/a", file}, {"d/link", other}}));
    EXPECT_EQ(walk.parts(), 1u);
    EXPECT_EQ(left_out->take().size(), 1u);
    EXPECT_TRUE(has_part(where, "c"));
    EXPECT_TRUE(has_part(where, "d/b"));
    EXPECT_FALSE(has_part(where, "d/a"));
    EXPECT_FALSE(has_part(where, "no/a"));
}

// A server that serves the folder, beside the test.
class beside {
public:
    explicit beside(const std::string& folder)
        : server_("127.0.0.1", "0", folder, quick()),
          serving_([this] { server_.run(); }) {}
    ~beside() { server_.stop(); }
    beside(const beside&) = delete;
    beside& operator=(const beside&) = delete;

    std::string port() const {
        return std::to_string(server_.endpoint().port());
    }

private:
    static server_options quick() {
        server_options chosen;
        chosen.store.durable = false;
        chosen.log = [](std::string_view) noexcept {}; // it is meant
        return chosen;
    }

    file_server server_;
    std::jthread serving_;
};

// A server could tell of names for ever, 24 bytes for each on the wire
// and some thousand here.
TEST_F(on_disk, names_beyond_a_limit_end_whoever_would_keep_them) {
    const testing_support::deadline limit(std::chrono::seconds(60));
    for (int i = 0; i < 300; ++i)
        fs::create_directories(folder_ / "root/d" / std::to_string(i));
    write("into/d/here", "x");
    write("new/here", "x");
    write("d/here", "x");
    const beside server((folder_ / "root").string());
    client_options options;
    options.port = server.port();
    options.store.durable = false;
    options.dry_run = true;
    progress_counts progress;
    const auto to = [&](const char* where) {
        get_files(options, {"d"}, (folder_ / where).string(), progress);
    };
    const std::function<void()> ways[] = {
        [&] {
            notes left_out;
            list_files(options, {}, left_out);
        },
        [&] { to("into"); },
        [&] {
            const auto left_out = std::make_shared<notes>();
            put_files(
                options,
                local_files({(folder_ / "d").string()}, "", {}, left_out),
                *left_out, progress);
        },
        [&] {
            options.dry_run = false;
            options.whole = true;
            to("new");
        }};
    for (const auto& way : ways) {
        options.names_memory = 10'000;
        std::error_code told;
        try {
            way();
        } catch (const failure& why) {
            told = why.code();
        }
        EXPECT_EQ(told, errc::too_large);
        options.names_memory = 100'000;
        EXPECT_NO_THROW(way());
    }
}

// Greets each client, and says the same to it as long as that stays.
class repeating {
public:
    explicit repeating(std::vector<std::byte> said)
        : said_(std::move(said)), serving_([this] { serve(); }) {}
    ~repeating() { // accept() returns when nobody may come any more
        ::shutdown(listener_.native_handle(), SHUT_RDWR);
    }
    repeating(const repeating&) = delete;
    repeating& operator=(const repeating&) = delete;

    std::string port() const {
        return std::to_string(listener_.local_endpoint().port());
    }

private:
    void serve() {
        boost::system::error_code error;
        for (;;) {
            tcp::socket peer(context_);
            listener_.accept(peer, error);
            if (error)
                return;
            asio::write(
                peer,
                asio::buffer(make_frame(message::hello, encode(hello()))),
                error);
            while (!error)
                asio::write(peer, asio::buffer(said_), error);
        }
    }

    const std::vector<std::byte> said_;
    asio::io_context context_;
    tcp::acceptor listener_{
        context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::jthread serving_;
};

std::vector<std::byte> many(message type, byte_view payload) {
    const auto one = make_frame(type, payload);
    std::vector<std::byte> all;
    for (int i = 0; i < 100; ++i)
        all.insert(all.end(), one.begin(), one.end());
    return all;
}

// None of its words brings anything on.
TEST_F(on_disk, a_server_that_only_says_that_it_is_at_work_is_given_up) {
    const testing_support::deadline limit(std::chrono::seconds(90));
    write("into/d/here", "x");
    write("d/here", "x");
    fs::create_directories(folder_ / "new");
    client_options options;
    options.retries = 0;
    options.times.idle = std::chrono::seconds(2);
    options.times.server_at_work = 1;
    progress_counts progress;
    const std::function<void()> list = [&] {
        notes left_out;
        list_files(options, {}, left_out);
    };
    const std::function<void()> put = [&] {
        const auto left_out = std::make_shared<notes>();
        put_files(
            options,
            local_files({(folder_ / "d").string()}, "", {}, left_out),
            *left_out, progress);
    };
    const std::function<void()> put_all = [&] {
        options.whole = true;
        put();
        options.whole = false;
    };
    const auto get = [&](const char* where) {
        return [&, where] {
            get_files(options, {"d"}, (folder_ / where).string(),
                      progress);
        };
    };
    const auto working = many(message::working, {});
    const auto remarks =
        many(message::problem, encode(failure(errc::not_sent)));
    // A block without content, and nothing that begins in it.
    const auto blocks = many(message::block, std::vector<std::byte>(5));
    const std::pair<std::vector<std::byte>, std::function<void()>>
        ways[] = {{working, list},        {remarks, list},
                  {working, put_all},     {remarks, put},
                  {working, get("into")}, {blocks, get("new")}};
    for (const auto& [said, way] : ways) {
        const repeating server(said);
        options.port = server.port();
        try {
            way();
            ADD_FAILURE() << "it came to an end";
        } catch (const failure& why) {
            EXPECT_EQ(why.code(), refusal::idle) << why.what();
        }
    }
}

// Else a file could be changed behind the reader's back, and be as long
// and as old as before.
TEST_F(on_disk, a_file_is_read_in_a_later_tick_than_it_was_written) {
    const root where(folder_.string());
    for (int i = 0; i < 20; ++i) {
        const std::string name = std::to_string(i);
        write(name, "text");
        const auto left_out = std::make_shared<notes>();
        record_source source(
            where,
            [&, first = true]() mutable -> std::optional<sent_file> {
                if (!std::exchange(first, false))
                    return std::nullopt;
                return sent_file{.about = about(name, 4)};
            },
            block_limit, false, left_out);
        outgoing_block block;
        source.fill(block.begin());
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
        struct stat facts {};
        ASSERT_EQ(::stat((folder_ / name).c_str(), &facts), 0);
        EXPECT_TRUE(
            std::pair(now.tv_sec, now.tv_nsec) >
            std::pair(facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec))
            << i;
    }
}

} // namespace
} // namespace file_transfer
