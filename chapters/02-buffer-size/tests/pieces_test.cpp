#include "application/pieces.hpp"
#include "support.hpp"

#include "common/testing/deadline.hpp"

#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

// This program's own allocation, so that a test can let the nth one of a
// thread fail.
namespace {
thread_local int allocations_left = -1;
}

[[gnu::noinline]] void* operator new(std::size_t size) {
    if (allocations_left == 0)
        throw std::bad_alloc();
    if (allocations_left > 0)
        --allocations_left;
    if (void* memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory,
                                       std::size_t) noexcept {
    std::free(memory);
}

namespace buffer_size {
namespace {

using testing_support::deadline;

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
    const cut_stream cut;
    for (int nth = 0;; ++nth) {
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
