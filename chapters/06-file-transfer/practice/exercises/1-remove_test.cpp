#include "1-remove.hpp"
#include "inbox.hpp"
#include "raced.hpp"

#include "disk/locked_file.hpp"
#include "tests/watched_syncs.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace exercise {
namespace {

using file_transfer::errc;
using file_transfer::in_quotes;
using file_transfer::locked_file;
using file_transfer::totals;
using testing_support::count_of;
using testing_support::steps;
using paths_type = std::vector<std::string>;

std::string list_of(const paths_type& paths) {
    std::string all;
    for (const std::string& path : paths)
        all += (all.empty() ? "" : " and ") + in_quotes(path);
    return all;
}

class remove : public testing::Test {
protected:
    remove() {
        inbox_.add("a", "12345");
        inbox_.add("sub/b", "123");
        inbox_.add("sub/c", "12");
        story_.did("made an inbox with a, sub/b and sub/c in it");
    }

    totals call(const paths_type& paths) {
        return remove_files(inbox_.where(), file_transfer::encode(paths));
    }

    void expect_there(const paths_type& paths, std::string_view advice) {
        for (const std::string& path : paths)
            if (!inbox_.has(path))
                story_.wrong(fmt::format("the file {} is gone", path),
                             advice);
    }

    // Everything must stay, and the code be the right one.
    void refuse(const paths_type& paths, errc right,
                std::string_view advice) {
        story_.did("asked for {} to be removed", list_of(paths));
        const auto told =
            failure_of(story_, "remove_files", [&] { call(paths); });
        if (!fs::exists(inbox_.secret()))
            story_.wrong("a file outside of the inbox was removed",
                         advice);
        expect_there(
            {"a", "sub/b", "sub/c"},
            "The request as a whole is refused, so nothing may "
            "be gone. Look at all of the paths before you remove "
            "the first.");
        if (!told)
            story_.wrong(
                fmt::format("remove_files returned, as if all "
                            "were gone; it was to refuse with {}",
                            name_of(right)),
                advice);
        story_.did("it was refused: {}, {}", name_of(told->code()),
                   told->what());
        if (told->code() != right)
            story_.wrong(fmt::format("the client reads {}, and was to "
                                     "read {}",
                                     name_of(told->code()),
                                     name_of(right)),
                         advice);
        expect_locks_free();
    }

    // The part of a file as its writer has it; none when it is taken.
    std::optional<locked_file> lock(const std::string& path) {
        const auto [folder, name] = file_transfer::split(path);
        const auto open = inbox_.where().open(folder, O_RDONLY);
        try {
            return locked_file::open(open.get(),
                                     file_transfer::part_name(name),
                                     locked_file::purpose::make, path);
        } catch (const file_transfer::failure&) {
            return std::nullopt;
        }
    }

    void expect_locks_free() {
        for (const std::string path : {"a", "sub/b", "sub/c"}) {
            if (!lock(path))
                story_.wrong(
                    fmt::format("after it had ended, the lock of {} is "
                                "still taken: nobody can write that file "
                                "any more",
                                path),
                    "Give the locks back on every way out, exceptions "
                    "too. A destructor does that.");
        }
    }

    steps story_{"Opening a FIFO waits for somebody who writes into it, "
                 "unless O_NONBLOCK is among the flags.",
                 std::chrono::seconds(40)};
    inbox inbox_;
};

TEST_F(remove, takes_away_what_is_named_and_nothing_else) {
    story_.did("asked for \"a\" and \"sub/b\" to be removed");
    const totals gone = story_.call(
        "remove_files", "Both are there, and nobody writes them.", [&] {
            return call({"a", "sub/b"});
        });
    for (const std::string path : {"a", "sub/b"})
        if (inbox_.has(path))
            story_.wrong(fmt::format("the file {} is still there", path),
                         "unlinkat(2) wants the descriptor of a folder, "
                         "and the name in it. What did it return?");
    expect_there({"sub", "sub/c"}, "Nobody asked for that.");
    if (gone != totals{2, 8})
        story_.wrong(fmt::format("2 files of 8 bytes together are gone, "
                                 "and it said {} files, {}",
                                 gone.entries, count_of(gone.bytes)),
                     "fstat(2) of the open file knows its size, before "
                     "it is removed.");
    expect_locks_free();
}

TEST_F(remove, refuses_what_leads_out_of_the_root) {
    constexpr std::string_view outside =
        "A path comes from a stranger. check_path looks at its names, "
        "and root::open lets the kernel see to it that none leads out: "
        "unlinkat with the path as it came does neither. Open the folder "
        "by the root, and unlink the last name in that.";
    refuse({"../secret/key"}, errc::bad_path, outside);
    refuse({inbox_.secret().string()}, errc::bad_path, outside);
    fs::create_symlink("../secret", inbox_.at("link"));
    story_.did("made a symbolic link \"link\" to the folder beside the "
               "inbox");
    refuse({"link/key"}, errc::bad_path, outside);
    refuse({"sub/../a"}, errc::bad_path, outside);
    refuse({""}, errc::bad_path, outside);
}

// At each system call of the answer somebody exchanges the folder for a
// link to one outside.
TEST_F(remove, removes_nothing_outside_while_folders_are_exchanged) {
    inbox_.add("sub/key", "inside");
    fs::create_symlink("../secret", inbox_.at("link"));
    const auto exchange = [&] {
        fs::rename(inbox_.at("sub"), inbox_.at("third"));
        fs::rename(inbox_.at("link"), inbox_.at("sub"));
        fs::rename(inbox_.at("third"), inbox_.at("link"));
    };
    story_.did("asked for \"sub/key\" to be removed, again and again; "
               "each time at another system call somebody exchanged the "
               "folder \"sub\" for a link to the folder outside");
    for (int at = 0, last = 1; at < last && at < 300; ++at) {
        const auto ended = stopped_at_each_call(
            [&] {
                try {
                    call({"sub/key"});
                } catch (const std::exception&) {
                }
                return 0;
            },
            [&](int stop) {
                last = stop + 2;
                if (stop == at)
                    exchange();
            });
        if (!ended) {
            story_.did("left this out: ptrace(2) is not allowed here");
            return;
        }
        if (fs::is_symlink(inbox_.at("sub")))
            exchange();
        if (!fs::exists(inbox_.secret()))
            story_.wrong(
                "once, the file outside of the inbox was removed",
                "What was looked at and what is removed must be in the "
                "same folder: a path is followed anew by each call, a "
                "descriptor is not. Open the folder once, by the root, "
                "and give it to unlinkat with the last name.");
        if (!inbox_.has("sub/key"))
            inbox_.add("sub/key", "inside");
    }
}

TEST_F(remove, refuses_what_is_no_file) {
    refuse({"sub"}, errc::bad_path,
           "A folder is no file. It can be opened like one, and its "
           "fstat(2) says what it is.");
    fs::create_symlink("a", inbox_.at("link"));
    story_.did("made a symbolic link \"link\" to a");
    refuse({"link"}, errc::bad_path,
           "Whoever gets or lists files never sees a link, so nobody may "
           "remove one. root::open refuses it, lstat and unlinkat do "
           "not.");
    ::mkfifo(inbox_.at("pipe").c_str(), 0600);
    story_.did("made a FIFO named \"pipe\"");
    refuse({"pipe"}, errc::bad_path,
           "It opens, and it is no regular file: S_ISREG.");
}

TEST_F(remove, removes_all_or_nothing) {
    refuse({"missing"}, errc::not_found,
           "Nothing has that name, and a client must learn it: it is a "
           "failure, and no success without effect.");
    refuse({"a", "sub/missing"}, errc::not_found,
           "The second path is the one to complain of.");
    refuse({"a", "sub/b", "../secret/key"}, errc::bad_path,
           "The third path is the one to complain of.");
}

TEST_F(remove, leaves_alone_what_is_being_written) {
    auto writer = lock("sub/b");
    story_.did("began to write sub/b: another session has its part");
    const auto told = failure_of(story_, "remove_files", [&] {
        call({"a", "sub/b"});
    });
    if (!told || told->code() != errc::in_use)
        story_.wrong(
            told ? fmt::format("the client reads {}, and was to read "
                               "in_use",
                               name_of(told->code()))
                 : "remove_files returned: it took away a file under the "
                   "hands of its writer",
            "locked_file::open throws when somebody has the part. Ask "
            "for each path's before anything is removed.");
    expect_there({"a", "sub/b"},
                 "One of the two could not be removed, so "
                 "neither may be.");
    if (lock("sub/b"))
        story_.wrong("it was refused, and the writer's lock is free now",
                     "Release the locks that you have taken, and not the "
                     "one that you were refused.");
    writer.reset();
    expect_locks_free();
}

TEST_F(remove, refuses_a_payload_that_is_cut) {
    const auto whole = file_transfer::encode(paths_type{"a", "sub/b"});
    story_.did("sent a list of two paths, without its last byte");
    const auto told = failure_of(story_, "remove_files", [&] {
        remove_files(
            inbox_.where(),
            file_transfer::byte_view(whole).first(whole.size() - 1));
    });
    if (!told || told->code() != errc::bad_message)
        story_.wrong("it was to be refused with bad_message",
                     "decode_paths does this: let its failure pass.");
    expect_there({"a", "sub/b"}, "A request that is cut is no request.");
}

TEST_F(remove, stays_removed_when_the_power_goes) {
    bool a = false, b = false; // gone when their folder was synchronized
    {
        const file_transfer::watched_syncs watched(
            [&](const std::string& path, bool whole) {
                a |= !inbox_.has("a") &&
                     (whole || path.ends_with("inbox"));
                b |= !inbox_.has("sub/b") &&
                     (whole || path.ends_with("sub"));
            });
        story_.did("asked for \"a\" and \"sub/b\" to be removed, and "
                   "watched every fsync");
        story_.call("remove_files", "Both are there.", [&] {
            return call({"a", "sub/b"});
        });
    }
    story_.did("cut the power when it had returned");
    if (!a || !b)
        story_.wrong(
            fmt::format(
                "{} may be there again: nothing has made the disk "
                "forget that name",
                a ? "sub/b" : "a"),
            "A name stands in its folder. After the unlinkat, fsync(2) "
            "the descriptor of the folder, of each folder; and only then "
            "return, because the answer follows.");
}

} // namespace
} // namespace exercise
