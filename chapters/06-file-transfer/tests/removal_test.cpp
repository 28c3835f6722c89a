// What is removed, and what somebody does to it meanwhile.
#include "disk/removal.hpp"

#include "disk/locked_file.hpp"
#include "disk/tree.hpp"
#include "files_test.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include <fcntl.h>

namespace file_transfer {
namespace {

// A disk on which something happens before a name goes.
class busy_disk : public disk_calls {
public:
    int unlinkat(int folder, const char* name) override {
        if (name == awaited)
            std::exchange(happens, [] {})();
        return disk_calls::unlinkat(folder, name);
    }

    std::string awaited;
    std::function<void()> happens = [] {};
};

class removing_test : public files_test {
protected:
    // Of one entry. @returns whether it is gone.
    bool remove(const entry& one, disk_calls& disk) {
        const root where(at("").string(), disk);
        removal going(where, {one}, false, left_out_);
        EXPECT_TRUE(going.advance(slice_clock::time_point::max()));
        return going.gone()[0];
    }
    bool remove(const entry& one) {
        return remove(one, disk_calls::of_the_system());
    }
    entry facts(const std::string& path) const {
        return entry_of(where_->open(path, O_PATH).get(), path);
    }

    const std::shared_ptr<notes> left_out_ = std::make_shared<notes>();
    const std::string text_ = std::string(100'000, 'x');
};

TEST_F(removing_test, nobody_goes_on_with_a_part_that_is_being_removed) {
    write(at("a"), "old"); // F47
    write(at(part_name("a")), text_);
    busy_disk disk;
    disk.awaited = part_name("a");
    std::error_code told;
    disk.happens = [&] {
        store files(*where_, quick_);
        told =
            code_of([&] { give(files, "a", text_ + "more", 100'000); });
    };
    EXPECT_TRUE(remove(facts("a"), disk));
    EXPECT_EQ(told, errc::in_use);
    EXPECT_FALSE(fs::exists(at("a")));
    EXPECT_FALSE(fs::exists(at(part_name("a"))));
}

TEST_F(removing_test,
       in_a_folder_that_goes_nobody_goes_on_either) { // F47
    fs::create_directory(at("d"));
    write(at("d") / part_name("a"), text_);
    busy_disk disk;
    disk.awaited = part_name("a");
    std::error_code told;
    disk.happens = [&] {
        store files(*where_, quick_);
        told =
            code_of([&] { give(files, "d/a", text_ + "more", 100'000); });
    };
    EXPECT_TRUE(remove(facts("d"), disk));
    EXPECT_EQ(told, errc::in_use);
    EXPECT_FALSE(fs::exists(at("d")));
}

TEST_F(removing_test,
       nothing_arrives_under_a_name_that_is_being_removed) {
    write(at("a"), "old"); // F47
    busy_disk disk;
    disk.awaited = "a";
    std::error_code told;
    std::uint64_t arrived = 0;
    disk.happens = [&] {
        store files(*where_, quick_);
        told = code_of([&] { give(files, "a", "new"); });
        files.publish();
        arrived = files.arrived().entries;
    };
    EXPECT_TRUE(remove(facts("a"), disk));
    EXPECT_EQ(told, errc::in_use);
    EXPECT_EQ(arrived, 0u);
}

TEST_F(removing_test, the_part_of_what_stays_stays) { // F42
    write(at("a"), "new");
    fs::create_directory(at("d"));
    write(at("d/kept"), "kept");
    for (const std::string path : {"", "d/"})
        for (const std::string name : {"a", "absent"})
            write(at(path + part_name(name)), text_);
    EXPECT_FALSE(remove(about("a", 1)));      // it has changed
    EXPECT_TRUE(remove(about("absent", 1)));  // it is gone already
    EXPECT_FALSE(remove(about("d/kept", 1))); // and leaves no part
    EXPECT_FALSE(remove(facts("d")));         // it is not empty
    EXPECT_EQ(left_out_->take().size(), 3u);
    for (const std::string path : {"", "d/"})
        for (const std::string name : {"a", "absent"})
            EXPECT_EQ(read(at(path + part_name(name))), text_);
    EXPECT_FALSE(fs::exists(at("d") / part_name("kept")));
    EXPECT_TRUE(remove(facts("a")));
    EXPECT_FALSE(fs::exists(at(part_name("a"))));
}

} // namespace
} // namespace file_transfer
