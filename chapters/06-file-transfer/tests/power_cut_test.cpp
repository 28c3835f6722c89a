// The power goes behind each change that the store makes to the disk, and
// of what is not safe the disk has nothing, all, or some: F51.
#include "disk/checksum.hpp"
#include "disk/locked_file.hpp"
#include "disk/store.hpp"
#include "power-cut/replay.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace file_transfer {
namespace {

namespace fs = std::filesystem;
using kind = disk_change::kind;
using testing_support::bytes;

// A folder that goes with the test.
class folder {
public:
    folder() {
        std::string form = fs::temp_directory_path() / "cut-XXXXXX";
        path_ = ::mkdtemp(form.data());
    }
    ~folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    fs::path operator/(const std::string& name) const {
        return path_ / name;
    }
    std::string path() const { return path_; }

private:
    fs::path path_;
};

// As a kernel before 5.8 has it, and with an fsync that fails once.
class faulty_disk : public recorded_disk {
public:
    using recorded_disk::recorded_disk;

    int fsync(int file) override {
        if (fsyncs_until_one_fails == 0 || --fsyncs_until_one_fails != 0)
            return recorded_disk::fsync(file);
        errno = EIO;
        return -1;
    }
    bool syncfs_tells() const override { return !is_old; }

    int fsyncs_until_one_fails = 0;
    bool is_old = false;
};

// Files on their way into a store; the disk's log says when they are sent
// and when they count.
class sender {
public:
    sender(const root& where, recorded_disk& disk,
           const store_options& options = {})
        : disk_(disk), files_(where, options) {}

    void begin(entry one, const std::string& text) {
        disk_.send(one, bytes(text));
        paths_.push_back(one.path);
        files_.begin(one);
    }
    void file(const std::string& path, const std::string& text,
              std::size_t offset = 0) {
        entry one;
        one.path = path;
        one.mode = 0640;
        one.modified_ns = 1'000'000'000;
        one.size = text.size();
        one.offset = offset;
        begin(one, text);
        content(text, offset, text.size());
        files_.complete(crc32(0, bytes(text)));
        tell();
    }
    void content(const std::string& text, std::size_t first,
                 std::size_t end) {
        const auto all = bytes(text);
        constexpr std::size_t piece = 20'000;
        for (; first < end; first += std::min(piece, end - first))
            files_.content(byte_view(all).subspan(
                first, std::min(piece, end - first)));
    }
    void folder(const std::string& path, std::uint16_t mode = 0755) {
        entry one;
        one.what = entry::kind::folder;
        one.path = path;
        one.mode = mode;
        begin(one, "");
        tell();
    }
    void finish() {
        files_.finish();
        tell();
    }

private:
    void tell() {
        for (; told_ < files_.arrived().entries; ++told_)
            disk_.tell(paths_.at(told_));
    }

    recorded_disk& disk_;
    store files_;
    std::vector<std::string> paths_;
    std::size_t told_ = 0;
};

unsigned seed() {
    const char* const chosen = std::getenv("POWER_CUT_SEED");
    return chosen ? static_cast<unsigned>(std::atoi(chosen)) : 1;
}

std::string described(const disk_change& one) {
    static const std::map<kind, std::string> names{
        {kind::add, "made"},           {kind::rename, "renamed"},
        {kind::remove, "removed"},     {kind::grow, "made longer"},
        {kind::fill, "written to"},    {kind::truncate, "truncated"},
        {kind::mode, "given a mode"},  {kind::time, "given a time"},
        {kind::sync, "fsync"},         {kind::sync_system, "syncfs"},
        {kind::send, "begun to send"}, {kind::tell, "acknowledged"}};
    return fmt::format("{} {}", names.at(one.what), one.name);
}

// Cuts the power behind each change, so many times each. @returns what is
// wrong, and where; empty: nothing. @param also looks at each moment.
constexpr int subsets = 20;

using look = std::function<void(const power_cut&, const disk_found&)>;

std::string cut_everywhere(
    const disk_log& log,
    const look& also = [](const power_cut&, const disk_found&) {}) {
    std::mt19937 random(seed());
    power_cut moment(log);
    do {
        for (int cut = -2; cut < subsets; ++cut) {
            const disk_found found = moment.holds([&](std::size_t) {
                return cut == -2   ? false
                       : cut == -1 ? true
                                   : random() % 2 == 0;
            });
            const std::string fault = moment.fault_in(found);
            if (!fault.empty())
                return fmt::format(
                    "cut behind change {} of {} ({}), {} at risk, {}: {}",
                    moment.position(), log.changes.size(),
                    moment.position() == 0 ? "begin"
                                           : described(moment.last()),
                    moment.at_risk(),
                    cut == -2   ? "none of it on the disk"
                    : cut == -1 ? "all of it on the disk"
                                : fmt::format("subset {} of seed {}", cut,
                                              seed()),
                    fault);
            also(moment, found);
        }
    } while (moment.next());
    return "";
}

std::size_t at_risk_at_the_end(const disk_log& log) {
    power_cut end(log);
    while (end.next()) {
    }
    return end.at_risk();
}

// The disk as it was found, in a folder.
void restore(const disk_found& found, const folder& into) {
    for (const auto& [path, here] : found) // a folder before its content
        if (here.is_folder)
            fs::create_directory(into / path);
    for (const auto& [path, here] : found)
        if (!here.is_folder)
            std::ofstream(into / path, std::ios::binary)
                .write(reinterpret_cast<const char*>(here.content.data()),
                       static_cast<std::streamsize>(here.size));
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// What a client does that takes it up: it asks, and compares.
void resume(const folder& into, const std::string& path,
            const std::string& text) {
    const root where(into.path());
    const holding here = store::look(where, path);
    const auto content = bytes(text);
    const bool begins =
        here.size <= text.size() &&
        here.checksum == crc32(0, byte_view(content).first(here.size));
    recorded_disk disk(into.path());
    sender again(where, disk, {.durable = false});
    again.file(path, text,
               begins && (here.what == holding::state::part ||
                          here.size == text.size())
                   ? here.size
                   : 0);
    again.finish();
    EXPECT_EQ(text_of(into / path), text);
}

class power_cuts : public testing::Test {
protected:
    // What is there before the power can go.
    void has(const std::string& path, const std::string& text) const {
        fs::create_directories((base_ / path).parent_path());
        std::ofstream(base_ / path) << text;
    }
    template <class Transfer>
    disk_log record(Transfer&& transfer) const {
        faulty_disk disk(base_.path());
        const root where(base_.path(), disk);
        transfer(where, disk);
        return disk.so_far();
    }

    const folder base_;
};

disk_log one_file(const folder& base) {
    std::ofstream(base / "a") << "old";
    recorded_disk disk(base.path());
    const root where(base.path(), disk);
    sender files(where, disk);
    files.file("a", "new");
    files.finish();
    return disk.so_far();
}

TEST_F(power_cuts, leave_one_file_whole_old_or_new) { // F51
    std::set<std::string> seen;
    const auto fault = cut_everywhere(
        one_file(base_), [&](const power_cut&, const disk_found& found) {
            const auto& content = found.at("a").content;
            seen.insert({reinterpret_cast<const char*>(content.data()),
                         content.size()});
        });
    EXPECT_EQ(fault, "");
    EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST_F(power_cuts, leave_a_group_of_small_files_whole) { // F51
    has("f3", "old");
    for (const bool group : {true, false}) {
        const auto log = record([&](const root& where, auto& disk) {
            sender files(where, disk, {.group = group});
            for (int i = 0; i < 7; ++i)
                files.file(fmt::format("f{}", i),
                           fmt::format("{} in a group {}", i, group));
            files.finish();
        });
        EXPECT_EQ(cut_everywhere(log), "") << group;
    }
}

// The calls of a group fall between those of the next, wherever the
// threads have put them.
TEST_F(power_cuts, leave_a_group_whole_that_is_published_behind) { // F51
    has("f3", "old");
    const auto log = record([](const root& where, auto& disk) {
        store files(where, {});
        files.hand_over_groups();
        const auto send = [&](const std::string& path) {
            const auto content = bytes(path);
            const entry one{.size = content.size(), .path = path};
            disk.send(one, content);
            files.begin(one);
            files.content(content);
        };
        const auto complete = [&](const std::string& path) {
            files.complete(crc32(0, bytes(path)));
        };
        for (std::size_t i = 6; i < file_group::most_files; ++i)
            files.give_up(); // of a full group, those without a file
        for (int i = 0; i < 6; ++i) {
            send(fmt::format("f{}", i));
            complete(fmt::format("f{}", i));
        }
        const auto full = files.take_full_group();
        ASSERT_TRUE(full);
        send("next/a");
        full->publish();
        complete("next/a");
        files.count(*full);
        for (int i = 0; i < 6; ++i)
            disk.tell(fmt::format("f{}", i));
        files.finish();
        disk.tell("next/a");
    });
    EXPECT_EQ(cut_everywhere(log), "");
}

TEST_F(power_cuts, leave_folders_and_what_is_in_them) { // F51
    for (const bool old : {false, true}) {
        const folder base;
        faulty_disk disk(base.path());
        disk.is_old = old;
        const root where(base.path(), disk);
        sender files(where, disk);
        files.folder("d", 0700);
        files.folder("d/empty", 0700);
        files.file("d/e/f/deep", "deep");
        for (int i = 0; i < 6; ++i)
            files.file(fmt::format("d/{}", i), "x");
        files.folder("d/empty", 0550);
        files.folder("d", 0550);
        files.finish();
        files.folder("alone", 0700); // and no file of it
        files.finish();
        EXPECT_EQ(cut_everywhere(disk.so_far()), "") << old;
        EXPECT_EQ(at_risk_at_the_end(disk.so_far()), 0u) << old; // modes
        const auto& all = disk.so_far().changes;
        EXPECT_EQ(old,
                  std::ranges::find(all, kind::sync_system,
                                    &disk_change::what) == all.end());
        fs::permissions(base / "d", fs::perms::owner_all);
    }
}

TEST_F(power_cuts, leave_a_file_whose_folder_another_sender_made) { // F51
    const auto log = record([&](const root& where, auto& disk) {
        sender first(where, disk);
        first.file("new/below/a", "a"); // and it is not done
        first.begin(entry{.size = 5, .path = "other/below/b"}, "never");
        sender second(where, disk);
        second.file("other/below/c", "c");
        second.folder("other/below");
        second.finish();
    });
    EXPECT_EQ(cut_everywhere(log), "");
}

TEST_F(power_cuts, leave_a_part_that_is_resumed_or_begun_anew) { // F51
    std::string text(100'000, 'x');
    for (std::size_t i = 0; i < text.size(); ++i)
        text[i] = static_cast<char>('a' + i / 1000 % 26);
    const auto log = record([&](const root& where, auto& disk) {
        {
            sender cut(where, disk);
            cut.begin(entry{.size = text.size(), .path = "big"}, text);
            cut.content(text, 0, 70'000);
        } // the connection broke
        sender files(where, disk);
        files.file("big", text, 70'000);
        files.finish();
    });
    int parts = 0;
    std::size_t before = 0;
    int cuts = 0;
    const auto fault =
        cut_everywhere(log, [&](const power_cut& now, const auto& found) {
            cuts = std::exchange(before, now.position()) == now.position()
                       ? cuts + 1
                       : 1;
            if (cuts > 3) // nothing, all and a subset
                return;
            const folder again;
            restore(found, again);
            parts += found.contains(part_name("big"));
            resume(again, "big", text);
        });
    EXPECT_EQ(fault, "");
    EXPECT_GT(parts, 20);
}

TEST_F(power_cuts, after_a_failed_fsync_leave_what_a_second_try_found) {
    const auto log = record([&](const root& where, auto& disk) { // F51
        const std::string text(70'000, 'x');
        {
            sender first(where, disk);
            disk.fsyncs_until_one_fails = 2; // the folder's
            first.file("a", text);
            EXPECT_THROW(first.finish(), failure);
        }
        sender second(where, disk);
        second.file("a", text, text.size()); // it is here: --resume
        second.finish();
    });
    EXPECT_EQ(cut_everywhere(log), "");
}

TEST_F(power_cuts,
       without_fsync_keep_no_promise_but_to_a_killed_program) {
    has("a", "old"); // F51
    const auto log = record([&](const root& where, auto& disk) {
        sender files(where, disk, {.durable = false});
        files.file("a", "new");
        files.finish();
    });
    EXPECT_NE(cut_everywhere(log), "");
    power_cut moment(log);
    do // whoever ends the program leaves the page cache
        EXPECT_EQ(
            moment.fault_in(moment.holds([](auto) { return true; })), "");
    while (moment.next());
}

// The log as a store would have left it that makes a mistake.
TEST_F(power_cuts, show_each_mistake_by_its_moment_and_its_loss) { // F51
    const disk_log right = one_file(base_);
    const auto is_sync = [](bool of_folder) {
        return [=](const disk_change& one) {
            return one.what == kind::sync &&
                   (one.where == 0) == of_folder;
        };
    };
    disk_log no_fsync = right, no_folder = right, early = right;
    ASSERT_EQ(std::erase_if(no_fsync.changes, is_sync(false)), 1u);
    ASSERT_EQ(std::erase_if(no_folder.changes, is_sync(true)), 1u);
    const auto sync = std::ranges::find_if(early.changes, is_sync(false));
    const auto rename = std::ranges::find(early.changes, kind::rename,
                                          &disk_change::what);
    ASSERT_LT(sync, rename);
    std::iter_swap(sync, rename);
    for (const auto& [log, moment, loss] :
         {std::tuple(no_fsync, "(renamed ", " bytes that are no edition"),
          std::tuple(no_folder, "(acknowledged a)",
                     "a is an older edition than was acknowledged"),
          std::tuple(early, "(renamed ", " bytes that are no edition")}) {
        const std::string fault = cut_everywhere(log);
        EXPECT_NE(fault.find(moment), fault.npos) << fault;
        EXPECT_NE(fault.find(loss), fault.npos) << fault;
    }
}

// Linux tells each open description of a write that failed, once, and of
// none before it was opened.
class watched_disk : public disk_calls {
public:
    ssize_t pwrite(int file, byte_view more, std::uint64_t at) override {
        if (open_at_first_write_.empty())
            for (const auto& one :
                 fs::directory_iterator("/proc/self/fd"))
                open_at_first_write_.insert(
                    std::stoi(one.path().filename().string()));
        return disk_calls::pwrite(file, more, at);
    }
    int syncfs(int file) override {
        EXPECT_TRUE(open_at_first_write_.contains(file));
        synced.insert(file);
        return disk_calls::syncfs(file);
    }

    void forget_writes() { open_at_first_write_.clear(); }

    std::set<int> synced;

private:
    std::set<int> open_at_first_write_;
};

TEST_F(power_cuts, are_syncfs_of_one_description_for_each_store) { // F51
    watched_disk disk;
    const root where(base_.path(), disk);
    const auto give = [](store& files, const std::string& path) {
        files.begin(entry{.size = 1, .path = path});
        files.content(bytes("x"));
        files.complete(crc32(0, bytes("x")));
    };
    std::vector<std::unique_ptr<store>> stores;
    for (std::size_t i = 0; i < 2; ++i) {
        stores.push_back(std::make_unique<store>(where, store_options{}));
        for (int file = 0; file < 600; ++file)
            give(*stores.back(), fmt::format("d{}/{}", file % 7, file));
        stores.back()->finish();
        EXPECT_EQ(disk.synced.size(), i + 1); // for three groups
        disk.forget_writes();
    }
    EXPECT_FALSE(disk.synced.contains(where.get()));
}

TEST(kernels, tell_of_a_failed_write_at_syncfs_since_5_8) {
    for (const char* since :
         {"5.8", "5.8.0-53-generic", "5.10.0-8-amd64", "6.1.0", "10.0"})
        EXPECT_TRUE(is_5_8(since)) << since;
    for (const char* before : {"5.7.19", "4.19.0-27", "3.10", "", "next"})
        EXPECT_FALSE(is_5_8(before)) << before;
}

} // namespace
} // namespace file_transfer
