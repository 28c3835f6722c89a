#include "3-common-start.hpp"
#include "disk/checksum.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace exercise {
namespace {

using file_transfer::byte_view;
using testing_support::count_of;
using testing_support::steps;
using bytes_type = std::vector<std::byte>;

constexpr std::size_t questions_limit = 4;
constexpr std::size_t size = 1 << 20;

// The end that has a part. Says what is asked of it.
class peer {
public:
    peer(steps& story, bytes_type part)
        : story_(story), part_(std::move(part)) {
        const byte_view all(part_);
        for (std::size_t at = start_unit; at <= all.size();
             at += start_unit)
            starts_.push_back(file_transfer::crc32(
                starts_.back(),
                all.subspan(at - start_unit, start_unit)));
    }

    std::vector<std::uint32_t>
    answer(const std::vector<std::uint64_t>& lengths) {
        ++questions_;
        if (questions_ <= questions_limit)
            story_.did("question {}: {}", questions_, shown(lengths));
        if (questions_ > 100)
            story_.wrong("that was the 101st question",
                         "Does the range in which the first difference "
                         "lies become smaller with each answer? A range "
                         "of one unit has to be asked about or left.");
        if (lengths.empty() || lengths.size() > lengths_limit)
            story_.wrong(
                fmt::format("a question has 1 to {} lengths, and this "
                            "one has {}",
                            lengths_limit, lengths.size()),
                "When fewer units are left than lengths fit, ask for "
                "each of them, and when none is left, do not ask.");
        std::vector<std::uint32_t> checksums;
        for (const std::uint64_t length : lengths) {
            if (length > part_.size())
                story_.wrong(
                    fmt::format("you asked for the first {}, and the "
                                "part has {}",
                                count_of(length), count_of(part_.size())),
                    "The last unit may be a short one: no length is "
                    "above that of the part, nor above that of your "
                    "file.");
            checksums.push_back(checksum(length));
        }
        return checksums;
    }

    std::size_t questions() const { return questions_; }
    std::size_t size() const { return part_.size(); }

private:
    // Goes on from the last whole unit.
    std::uint32_t checksum(std::uint64_t length) const {
        const std::uint64_t units = length / start_unit;
        return file_transfer::crc32(
            starts_.at(units),
            byte_view(part_).subspan(units * start_unit,
                                     length % start_unit));
    }

    static std::string shown(const std::vector<std::uint64_t>& lengths) {
        std::string all = "the first";
        for (std::size_t i = 0; i < lengths.size(); ++i)
            if (i < 3 || i + 1 == lengths.size())
                all +=
                    fmt::format("{}{} ", i == 0 ? " " : "/ ", lengths[i]);
            else if (i == 3)
                all += "... ";
        return all + "bytes";
    }

    steps& story_;
    bytes_type part_;
    std::vector<std::uint32_t> starts_{0}; // of 0, 1, 2, ... units
    std::size_t questions_ = 0;
};

class common_start : public testing::Test {
protected:
    // @param same how many bytes are the same, from the first on.
    void expect(std::uint64_t right, std::uint64_t same,
                bytes_type part) {
        const std::size_t there = part.size();
        peer other(story_, std::move(part));
        const std::uint64_t got = story_.call(
            "common_start",
            "Every part has an answer, the empty one too: 0. `at` throws "
            "for an index that is not there, and span's functions do not "
            "look at all.",
            [&] {
                return exercise::common_start(
                    ours_, there, [&](const auto& lengths) {
                        return other.answer(lengths);
                    });
            });
        story_.did("common_start answered {}", got);
        if (got > ours_.size())
            story_.wrong(fmt::format("your file ends after {}",
                                     count_of(ours_.size())),
                         "What is common ends where the shorter of the "
                         "two ends.");
        if (got > same)
            story_.wrong(
                fmt::format("byte {} is the first that differs, and you "
                            "resume at {}: the file will be damaged",
                            same, got),
                "A length is common when its CRC-32 is that of as many "
                "bytes of yours. Above the first length that is not, "
                "nothing is common.");
        if (got < right)
            story_.wrong(
                fmt::format(
                    "{} will be sent again, although the peer has "
                    "them: it could go on at {}",
                    count_of(right - got), right),
                got == 0 && right > start_unit
                    ? "One wrong byte does not make all of the part "
                      "useless. Ask for the CRC-32 of shorter starts."
                    : "Up to the last length that is known to be common "
                      "there may be more units: where is the first "
                      "length known not to be? And the CRC-32 of a start "
                      "is that of all bytes from the first on.");
        if (got > right)
            story_.wrong(
                fmt::format("it answered {}, which is neither "
                            "the end of a file nor a multiple of "
                            "{}",
                            got, start_unit),
                "Only whole units can be known to be common.");
        if (other.questions() > questions_limit)
            story_.wrong(
                fmt::format("the answer is right, after {} questions: on "
                            "a link by satellite, of 600 ms, they take "
                            "{:.1f} s. {} are enough",
                            other.questions(),
                            0.6 * static_cast<double>(other.questions()),
                            questions_limit),
                "A question may have 16 lengths. Spread evenly over all "
                "that is left, they cut it into seventeen pieces.");
    }

    void expect_difference_at(std::size_t at, bytes_type part) {
        story_.did("the peer has {}, of which byte {} is not yours",
                   count_of(part.size()), at);
        part.at(at) ^= std::byte{1};
        expect(at / start_unit * start_unit, at, std::move(part));
    }

    static bytes_type first(const bytes_type& all, std::size_t count) {
        return {all.begin(),
                all.begin() + static_cast<std::ptrdiff_t>(count)};
    }

    steps story_{"Does the range in which the first difference lies "
                 "become smaller in every round of your loop, also when "
                 "one unit is left?",
                 std::chrono::seconds(30)};
    bytes_type ours_ = testing_support::pattern(size);
};

TEST_F(common_start, is_the_whole_part_when_the_line_was_cut) {
    for (const std::size_t part : {1'000'000u, 4096u, 4095u, 1u}) {
        story_.did("the line was cut, and the peer has the first {}",
                   count_of(part));
        expect(part, part, first(ours_, part));
    }
}

TEST_F(common_start, ends_before_the_first_byte_that_differs) {
    for (const std::size_t at : {600'000u, 524'288u, 524'287u})
        expect_difference_at(at, ours_);
    for (const std::size_t at : {0u, 4095u, 4096u})
        expect_difference_at(at, ours_);
    expect_difference_at(size - 1, ours_);
}

TEST_F(common_start, is_found_at_any_place) {
    for (std::size_t at = 1; at < size; at += 79'943)
        expect_difference_at(at, ours_);
}

TEST_F(common_start, of_64_MiB_is_found_in_four_questions_too) {
    ours_ = testing_support::pattern(64 << 20);
    // The third is not found in time by who asks for eleven lengths. Few
    // places: an answer may take each checksum from the first byte on.
    for (const std::size_t at :
         {0u, 4'194'304u, 12'484'608u, 50'000'000u, 67'108'863u})
        expect_difference_at(at, ours_);
}

TEST_F(common_start, of_a_short_part_with_a_short_last_unit) {
    expect_difference_at(9'999, first(ours_, 10'000));
    expect_difference_at(5'000, first(ours_, 10'000));
}

TEST_F(common_start, of_a_part_that_is_longer_than_the_file) {
    const bytes_type longer = ours_;
    ours_.resize(700'001);
    story_.did(
        "your file has {}, and the peer has more, an older edition "
        "that begins like yours",
        count_of(ours_.size()));
    expect(ours_.size(), ours_.size(), longer);
    expect_difference_at(600'000, longer);
}

TEST_F(common_start, of_nothing_is_nothing) {
    story_.did("the peer has 0 bytes");
    expect(0, 0, {});
    story_.did("your file is empty, and the peer has 100 bytes");
    ours_.clear();
    expect(0, 0, testing_support::pattern(100));
}

} // namespace
} // namespace exercise
