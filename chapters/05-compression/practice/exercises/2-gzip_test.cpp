#include "2-gzip.hpp"
#include "corpus/corpus.hpp"

#include "common/testing/steps.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace exercise {
namespace {

using testing_support::count_of;
using testing_support::steps;
using bytes = std::vector<std::byte>;

class gzip : public testing::Test {
protected:
    bytes ask(const bytes& data) {
        story_.did("called to_gzip with {}", count_of(data.size()));
        auto file = story_.call("to_gzip", "Nothing is wrong with this.",
                                [&] { return to_gzip(data); });
        story_.did("it returned {}", count_of(file.size()));
        return file;
    }

    void expect_readable(const bytes& data) {
        const auto file = ask(data);
        bytes back;
        std::string fault;
        try {
            back = compression::inflate(file, data.size(),
                                        compression::stream_format::gzip);
        } catch (const std::system_error& error) {
            fault = error.what();
        }
        if (!fault.empty())
            story_.wrong("a reader of gzip says: " + fault,
                         advice(fault));
        if (back != data)
            story_.wrong("a reader of gzip gets other data",
                         "Is the deflated data in it unchanged?");
    }

    static std::string advice(const std::string& fault) {
        if (fault.find("data check") != std::string::npos)
            return "The CRC-32 does not match: is it of the data before "
                   "compression, its lowest byte first, and before the "
                   "length?";
        if (fault.find("length check") != std::string::npos)
            return "The length does not match: is it that of the data "
                   "before compression, its lowest byte first?";
        if (fault.find("header") != std::string::npos)
            return "It stops in the header: count its ten bytes, and set "
                   "no flag that you do not mean.";
        if (fault.find("ended before") != std::string::npos)
            return "Something is missing at the end: eight bytes stand "
                   "after the deflated data.";
        if (fault.find("bytes follow") != std::string::npos)
            return "After the length nothing may follow: the trailer has "
                   "eight bytes.";
        return "The header has ten bytes, and raw deflate begins right "
               "after it: without the two bytes that the zlib format "
               "puts before its data.";
    }

    steps story_{"A megabyte takes that long: does each byte that is "
                 "added move all the others?"};
};

TEST_F(gzip, the_header_has_ten_bytes_and_no_flags) {
    const auto file = ask(bytes(10));
    if (file.size() < 18)
        story_.wrong("a header and a trailer are 18 bytes already",
                     "RFC 1952 section 2.3 shows both.");
    if (file[3] != std::byte{0})
        story_.wrong("the fourth byte holds flags that are set",
                     "No name, no comment, no extra field: the flags are "
                     "0.");
    if (std::any_of(file.begin() + 4, file.begin() + 8,
                    [](std::byte byte) { return byte != std::byte{0}; }))
        story_.wrong("bytes 5 to 8 of the header, the time, are not 0",
                     "The task gives no time, and 0 says that none is "
                     "known.");
    constexpr std::byte of_unix{3}, unknown{255};
    if (file[9] != of_unix && file[9] != unknown)
        story_.wrong(
            fmt::format("the tenth byte of the header, the operating "
                        "system, is {}",
                        std::to_integer<int>(file[9])),
            "0 says that the file comes from MS-DOS. 255 says that the "
            "system is unknown, and 3 is Unix.");
}

TEST_F(gzip, a_reader_gets_the_data_back) {
    for (const auto kind :
         {compression::kind::prose, compression::kind::random})
        for (const std::size_t size : {1u, 100u, 70'000u, 1'000'000u})
            expect_readable(compression::make_corpus(kind, size, 1));
}

TEST_F(gzip, a_text_becomes_smaller) {
    const auto text =
        compression::make_corpus(compression::kind::prose, 70'000, 1);
    if (const auto file = ask(text); file.size() > text.size() / 2)
        story_.wrong(fmt::format("a text of {} became a file of {}",
                                 count_of(text.size()),
                                 count_of(file.size())),
                     "Level 0 stores the data as they are. Any gzip "
                     "reads it, and nothing is gained.");
}

TEST_F(gzip, an_empty_file_is_a_file_too) {
    expect_readable({});
}

} // namespace
} // namespace exercise
