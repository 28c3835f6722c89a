#include "1-remove.hpp"
#include "inbox.hpp"
#include "raced.hpp"

#include "disk/locked_file.hpp"
#include "tests/watched_syncs.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>

namespace exercise {
namespace {

using file_transfer::errc;
using file_transfer::in_quotes;
using file_transfer::locked_file;
using file_transfer::part_name;
using file_transfer::totals;
using file_transfer::watched_syncs;
using testing_support::count_of;
using testing_support::open_descriptors;
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
        const std::size_t open = open_descriptors();
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
        expect_closed(open);
    }

    // The part of a file as its writer has it; none when it is taken.
    std::optional<locked_file> lock(const std::string& path) {
        const auto [folder, name] = file_transfer::split(path);
        const auto open = inbox_.where().open(folder, O_RDONLY);
        try {
            return locked_file::open(open.get(), part_name(name),
                                     locked_file::purpose::make, path);
        } catch (const file_transfer::failure&) {
            return std::nullopt;
        }
    }

    void expect_locks_free() {
        for (const std::string path : {"a", "sub/b", "sub/c"}) {
            const auto mine = lock(path);
            if (!mine)
                story_.wrong(
                    fmt::format("after it had ended, the lock of {} is "
                                "still taken: nobody can write that file "
                                "any more",
                                path),
                    "Give the locks back on every way out, exceptions "
                    "too. A destructor does that.");
            const auto [folder, name] = file_transfer::split(path);
            fs::remove(inbox_.at(folder) / part_name(name));
        }
    }

    void expect_closed(std::size_t before) {
        const std::size_t now = open_descriptors();
        if (now > before)
            story_.wrong(
                fmt::format("it has opened {} descriptors that nobody "
                            "closes: after some hundred requests the "
                            "server has none left",
                            now - before),
                "Close each on every way out, exceptions too. A "
                "`descriptor` does, and root::open returns one.");
    }

    void expect_nothing_but(const std::set<std::string>& names) {
        const fs::path all = inbox_.at("a").parent_path();
        for (const auto& each : fs::recursive_directory_iterator(all)) {
            const auto name = each.path().lexically_relative(all);
            if (!names.contains(name))
                story_.wrong(
                    fmt::format("it has left {} in the inbox",
                                in_quotes(name)),
                    "A part that is made to be locked is a file of its "
                    "own, which somebody has to remove. With "
                    "purpose::write none is made.");
        }
    }

    steps story_{"Opening a FIFO waits for somebody who writes into it, "
                 "unless O_NONBLOCK is among the flags.",
                 std::chrono::seconds(40)};
    inbox inbox_;
};

TEST_F(remove, takes_away_what_is_named_and_nothing_else) {
    story_.did("asked for \"a\" and \"sub/b\" to be removed");
    const std::size_t open = open_descriptors();
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
    expect_nothing_but({"sub", "sub/c"});
    expect_locks_free();
    expect_closed(open);
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
    inbox_.add("other/d", "1");
    const paths_type paths{"a", "sub/b", "other/d"};
    std::set<std::string> safe; // gone when their folder was synchronized
    {
        const watched_syncs watched(
            [&](const std::string& what, bool whole) {
                for (const std::string& path : paths)
                    if (!inbox_.has(path) &&
                        (whole || what == inbox_.at(path).parent_path()))
                        safe.insert(path);
            });
        story_.did("asked for {} to be removed, and watched every fsync",
                   list_of(paths));
        story_.call("remove_files", "All are there.",
                    [&] { return call(paths); });
    }
    story_.did("cut the power when it had returned");
    for (const std::string& path : paths)
        if (!safe.contains(path))
            story_.wrong(
                fmt::format("{} may be there again: nothing has made the "
                            "disk forget that name",
                            path),
                "A name stands in its folder. After the unlinkat, "
                "fsync(2) the descriptor of the folder, of each folder; "
                "and only then return, because the answer follows.");
}

TEST_F(remove, tells_when_the_disk_does_not_know) {
    story_.did("asked for \"a\" to be removed, on a disk on which fsync "
               "fails");
    std::optional<file_transfer::failure> told;
    {
        const watched_syncs watched([](const std::string&, bool) {}, EIO);
        told = failure_of(story_, "remove_files", [&] { call({"a"}); });
    }
    if (!told)
        story_.wrong("fsync(2) failed, and remove_files returned: the "
                     "client believes that the file stays removed",
                     "What fsync(2) returns is what was waited "
                     "for. storage_failure makes a failure of errno.");
    story_.did("it was refused: {}, {}", name_of(told->code()),
               told->what());
    if (told->code() != errc::storage)
        story_.wrong(fmt::format("the client reads {}, and was to read "
                                 "storage",
                                 name_of(told->code())),
                     "The disk has failed, and not the request.");
    expect_locks_free();
}

TEST_F(remove, refuses_what_is_the_name_of_no_file) {
    constexpr std::string_view advice =
        "check_path knows what is no name; root::open asks it, and "
        "openat(2) or unlinkat(2) with the last name do not.";
    refuse({std::string("a\0b", 3)}, errc::bad_path, advice);
    refuse({"sub//b"}, errc::bad_path, advice);
    refuse({"sub/./b"}, errc::bad_path, advice);
    const std::string part = part_name("d");
    inbox_.add(part, "the first half");
    story_.did("a connection broke while a file d was sent: its part "
               "lies in the inbox");
    refuse({part}, errc::bad_path, advice);
    if (!inbox_.has(part))
        story_.wrong("a part was removed: its sender cannot go on where "
                     "the line was cut",
                     advice);
}

TEST_F(remove, a_part_that_nobody_writes_keeps_no_file) {
    lock("a"); // and lets go
    story_.did("a connection broke while a was sent anew: its part lies "
               "in the inbox, and nobody writes it");
    story_.call("remove_files",
                "A part may lie there for years. Only its lock tells "
                "that somebody writes it.",
                [&] { return call({"a"}); });
    if (inbox_.has("a"))
        story_.wrong("the file a is still there", "Nobody writes it.");
}

// A writer may come at each moment: he comes at each system call.
TEST_F(remove, keeps_its_locks_until_the_files_are_gone) {
    const paths_type paths{"a", "sub/b"};
    for (const std::string& path : paths)
        lock(path);
    story_.did("parts of a and sub/b lie in the inbox, and nobody writes "
               "them; asked for both files to be removed, and at each "
               "system call another session tried to lock the parts");
    std::array<bool, 2> there{true, true}, locked{};
    std::string free;
    const auto ended = stopped_at_each_call(
        [&] {
            try {
                call(paths);
                return 0;
            } catch (const std::exception&) {
                return 1;
            }
        },
        [&](int) {
            const auto before = there;
            for (std::size_t i = 0; i < 2; ++i)
                there[i] = inbox_.has(paths[i]);
            for (std::size_t i = 0; i < 2; ++i)
                if (there != before && before[i] && !locked[i])
                    free = paths[i];
            for (std::size_t i = 0; i < 2; ++i)
                locked[i] = !lock(paths[i]);
        });
    if (!ended)
        story_.did("left this out: ptrace(2) is not allowed here");
    else if (!free.empty())
        story_.wrong(
            fmt::format("when a file was removed, the part of {} was not "
                        "locked: somebody could have begun to write it",
                        free),
            "The lock ends with the locked_file that open returned. Keep "
            "it, of each path, until the files are gone.");
}

TEST_F(remove, of_no_paths_nothing_is_removed) {
    story_.did("sent a list of no paths");
    const totals gone = story_.call(
        "remove_files", "It is a list, and all that it names is gone.",
        [&] { return call({}); });
    if (gone != totals{})
        story_.wrong(
            fmt::format("it said that {} files are gone", gone.entries),
            "None was named.");
    expect_there({"a", "sub/b", "sub/c"}, "Nobody asked for that.");
}

} // namespace
} // namespace exercise
