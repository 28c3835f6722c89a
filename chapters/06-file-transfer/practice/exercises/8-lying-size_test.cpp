#include "inbox.hpp"
#include "wire/block.hpp"

#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace file_transfer {
namespace {

using exercise::failure_of;
using testing_support::bytes;
using testing_support::count_of;
using testing_support::steps;

constexpr packing raw{codec::raw, 0}, deflated{codec::zlib, 6},
    by_zstd{codec::zstd, 3};

std::string name_of(const packing& how) {
    if (how == raw)
        return "as it is";
    return how == deflated ? "deflated" : "compressed by zstd";
}

// A block's payload, whose head says what it likes.
std::vector<std::byte> block_of(byte_view content, const packing& how,
                                std::uint32_t size) {
    outgoing_block block;
    auto& space = block.begin();
    space.insert(space.end(), content.begin(), content.end());
    block.pack(how);
    const byte_view frame = block.frame().subspan(frame_header_size);
    std::vector<std::byte> payload(frame.begin(), frame.end());
    for (std::size_t i = 0; i < 4; ++i)
        payload[1 + i] = static_cast<std::byte>(size >> (8 * (3 - i)));
    return payload;
}

std::string text_of(byte_view some) {
    return {reinterpret_cast<const char*>(some.data()), some.size()};
}

// Long enough that packing it is worth it.
const std::string content_text(400, 'x');

class lying_size : public testing::Test {
protected:
    void expect_opens(byte_view content, const packing& how) {
        const auto size = static_cast<std::uint32_t>(content.size());
        const auto payload = block_of(content, how, size);
        const auto got =
            story_.call("open", "That block is what its head says.",
                        [&] { return opener_.open(payload); });
        if (!std::ranges::equal(got, content))
            story_.wrong(
                fmt::format("a block of {}, {}, came out as {}{}",
                            count_of(content.size()), name_of(how),
                            count_of(got.size()),
                            got.size() == content.size() ? ", and others"
                                                         : ""),
                "What is inflated is the content, all of it, and "
                "nothing else.");
    }

    void refuse(std::uint32_t says, const packing& how = deflated) {
        story_.did(
            "opened a block, {}, whose head says {}, and in which there "
            "are {}",
            name_of(how), count_of(says), count_of(content_text.size()));
        std::string got;
        const auto told = failure_of(story_, "open()", [&] {
            got = text_of(
                opener_.open(block_of(bytes(content_text), how, says)));
        });
        if (!told && got.find("password") != got.npos)
            story_.wrong(
                fmt::format(
                    "it gave {}, and behind the content stands {}",
                    count_of(got.size()),
                    testing_support::shown(
                        got.substr(content_text.size()))),
                "The space is used again for each block, and still holds "
                "what the last one left. Only the bytes that this one "
                "has made are its own: how many are there, and who "
                "compares?");
        if (!told)
            story_.wrong(
                fmt::format("it gave {}", count_of(got.size())),
                "The head says one size, and the stream makes another. "
                "That is a lie in either direction, and is refused, also "
                "where nothing leaks.");
        expect_bad_block(*told);
        expect_opens(bytes(content_text), how);
    }

    void expect_bad_block(const failure& told) {
        if (told.code() != errc::bad_block)
            story_.wrong(fmt::format("it was refused with {}, and was to "
                                     "be with bad_block",
                                     exercise::name_of(told.code())),
                         "protocol.hpp says which code is for what.");
    }

    steps story_{"open() inflates until the stream ends or the space is "
                 "full."};
    block_opener opener_;
};

TEST_F(lying_size, more_than_it_inflates_to_is_refused) {
    std::string secret(405, '-');
    secret += "the password is swordfish" + std::string(420, '-');
    for (const packing& how : {deflated, by_zstd, raw})
        for (const std::uint32_t says : {440u, 401u, 865u}) {
            story_.did("opened a block with a secret in it");
            expect_opens(bytes(secret), deflated);
            refuse(says, how);
        }
}

TEST_F(lying_size, less_than_it_inflates_to_is_refused) {
    for (const packing& how : {deflated, by_zstd, raw})
        for (const std::uint32_t says : {399u, 1u, 0u})
            refuse(says, how);
}

TEST_F(lying_size, above_the_limit_nothing_is_opened) {
    for (const packing& how : {deflated, by_zstd, raw})
        for (const std::uint32_t says : {262'145u, 4'294'967'295u})
            refuse(says, how);
}

TEST_F(lying_size, honest_blocks_are_opened) {
    story_.did("opened blocks of many sizes, compressed and as they are");
    for (const std::size_t size : {40u, 1u, 1000u, 262'144u, 7u})
        for (const packing& how : {raw, deflated, by_zstd}) {
            expect_opens(testing_support::pattern(size), how);
            expect_opens(std::vector<std::byte>(size, std::byte{'x'}),
                         how);
        }
}

TEST_F(lying_size, a_stream_that_is_cut_is_refused) {
    const auto whole = block_of(bytes(content_text), deflated, 400);
    for (std::size_t cut = 1; cut < whole.size() - block_head_size;
         ++cut) {
        const auto payload = byte_view(whole).first(whole.size() - cut);
        const auto told =
            failure_of(story_, "open()", [&] { opener_.open(payload); });
        if (told && told->code() == errc::bad_block)
            continue;
        story_.did("opened a block that is cut {} before its stream ends",
                   count_of(cut));
        if (told)
            expect_bad_block(*told);
        story_.wrong("it was taken for whole",
                     "All of the content may be there, and the checksum "
                     "behind it not: finish() asks the inflater whether "
                     "its end has come.");
    }
}

TEST_F(lying_size, what_follows_the_stream_is_refused) {
    auto payload = block_of(bytes(content_text), deflated, 400);
    payload.push_back(std::byte{1});
    story_.did("opened a block in which a byte follows the stream's end");
    const auto told =
        failure_of(story_, "open()", [&] { opener_.open(payload); });
    if (!told)
        story_.wrong("it was taken, and nobody knows what the byte means",
                     "inflate_all tells of what follows the end.");
    expect_bad_block(*told);
}

} // namespace
} // namespace file_transfer
