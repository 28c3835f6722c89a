#include "3-gathered.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace exercise {

std::size_t
fake_connection::write_some(std::span<const std::string_view> pieces) {
    const bool any = std::ranges::any_of(
        pieces, [](std::string_view piece) { return !piece.empty(); });
    if (pieces.size() > 64 || !any)
        throw std::length_error(
            fmt::format("write_some was given {} pieces{}", pieces.size(),
                        any ? "" : " with nothing in them"));
    std::size_t room =
        room_.empty() ? 1'000'000 : room_[calls_ % room_.size()];
    ++calls_;
    const std::size_t before = taken_.size();
    for (const std::string_view piece : pieces) {
        const std::size_t size = std::min(room, piece.size());
        taken_.append(piece.substr(0, size));
        room -= size;
    }
    return taken_.size() - before;
}

namespace {

using testing_support::shown;
using testing_support::steps;

class gathered : public testing::Test {
protected:
    // Sends over a connection with such room, and compares.
    std::size_t expect_all(const std::vector<std::string_view>& pieces,
                           const std::vector<std::size_t>& room,
                           std::string_view advice) {
        fake_connection to(room);
        story_.did("gave send_pieces {} pieces; each call takes at most "
                   "{} bytes",
                   pieces.size(),
                   room.empty()
                       ? "1,000,000"
                       : fmt::format("{}", fmt::join(room, ", ")));
        story_.call("send_pieces",
                    "At least one byte and at most 64 "
                    "pieces in each call.",
                    [&] {
                        send_pieces(to, pieces);
                        return 0;
                    });
        const std::string all =
            std::accumulate(pieces.begin(), pieces.end(), std::string(),
                            [](std::string text, std::string_view piece) {
                                return text.append(piece);
                            });
        if (to.taken() != all)
            story_.wrong(fmt::format("the far end is to get {}, and gets "
                                     "{}",
                                     shown(all), shown(to.taken())),
                         advice);
        return to.calls();
    }

    steps story_{
        "send_pieces does not return: does each round of its loop "
        "send at least one byte?"};
};

TEST_F(gathered, pieces_that_all_fit_take_one_call) {
    const std::size_t calls = expect_all(
        {"one", "two", "three"}, {}, "Give the call all three pieces.");
    if (calls != 1)
        story_.wrong(fmt::format("there was room for all, and it took {} "
                                 "calls",
                                 calls),
                     "Hand all pieces to one call.");
}

TEST_F(gathered, a_call_that_stops_between_two_pieces_is_gone_on_from) {
    expect_all({"one", "two"}, {3},
               "The call returned 3: the first piece is done, and the "
               "second was not touched.");
}

TEST_F(gathered, a_call_that_stops_inside_a_piece_is_gone_on_from) {
    expect_all(
        {"one", "two"}, {4},
        "The call returned 4: one byte of the second piece is out. "
        "Begin the next call behind it.");
}

TEST_F(gathered, any_room_gives_the_same_bytes) {
    const std::vector<std::string_view> pieces{"a", "",       "bcd", "ef",
                                               "",  "ghijkl", "m",   ""};
    for (std::size_t first = 1; first <= 14; ++first)
        for (std::size_t second = 1; second <= 4; ++second)
            expect_all(pieces, {first, second},
                       "An empty piece is done at once, and a call may "
                       "stop anywhere, also twice in one piece.");
}

TEST_F(gathered, no_pieces_are_no_call) {
    fake_connection to({});
    story_.did("gave send_pieces nothing");
    story_.call(
        "send_pieces",
        "There is nothing to send, and no need to "
        "call.",
        [&] {
            send_pieces(to, {});
            send_pieces(to, std::vector<std::string_view>{"", ""});
            return 0;
        });
}

TEST_F(gathered, two_hundred_pieces_take_four_calls) {
    const std::vector<std::string_view> pieces(200, "piece ");
    const std::size_t calls =
        expect_all(pieces, {},
                   "At most 64 pieces fit into a call: the rest is for "
                   "the next.");
    if (calls > 4)
        story_.wrong(fmt::format("200 pieces fit into 4 calls of 64, and "
                                 "it took {}",
                                 calls),
                     "Fill each call with as many pieces as fit.");
}

} // namespace
} // namespace exercise
