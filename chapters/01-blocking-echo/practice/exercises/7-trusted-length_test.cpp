#include "frame/frame.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace blocking_echo {
namespace {

using testing_support::count_of;
using testing_support::steps;

TEST(trusted_length, is_refused_before_its_payload_is_kept) {
    steps story("The decoder only looks at memory: is there a loop?");
    auto header = encode_header(frame_type::data, {});
    header[4] = std::byte{0x80}; // 2 GiB
    frame_decoder decoder;
    story.did("fed the decoder {} of a header that announces 2 GiB",
              count_of(8));
    decoder.feed(std::span(header).first(8));
    std::error_code fault;
    decoder.next(fault);
    const bool at_once = fault == frame_errc::too_long;
    const std::vector<std::byte> part(1 << 20);
    std::size_t kept = 8;
    for (int i = 0; i < 16 && !fault; ++i) {
        decoder.feed(part);
        kept += part.size();
        decoder.next(fault);
    }
    if (!at_once) {
        story.did("fed it 1 MiB of the payload, and again, {} in all",
                  count_of(kept));
        story.wrong(
            fault ? fmt::format("the decoder reported \"{}\", after {}",
                                fault.message(), count_of(kept))
                  : fmt::format("the decoder keeps {} by now, asks for "
                                "more, and has reported nothing",
                                count_of(kept)),
            "The limit is 1 MiB, and the announcement was complete after "
            "8 bytes. Where is the length compared with the limit, and "
            "what has to have arrived before that line is reached?");
    }
}

TEST(trusted_length, a_byte_above_the_limit_is_refused_as_well) {
    steps story("The decoder only looks at memory: is there a loop?");
    auto header = encode_header(frame_type::data, {});
    header[5] = std::byte{0x10}; // 1 MiB,
    header[7] = std::byte{1};    // and 1
    story.did("fed the decoder the header of a frame of 1 MiB and 1 "
              "byte");
    frame_decoder decoder;
    decoder.feed(header);
    std::error_code fault;
    decoder.next(fault);
    if (fault != frame_errc::too_long)
        story.wrong(
            fault ? fmt::format("the decoder reported \"{}\"",
                                fault.message())
                  : "the decoder asks for more",
            "The limit is frame_payload_limit, and all four bytes of the "
            "length count.");
}

TEST(trusted_length, is_not_read_before_it_has_arrived) {
    steps story("The decoder only looks at memory: is there a loop?");
    const auto header = encode_header(frame_type::data, {});
    for (std::size_t size = 1; size < header.size(); ++size) {
        story.did("fed a decoder {} of a header", count_of(size));
        frame_decoder decoder;
        decoder.feed(std::span(header).first(size));
        std::error_code fault;
        if (decoder.next(fault) || fault)
            story.wrong(
                "a part of a good header is nothing to complain about, "
                "and the decoder did",
                "A field may be read when all of its bytes are there: "
                "`size` says how many are.");
    }
}

TEST(trusted_length, at_the_limit_is_legal) {
    steps story("The decoder only looks at memory: is there a loop?");
    story.did("fed the decoder a frame of 1 MiB, in two pieces");
    const auto whole = encode(
        frame_type::data, testing_support::pattern(frame_payload_limit));
    frame_decoder decoder;
    std::error_code fault;
    decoder.feed(std::span(whole).first(1000));
    const bool early = decoder.next(fault).has_value();
    decoder.feed(std::span(whole).subspan(1000));
    const auto message = decoder.next(fault);
    if (early || fault || !message ||
        message->payload.size() != frame_payload_limit)
        story.wrong(fault ? fmt::format("the decoder reported \"{}\"",
                                        fault.message())
                          : "the decoder gave back no message of 1 MiB",
                    "The limit itself is legal: above, not at.");
}

} // namespace
} // namespace blocking_echo
