#include "disk/store.hpp"
#include "inbox.hpp"
#include "raced.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace file_transfer {
namespace {

using exercise::failure_of;
using exercise::inbox;
using testing_support::steps;

class way_out : public testing::Test {
protected:
    way_out() {
        inbox_.add("sub/b", "inside");
        story_.did("made an inbox with sub/b in it, and beside the inbox "
                   "a folder with a key");
    }

    void link(const std::string& to, const std::string& name) {
        exercise::fs::create_symlink(to, inbox_.at(name));
        story_.did("somebody made a link \"{}\" in the inbox, to {}",
                   name, to);
    }

    // Opens a path as `get` does.
    void refuse(const std::string& path, std::string_view advice) {
        story_.did("a client asked for \"{}\"", path);
        std::string read(100, '\0');
        const auto told = failure_of(story_, "root::open()", [&] {
            const descriptor file =
                inbox_.where().open(path, O_RDONLY | O_NONBLOCK);
            const auto size =
                ::read(file.get(), read.data(), read.size());
            read.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        });
        if (!told)
            story_.wrong(fmt::format("the client read {}",
                                     testing_support::shown(read)),
                         advice);
        if (told->code() != errc::bad_path)
            story_.wrong(
                fmt::format("it was refused with {}, and was to "
                            "be with bad_path",
                            exercise::name_of(told->code())),
                "ELOOP and EXDEV become bad_path: so the kernel "
                "reports a link, and a way out. With other flags "
                "it looks elsewhere, or fails for another "
                "reason, and that need not last.");
    }

    // Opens sub/key while somebody exchanges the folder sub for a link to
    // the secret at the stop `from`, and back at the stop `to`.
    // @returns what was read: 0 nothing, 1 the file within, 2 the secret;
    // and whether there were as many stops.
    std::pair<std::optional<int>, bool> race(int from, int to) {
        const auto exchange = [&] {
            exercise::fs::rename(inbox_.at("sub"), inbox_.at("third"));
            exercise::fs::rename(inbox_.at("link"), inbox_.at("sub"));
            exercise::fs::rename(inbox_.at("third"), inbox_.at("link"));
        };
        int stops = 0;
        const auto read = exercise::stopped_at_each_call(
            [&] { return look(); },
            [&](int stop) {
                stops = stop + 1;
                if (stop == from || stop == to)
                    exchange();
            });
        if (exercise::fs::is_symlink(inbox_.at("sub")))
            exchange();
        return {read, stops > from};
    }

    int look() const {
        try {
            const descriptor file =
                inbox_.where().open("sub/key", O_RDONLY | O_NONBLOCK);
            char first = 0;
            if (::read(file.get(), &first, 1) != 1)
                return 0;
            return first == 'a' ? 2 : 1; // "a secret"
        } catch (const std::exception&) {
            return 0;
        }
    }

    steps story_{
        "root::open repeats a call after EINTR and EAGAIN alone.",
        std::chrono::seconds(30)};
    inbox inbox_;
};

TEST_F(way_out, no_folder_on_the_way_is_a_link_out) {
    link("../secret", "up");
    constexpr std::string_view advice =
        "No name in that path is one of dots, so check_path lets it "
        "pass. O_NOFOLLOW looks at the last name only. Who looks at the "
        "folders on the way?";
    refuse("up/key", advice);
    const auto outside = inbox_.secret().parent_path();
    exercise::fs::create_directory(outside / "deep");
    exercise::fs::copy(inbox_.secret(), outside / "deep/key");
    refuse("up/deep/key", advice);
    exercise::fs::create_directories(inbox_.at("sub/sub"));
    link("../../../secret", "sub/sub/up");
    refuse("sub/sub/up/key", advice);
    refuse("sub/sub/up/deep/key", advice);
    link(outside.string(), "away");
    refuse("away/key", advice);
}

TEST_F(way_out, nothing_is_written_outside) {
    link("../secret", "up");
    story_.did("a client sent a file \"up/new\"");
    store files(inbox_.where(), {.durable = false});
    entry about;
    about.path = "up/new";
    about.size = 1;
    const auto told =
        failure_of(story_, "begin()", [&] { files.begin(about); });
    for (const auto& each :
         exercise::fs::directory_iterator(inbox_.secret().parent_path()))
        if (each.path().filename() != "key")
            story_.wrong(
                fmt::format("outside of the inbox there is {} now",
                            each.path().filename().string()),
                "The folder of a new file is opened by the same "
                "function.");
    if (!told)
        story_.wrong("begin() accepted it", "It leads out of the root.");
}

TEST_F(way_out, links_within_are_not_followed_either) {
    link("sub", "inner");
    refuse(
        "inner/b",
        "It stays inside, this time. But between looking and opening "
        "somebody may let it lead elsewhere, and a walk would meet the "
        "file twice: the server follows no link at all.");
    link("sub/b", "last");
    refuse("last", "The last name may not be a link either.");
}

// Each moment in which somebody can exchange a folder is one between two
// system calls, so that the test tries them all.
TEST_F(way_out, a_folder_that_is_exchanged_meanwhile_leads_nowhere) {
    inbox_.add("sub/key", "inside");
    exercise::fs::create_symlink("../secret", inbox_.at("link"));
    story_.did(
        "a client asked for \"sub/key\" again and again; each time "
        "at another system call somebody exchanged the folder "
        "\"sub\" for a link to the folder outside");
    for (const int later : {1000, 1}) // to stay, or for one call alone
        for (int stop = 0; stop < 200; ++stop) {
            const auto [read, reached] = race(stop, stop + later);
            if (!read) {
                story_.did(
                    "left this out: ptrace(2) is not allowed here");
                return;
            }
            if (read == 2)
                story_.wrong(
                    "once, the client read \"a secret\"",
                    "Whatever looks at a folder first and opens the path "
                    "then can be overtaken between the two. One call has "
                    "to do both, or each folder is opened from the one "
                    "before it, without following.");
            if (!reached)
                break;
        }
}

// A name of dots and a slash in front are refused by check_path; should
// it overlook one, the kernel does not. Nor does the way without openat2.
TEST_F(way_out, no_path_leads_out_though_nobody_has_checked_it) {
    link("../secret", "up");
    for (const std::string& path :
         {std::string("../secret/key"), inbox_.secret().string(),
          std::string("sub/../../secret/key"), std::string("up/key")})
        for (const bool by_steps : {false, true}) {
            story_.did("called {} with \"{}\"",
                       by_steps ? "open_by_steps" : "open_unchecked",
                       path.starts_with('/') ? "/.../secret/key" : path);
            std::array<char, 100> text;
            ssize_t size = -1;
            failure_of(story_, "root's function", [&] {
                constexpr int flags = O_RDONLY | O_NONBLOCK;
                const root& where = inbox_.where();
                const descriptor file =
                    by_steps ? where.open_by_steps(path, flags, 0)
                             : where.open_unchecked(path, flags);
                size = ::read(file.get(), text.data(), text.size());
            });
            if (size > 0)
                story_.wrong(
                    fmt::format("it opened a file outside: {}",
                                testing_support::shown(
                                    {text.data(), std::size_t(size)})),
                    "A link is one way out, dots and a slash in front "
                    "are others. Is there a flag for each of them?");
        }
}

TEST_F(way_out, what_is_inside_is_opened) {
    inbox_.add("sub/sub/sub/c", "inside");
    for (const std::string path : {"sub/b", "sub/sub/sub/c"}) {
        story_.did("a client asked for \"{}\"", path);
        const auto told = failure_of(story_, "root::open()", [&] {
            inbox_.where().open(path, O_RDONLY);
        });
        if (told)
            story_.wrong(fmt::format("it was refused: {}", told->what()),
                         "It is a file in a folder, both real.");
    }
}

TEST_F(way_out, who_looks_at_each_folder_closes_it_again) {
    link("../secret", "up");
    const std::size_t before = testing_support::open_descriptors();
    for (const std::string path :
         {"sub/b", "sub/none", "sub/b/below", "up/key"})
        failure_of(story_, "root::open()",
                   [&] { inbox_.where().open(path, O_RDONLY); });
    const std::size_t now = testing_support::open_descriptors();
    story_.did("opened a file, and failed to open three; closed what "
               "root::open returned");
    if (now > before)
        story_.wrong(fmt::format("{} more descriptors are open than "
                                 "before: they run out some day",
                                 now - before),
                     "Each that is opened on the way is closed, when the "
                     "next one fails to open, too: give it to a "
                     "`descriptor`.");
}

} // namespace
} // namespace file_transfer
