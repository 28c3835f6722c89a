#include "zlib/inflate_stream.hpp"
#include "zlib/one_shot.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

namespace compression {
namespace {

using testing_support::count_of;
using testing_support::steps;

class block_end : public testing::Test {
protected:
    // What the stream says at the end of these bytes: "whole" or the
    // fault.
    std::string verdict(std::span<const std::byte> packed,
                        stream_format format) {
        inflate_stream stream(format);
        std::vector<std::byte> block(4096);
        got_ = 0;
        try {
            inflate_all(stream, packed, block,
                        [&](auto piece) { got_ += piece.size(); });
            stream.finish();
            return "whole";
        } catch (const std::system_error& error) {
            return error.code().message();
        }
    }

    void cut_everywhere(const std::vector<std::byte>& packed,
                        stream_format format) {
        const auto truncated =
            make_error_code(fault::truncated).message();
        for (std::size_t size = 0; size < packed.size(); ++size) {
            const auto seen =
                verdict(std::span(packed).first(size), format);
            if (seen == truncated)
                continue;
            story_.did("cut it after {}, inflated it to {}, and called "
                       "finish",
                       count_of(size), count_of(got_));
            if (seen == "whole")
                story_.wrong(
                    fmt::format("{} of the stream are missing, and "
                                "finish says that it is whole",
                                count_of(packed.size() - size)),
                    "A stream is whole when its end has come and its "
                    "checksum was compared. Which member says so, and "
                    "which says something else?");
            story_.wrong(fmt::format("it was refused with \"{}\", and "
                                     "nothing in it is wrong",
                                     seen),
                         "More input would mend it. For that there is a "
                         "fault of its own, and finish() throws it.");
        }
        if (const auto seen = verdict(packed, format); seen != "whole")
            story_.wrong("the whole stream was refused: " + seen,
                         "With Z_STREAM_END the end has come, however "
                         "few data there were.");
    }

    void cut_everywhere(stream_format format, std::string_view name) {
        for (const auto& data : {data_, std::vector<std::byte>()}) {
            const auto packed = compress(data, {.format = format});
            story_.did("compressed {} to a {} stream of {}",
                       count_of(data.size()), name,
                       count_of(packed.size()));
            cut_everywhere(packed, format);
        }
    }

    static void pack(deflate_stream& stream,
                     std::span<const std::byte> data,
                     deflate_stream::flush mode,
                     std::vector<std::byte>& packed) {
        std::vector<std::byte> block(4096);
        deflate_all(stream, data, mode, block, [&](auto piece) {
            packed.insert(packed.end(), piece.begin(), piece.end());
        });
    }

    steps story_{"Inflating does not end: does every round take input or "
                 "give output?"};
    std::vector<std::byte> data_ = testing_support::pattern(3000);
    std::size_t got_ = 0;
};

TEST_F(block_end, a_zlib_stream_is_whole_with_its_last_byte) {
    cut_everywhere(stream_format::zlib, "zlib");
}

TEST_F(block_end, a_gzip_stream_is_whole_with_its_last_byte) {
    cut_everywhere(stream_format::gzip, "gzip");
}

TEST_F(block_end, a_raw_stream_is_whole_with_its_last_block) {
    cut_everywhere(stream_format::raw, "raw");
}

TEST_F(block_end, a_stream_that_was_only_flushed_has_not_ended) {
    deflate_stream out;
    std::vector<std::byte> packed;
    pack(out, data_, deflate_stream::flush::sync, packed);
    const auto seen = verdict(packed, stream_format::zlib);
    story_.did("flushed a stream and did not end it; inflated {}; finish "
               "says: {}",
               count_of(got_), seen);
    if (seen == "whole")
        story_.wrong("the sender may have broken off after a flush, and "
                     "the receiver takes that for the end",
                     "A flush ends where a block does. Only the stream's "
                     "own end is the end.");
    pack(out, data_, deflate_stream::flush::sync, packed);
    pack(out, {}, deflate_stream::flush::finish, packed);
    story_.did("flushed it once more, and ended it: {}",
               count_of(packed.size()));
    cut_everywhere(packed, stream_format::zlib);
}

TEST_F(block_end, a_flush_still_ends_at_a_boundary) {
    deflate_stream out({.format = stream_format::raw});
    std::vector<std::byte> block(4096), packed;
    pack(out, data_, deflate_stream::flush::sync, packed);
    inflate_stream in(stream_format::raw);
    inflate_all(in, packed, block, [](auto) {});
    story_.did("inflated raw deflate up to a flush; at_boundary says {}",
               in.at_boundary());
    if (!in.at_boundary())
        story_.wrong("a flush ends between two blocks, and at_boundary "
                     "does not know it any more",
                     "at_boundary is right, and messages need it. What "
                     "is wrong is who asks it.");
}

TEST_F(block_end, a_wrong_checksum_is_no_end) {
    for (const auto& [format, behind] :
         {std::pair(stream_format::zlib, 1),    // Adler-32 ends it
          std::pair(stream_format::gzip, 5)}) { // CRC-32, then the size
        auto packed = compress(data_, {.format = format});
        *(packed.end() - behind) ^= std::byte{1};
        const auto seen = verdict(packed, format);
        story_.did("changed the last byte of a stream's checksum; the "
                   "verdict: {}",
                   seen);
        if (seen == "whole")
            story_.wrong(
                "the checksum is wrong, and the stream is taken",
                "Only Z_STREAM_END says that zlib has compared it.");
    }
}

} // namespace
} // namespace compression
