#include "disk/checksum.hpp"
#include "disk/store.hpp"
#include "inbox.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

namespace file_transfer {
namespace {

using exercise::failure_of;
using exercise::inbox;
using exercise::name_of;
using testing_support::count_of;
using testing_support::steps;

constexpr std::size_t part_size = 100'000;

class wrong_offset : public testing::Test {
protected:
    wrong_offset() {
        {
            store files(inbox_.where(), {.durable = false});
            files.begin(about(200'000, 0));
            files.content(byte_view(text_).first(part_size));
        }
        story_.did(
            "sent {} of a file that has 200,000, and cut the line: "
            "the inbox keeps this part",
            count_of(part_size));
    }

    static entry about(std::uint64_t size, std::uint64_t offset) {
        entry one;
        one.path = "a";
        one.size = size;
        one.offset = offset;
        return one;
    }

    std::optional<failure> begin(store& files, std::uint64_t size,
                                 std::uint64_t offset) {
        story_.did("began to send a file of {}, from byte {} on",
                   count_of(size), offset);
        const auto told = failure_of(
            story_, "begin()", [&] { files.begin(about(size, offset)); });
        if (told)
            story_.did("it was refused: {}, {}", name_of(told->code()),
                       told->what());
        return told;
    }

    void expect_refused(const std::optional<failure>& told,
                        std::string_view advice) {
        if (!told)
            story_.wrong(
                "begin() accepted an offset that is not the length "
                "of the part",
                advice);
        if (told->code() != errc::wrong_offset)
            story_.wrong("it was to be refused with wrong_offset",
                         "At this code the client asks what is here, and "
                         "goes on. Which check has refused it, and is it "
                         "the one that compares the offset?");
        const holding part = store::look(inbox_.where(), "a");
        if (part.what != holding::state::part || part.size != part_size ||
            part.checksum != crc32(0, byte_view(text_).first(part_size)))
            story_.wrong(
                fmt::format("the part has {} now, and is another one",
                            count_of(part.size)),
                "A refused offset changes nothing: the next attempt asks "
                "what is there, and goes on.");
    }

    steps story_{"The store waits for nothing but the disk."};
    inbox inbox_;
    const std::vector<std::byte> text_ =
        testing_support::pattern(200'000);
};

TEST_F(wrong_offset, below_the_part_is_refused) {
    store files(inbox_.where(), {.durable = false});
    const auto told = begin(files, 80'000, 70'000);
    if (!told) {
        files.content(byte_view(text_).subspan(70'000, 10'000));
        files.complete(crc32(0, byte_view(text_).first(80'000)));
        files.publish();
        story_.did("sent the rest, and the right checksum; the store "
                   "acknowledged the file");
        const auto size = inbox_.text_of("a").size();
        if (size != 80'000)
            story_.wrong(
                fmt::format("the file in the inbox has {}, and the one "
                            "that was sent has 80,000",
                            count_of(size)),
                "The checksum is right: it is that of the bytes that "
                "were sent, and says nothing of those that lay behind "
                "them. What may an offset be, when a part of 100,000 "
                "bytes is there?");
    }
    expect_refused(told, "Whoever resumes at 70,000 does not speak of "
                         "the part that is here. A part is not cut to "
                         "fit either.");
}

TEST_F(wrong_offset, below_the_part_is_refused_whatever_follows) {
    store files(inbox_.where(), {.durable = false});
    for (const std::size_t offset : {99'999u, 70'000u, 65'536u, 1u})
        expect_refused(begin(files, 200'000, offset),
                       "What is sent would overwrite the rest, and cut "
                       "off again it leaves two editions in one part.");
}

TEST_F(wrong_offset, above_the_part_is_refused) {
    store files(inbox_.where(), {.durable = false});
    for (const std::size_t above : {1u, 50'000u})
        expect_refused(begin(files, 200'000, part_size + above),
                       "There would be a hole in the file.");
}

TEST_F(wrong_offset, where_nothing_is_or_something_else_it_is_refused) {
    inbox_.add("whole", std::string(part_size, 'w'));
    story_.did("another file, \"whole\", has arrived: {}",
               count_of(part_size));
    for (const auto& [path, size] :
         {std::pair("nothing", 200'000u), std::pair("nothing", 5u),
          std::pair("whole", 80'000u)}) {
        store files(inbox_.where(), {.durable = false});
        entry one = about(size, size == 200'000 ? 5 : size);
        one.path = path;
        story_.did("began to send \"{}\", a file of {}, from byte {} on",
                   path, count_of(size), one.offset);
        const auto told =
            failure_of(story_, "begin()", [&] { files.begin(one); });
        if (!told || told->code() != errc::wrong_offset)
            story_.wrong(told ? fmt::format("it was refused with {}, and "
                                            "was to be with wrong_offset",
                                            name_of(told->code()))
                              : "begin() accepted it",
                         "The offset must be the length of what is here: "
                         "of the part, or of the whole file, and 0 where "
                         "there is neither.");
    }
    if (inbox_.text_of("whole") != std::string(part_size, 'w'))
        story_.wrong("the file that was here is another one now",
                     "A refused offset changes nothing.");
}

// Offset 0 goes on behind nothing: it begins anew.
TEST_F(wrong_offset, who_begins_anew_replaces_the_part) {
    constexpr std::size_t shorter = 50'000;
    store files(inbox_.where(), {.durable = false});
    if (begin(files, shorter, 0))
        story_.wrong("it was to be accepted: who sends all of a file "
                     "need not know what is here",
                     "Only who resumes says where the part ends.");
    files.content(byte_view(text_).first(shorter));
    files.complete(crc32(0, byte_view(text_).first(shorter)));
    files.publish();
    const auto size = inbox_.text_of("a").size();
    if (size != shorter)
        story_.wrong(fmt::format("the file in the inbox has {}, and the "
                                 "one that was sent has {}",
                                 count_of(size), count_of(shorter)),
                     "Of the old part nothing may stay: begin() cuts it "
                     "to nothing.");
}

TEST_F(wrong_offset, the_right_one_is_accepted) {
    {
        store files(inbox_.where(), {.durable = false});
        if (begin(files, 200'000, part_size))
            story_.wrong("it was to be accepted: the part has as many",
                         "Equal, and nothing else.");
        files.content(byte_view(text_).subspan(part_size));
        files.complete(crc32(0, text_));
        files.publish();
    }
    const holding whole = store::look(inbox_.where(), "a");
    if (whole.what != holding::state::all ||
        whole.checksum != crc32(0, text_))
        story_.wrong("the file that arrived is another one",
                     "The part, and behind it what was sent.");
}

} // namespace
} // namespace file_transfer
