#include "disk/checksum.hpp"
#include "disk/locked_file.hpp"
#include "disk/store.hpp"
#include "inbox.hpp"
#include "tests/watched_syncs.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace file_transfer {
namespace {

using exercise::failure_of;
using exercise::inbox;
using testing_support::steps;

class early_name : public testing::Test {
protected:
    void give(store& to, const std::string& path) {
        const auto content = testing_support::bytes("the new one");
        entry about;
        about.path = path;
        about.size = content.size();
        to.begin(about);
        to.content(content);
        to.complete(crc32(0, content));
    }

    // Puts an older edition of each into the inbox, and sends it anew.
    void send(store& to, const std::vector<std::string>& paths) {
        for (const std::string& path : paths)
            inbox_.add(path, "the old one");
        story_.did("made an inbox with {} in it: \"the old one\"",
                   named(paths));
        for (const std::string& path : paths)
            give(to, path);
        story_.did("sent {} anew", named(paths));
    }

    // Looks at the folder at each moment at which the disk is asked to be
    // safe.
    void publish(const std::vector<std::string>& paths) {
        store files(inbox_.where(), {.durable = true});
        send(files, paths);
        std::set<std::string> contents, names; // that are safe
        std::string early;
        {
            const watched_syncs watched(
                [&](const std::string& what, bool whole) {
                    for (const std::string& path : paths) {
                        const auto at = inbox_.at(path);
                        const auto folder = at.parent_path();
                        const bool renamed = has_name(path);
                        if (renamed && !contents.contains(path))
                            early = path;
                        if (!renamed &&
                            (whole ||
                             what == folder / part_name(at.filename())))
                            contents.insert(path);
                        if (renamed && (whole || what == folder))
                            names.insert(path);
                    }
                    note(whole, what, has_name(paths[0]));
                    if (files.arrived().entries > 0)
                        story_.wrong(
                            "the files count as arrived, and the "
                            "acknowledgement may leave, before all is "
                            "safe",
                            "arrived_ is the last thing to change.");
                });
            files.publish();
        }
        judge(paths, contents, names, early);
        if (files.arrived().entries != paths.size())
            story_.wrong(fmt::format("{} files count as arrived, of {}",
                                     files.arrived().entries,
                                     paths.size()),
                         "What counts is acknowledged: without it the "
                         "client would wait for ever. arrived_ is set at "
                         "the end.");
    }

    void judge(const std::vector<std::string>& paths,
               const std::set<std::string>& contents,
               const std::set<std::string>& names,
               const std::string& early) {
        for (const std::string& path : paths)
            if (!has_name(path))
                story_.wrong(fmt::format("the file {} still holds \"{}\"",
                                         path, inbox_.text_of(path)),
                             "After publish() each file has its name.");
        if (!early.empty())
            story_.wrong(
                fmt::format("the file {} had its name when nothing had "
                            "made its content safe yet: after a power "
                            "cut at that moment it is there, empty, and "
                            "the old one is gone",
                            early),
                "rename(2) and what was written go to the disk each in "
                "its own time. Which of the two must be there first, and "
                "which call waits for it?");
        for (const std::string& path : paths) {
            if (!contents.contains(path))
                story_.wrong(
                    fmt::format("nothing has made the content of {} safe",
                                path),
                    "fsync(2) of the files, of each, before they are "
                    "renamed.");
            if (!names.contains(path))
                story_.wrong(
                    fmt::format("nothing has made the name of {} safe",
                                path),
                    "A name stands in its folder, and each folder has to "
                    "be synchronized after the rename.");
        }
    }

    bool has_name(const std::string& path) const {
        return inbox_.text_of(path) == "the new one";
    }

    static std::string named(const std::vector<std::string>& paths) {
        return paths.size() == 1 ? paths[0]
                                 : fmt::format("{} files", paths.size());
    }

    void note(bool whole, const std::string& what, bool renamed) {
        story_.did("{} {}; the inbox holds {}",
                   whole ? "syncfs" : "fsync",
                   whole ? std::string("of all")
                         : what.substr(what.rfind('/') + 1),
                   renamed ? "the new one" : "the old one");
    }

    steps story_{"publish() waits for the disk alone."};
    inbox inbox_;
};

TEST_F(early_name, one_file_is_safe_before_it_has_its_name) {
    publish({"a"});
}

TEST_F(early_name, each_of_a_few_files_is_safe_before_its_name) {
    publish({"a", "b", "c"});
}

TEST_F(early_name, the_names_in_each_folder_are_safe) {
    publish({"x/a", "y/b", "z/c"});
}

TEST_F(early_name, who_does_not_ask_for_it_does_not_wait_for_the_disk) {
    int calls = 0;
    {
        const watched_syncs watched(
            [&](const std::string&, bool) { ++calls; });
        store files(inbox_.where(), {.durable = false});
        give(files, "a");
        files.publish();
    }
    story_.did("sent a file to a store that is not durable: {} calls of "
               "fsync or syncfs",
               calls);
    if (calls > 0)
        story_.wrong("nobody asked for it to be safe, and the disk was "
                     "waited for",
                     "Each of the two under `if (options_.durable)`.");
    if (!has_name("a"))
        story_.wrong("the file has no name",
                     "publish() gives it one, durable or not.");
}

TEST_F(early_name, many_files_are_safe_before_they_have_their_names) {
    std::vector<std::string> paths;
    for (int i = 0; i < 10; ++i)
        paths.push_back(fmt::format("file {}", i));
    publish(paths);
}

TEST_F(early_name, what_the_disk_did_not_take_gets_no_name) {
    for (const std::size_t count : {1u, 3u, 10u}) {
        std::vector<std::string> paths;
        for (std::size_t i = 0; i < count; ++i)
            paths.push_back(fmt::format("{} of {}", i + 1, count));
        std::optional<failure> told;
        store files(inbox_.where(), {.durable = true});
        send(files, paths);
        {
            const watched_syncs watched([](const std::string&, bool) {},
                                        EIO);
            told =
                failure_of(story_, "publish()", [&] { files.publish(); });
        }
        story_.did("the disk failed at each fsync and syncfs, and "
                   "publish() {}",
                   told ? "threw a failure" : "returned");
        if (!told || files.arrived().entries > 0)
            story_.wrong("the client believes that its files are safe",
                         "What fsync(2) returns is the answer that was "
                         "waited for: sync_or_throw looks at it.");
        for (const std::string& path : paths)
            if (has_name(path))
                story_.wrong(
                    fmt::format("the old {} was replaced by what the "
                                "disk did not take",
                                path),
                    "A failure of sync_files() ends it, before the "
                    "first rename.");
    }
}

} // namespace
} // namespace file_transfer
