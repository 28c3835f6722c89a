#include "disk/store.hpp"
#include "inbox.hpp"

#include <gtest/gtest.h>

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
        if (!told->is(errc::bad_path))
            story_.wrong(
                fmt::format("it was refused with {}, and was to "
                            "be with bad_path",
                            exercise::name_of(told->code())),
                "ELOOP and EXDEV become bad_path: so the kernel "
                "reports a link, and a way out. With other flags "
                "it looks elsewhere, or fails for another "
                "reason, and that need not last.");
    }

    steps story_{
        "root::open repeats a call after EINTR and EAGAIN alone."};
    inbox inbox_;
    path_locks locks_;
};

TEST_F(way_out, no_folder_on_the_way_is_a_link_out) {
    link("../secret", "up");
    constexpr std::string_view advice =
        "No name in that path is one of dots, so check_path lets it "
        "pass. O_NOFOLLOW looks at the last name only. Who looks at the "
        "folders on the way?";
    refuse("up/key", advice);
    link(inbox_.secret().parent_path().string(), "away");
    refuse("away/key", advice);
}

TEST_F(way_out, nothing_is_written_outside) {
    link("../secret", "up");
    story_.did("a client sent a file \"up/new\"");
    store files(inbox_.where(), locks_, {.durable = false});
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

TEST_F(way_out, what_is_inside_is_opened) {
    story_.did("a client asked for \"sub/b\"");
    const auto told = failure_of(story_, "root::open()", [&] {
        inbox_.where().open("sub/b", O_RDONLY);
    });
    if (told)
        story_.wrong(fmt::format("it was refused: {}", told->what()),
                     "It is a file in a folder, both real.");
}

} // namespace
} // namespace file_transfer
