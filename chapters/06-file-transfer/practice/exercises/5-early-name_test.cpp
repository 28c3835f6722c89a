#include "disk/checksum.hpp"
#include "disk/locked_file.hpp"
#include "disk/store.hpp"
#include "inbox.hpp"
#include "tests/watched_syncs.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace file_transfer {
namespace {

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

    // Publishes files that have an older edition, and looks at the folder
    // at each moment at which the disk is asked to be safe.
    void publish(const std::vector<std::string>& paths) {
        for (const std::string& path : paths)
            inbox_.add(path, "the old one");
        story_.did("made an inbox with {} in it: \"the old one\"",
                   named(paths));
        store files(inbox_.where(), {.durable = true});
        for (const std::string& path : paths)
            give(files, path);
        story_.did("sent {} anew", named(paths));
        int safe = 0; // calls that made contents safe
        bool names_safe = false, early = false;
        std::set<std::string> contents; // those that are safe
        {
            const watched_syncs watched([&](const std::string& what,
                                            bool whole) {
                const bool renamed =
                    inbox_.text_of(paths[0]) == "the new one";
                const bool content = whole || !what.ends_with("inbox");
                early |= renamed && safe == 0;
                safe += content && !renamed;
                if (!renamed)
                    contents.insert(
                        whole ? "all" : what.substr(what.rfind('/') + 1));
                names_safe |= renamed && (whole || !content);
                note(whole, what, renamed);
                if (files.arrived().entries > 0)
                    story_.wrong(
                        "the files count as arrived, and the "
                        "acknowledgement may leave, before all is "
                        "safe",
                        "arrived_ is the last thing to change.");
            });
            files.publish();
        }
        for (const std::string& path : paths)
            if (inbox_.text_of(path) != "the new one")
                story_.wrong(fmt::format("the file {} still holds \"{}\"",
                                         path, inbox_.text_of(path)),
                             "After publish() each file has its name.");
        if (early)
            story_.wrong(
                "the file had its name when nothing had made its content "
                "safe yet: after a power cut at that moment it is "
                "there, empty, and the old one is gone",
                "rename(2) and what was written go to the disk each in "
                "its own time. Which of the two must be there first, and "
                "which call waits for it?");
        if (safe == 0)
            story_.wrong(
                "nothing has made the content safe",
                "fsync(2) of the files, before they are renamed.");
        for (const std::string& path : paths)
            if (!contents.contains("all") &&
                !contents.contains(part_name(path)))
                story_.wrong(
                    fmt::format("nothing has made the content of {} safe",
                                path),
                    "Each file of a group has a content of its own.");
        if (!names_safe)
            story_.wrong("nothing has made the name safe",
                         "A name stands in its folder, and this has to "
                         "be synchronized after the rename.");
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
}

TEST_F(early_name, many_files_are_safe_before_they_have_their_names) {
    std::vector<std::string> paths;
    for (int i = 0; i < 10; ++i)
        paths.push_back(fmt::format("file {}", i));
    publish(paths);
}

} // namespace
} // namespace file_transfer
