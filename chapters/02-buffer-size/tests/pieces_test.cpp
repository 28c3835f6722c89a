#include "application/pieces.hpp"
#include "support.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/watched_allocations.hpp"

#include <functional>
#include <new>

#include <gtest/gtest.h>

namespace buffer_size {
namespace {

using testing_support::deadline;
using testing_support::watched_allocations;

// Of this thread, until one fails; -1: none does.
thread_local int allocations_left = -1;

bool one_is_left(std::size_t) noexcept {
    if (allocations_left > 0)
        --allocations_left;
    return allocations_left != 0;
}

// Pieces of many sizes, empty ones among them, that make up the stream.
struct cut_stream {
    std::vector<std::byte> bytes = stream_bytes(40'000);
    std::vector<asio::const_buffer> pieces;

    cut_stream() {
        std::size_t at = 0;
        for (std::size_t i = 0; at < bytes.size(); ++i) {
            const std::size_t size =
                std::min(i * 131 % 700, bytes.size() - at);
            pieces.emplace_back(bytes.data() + at, size);
            at += size;
        }
    }
};

using pieces_sender =
    std::function<void(flaky_stream&, const cut_stream&, account&)>;
const std::vector<std::pair<const char*, pieces_sender>> pieces_senders{
    {"each", [](auto& to, auto& cut,
                account& done) { send_each(to, cut.pieces, done); }},
    {"gathered",
     [](auto& to, auto& cut, account& done) {
         send_gathered(to, cut.pieces, done);
     }},
    {"asio_write",
     [](auto& to, auto& cut, account& done) {
         send_by_asio_write(to, cut.pieces, done);
     }},
    {"copied", [](auto& to, auto& cut, account& done) {
         std::vector<std::byte> buffer(cut.bytes.size());
         send_copied(to, cut.pieces, buffer, done);
     }}};

TEST(pieces, partial_writes_of_any_size_lose_nothing) { // F17
    const deadline limit;
    const cut_stream cut;
    for (const auto& [name, send] : pieces_senders)
        for (const std::size_t most : {1u, 2u, 99u, 1000u, 100'000u}) {
            flaky_stream stream{.bytes = {}, .most = most};
            account done;
            send(stream, cut, done);
            EXPECT_TRUE(stream.bytes == cut.bytes) << name << most;
            EXPECT_EQ(done.bytes, cut.bytes.size()) << name;
        }
}

TEST(pieces, a_failure_of_any_write_leaves_a_prefix) { // F17
    const deadline limit;
    const cut_stream cut;
    int failures = 0;
    for (const auto& [name, send] : pieces_senders)
        for (int nth = 1;; ++nth) {
            flaky_stream stream{
                .bytes = {}, .most = 250, .fails_at = nth};
            account done;
            try {
                send(stream, cut, done);
                break; // there is no nth write
            } catch (const std::system_error& error) {
                EXPECT_TRUE(error.code() == std::errc::connection_reset);
            }
            ++failures;
            ASSERT_TRUE(is_prefix(stream.bytes, cut.bytes))
                << name << nth;
        }
    EXPECT_GE(failures, 1000);
}

TEST(pieces, a_failed_allocation_leaves_a_prefix) { // F17
    const deadline limit;
    const watched_allocations watch(one_is_left);
    const cut_stream cut;
    for (int nth = 1;; ++nth) {
        flaky_stream stream{.bytes = {}, .most = 5000};
        account done;
        try {
            allocations_left = nth;
            send_gathered(stream, cut.pieces, done);
            allocations_left = -1;
            break;
        } catch (const std::bad_alloc&) {
            allocations_left = -1;
        }
        ASSERT_TRUE(is_prefix(stream.bytes, cut.bytes));
        ASSERT_LT(nth, 1000);
    }
}

} // namespace
} // namespace buffer_size
