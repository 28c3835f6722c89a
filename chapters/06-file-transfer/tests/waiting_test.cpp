// Who waits for a disk, and what is told before the disk has answered.
#include "disk/checksum.hpp"
#include "files_test.hpp"
#include "server/server.hpp"
#include "watched_syncs.hpp"
#include "wire/fields.hpp"
#include "wire/frames.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace file_transfer {
namespace {

using testing_support::wait_until;

// All that a client says on one connection.
class speech {
public:
    speech() { say(message::hello, encode(hello{})); }

    speech& say(message type, byte_view payload) {
        const auto frame = make_frame(type, payload);
        bytes_.insert(bytes_.end(), frame.begin(), frame.end());
        return *this;
    }
    // An empty file.
    speech& put(const std::string& path) {
        std::vector<std::byte> records, block;
        wire_writer out(records), around(block);
        out.number(std::uint8_t{'E'});
        entry one;
        one.path = path;
        file_transfer::put(out, one);
        out.number(std::uint8_t{'Z'});
        out.number(std::uint32_t{0});
        around.number(static_cast<std::uint8_t>(codec::raw));
        around.number(static_cast<std::uint32_t>(records.size()));
        around.bytes(records);
        return say(message::put, {})
            .say(message::block, block)
            .say(message::end, encode(totals{1, 0}));
    }
    speech& compare() {
        return say(message::compare, encode(comparison{{""}, {}}));
    }

    // @returns all that the server answers.
    std::string to(const tcp::endpoint& server) const {
        asio::io_context context;
        auto socket = testing_support::connected_to(context, server);
        asio::write(socket, asio::buffer(bytes_));
        socket.shutdown(tcp::socket::shutdown_send);
        return testing_support::read_to_end(socket);
    }

private:
    std::vector<std::byte> bytes_;
};

// The entries of a comparison's answer.
std::vector<entry> told_in(const std::string& answer) {
    byte_view left = std::as_bytes(std::span(answer));
    std::vector<entry> all;
    std::error_code error;
    while (const auto head = read_head(left, error)) {
        const byte_view payload =
            left.subspan(frame_header_size, head->length);
        left = left.subspan(frame_header_size + head->length);
        if (head->type == message::there)
            for (entry& one : decode_there(payload))
                all.push_back(std::move(one));
    }
    return all;
}

class waiting : public files_test {
protected:
    waiting() {
        write(at("a"), "a");
        server_options options;
        options.connection_limit = 2 * disk_threads;
        options.log = [](std::string_view) noexcept {};
        server_.emplace("127.0.0.1", "0", at("").string(), options);
        running_ = std::jthread([this] { server_->run(); });
    }
    ~waiting() override { server_->stop(); }

    const testing_support::deadline limit_{std::chrono::seconds(60)};
    std::optional<file_server> server_;
    std::jthread running_;
};

TEST_F(waiting, who_waits_for_a_disk_keeps_nobody_from_reading) { // F39
    for (const bool compares : {true, false}) {
        std::promise<void> disk;
        std::shared_future<void> answers = disk.get_future().share();
        std::atomic<std::size_t> asked = 0;
        const watched_syncs slow([&](const std::string&, bool) {
            ++asked;
            answers.wait();
        });
        std::vector<std::jthread> clients;
        for (std::size_t i = 0; i < disk_threads; ++i)
            clients.emplace_back([&, i] {
                speech said;
                (compares ? said.compare()
                          : said.put(fmt::format("f{}", i)))
                    .to(server_->endpoint());
            });
        EXPECT_TRUE(wait_until([&] { return asked == disk_threads; }));
        auto list = std::async(std::launch::async, [&] {
            speech().say(message::list, {}).to(server_->endpoint());
        });
        EXPECT_EQ(list.wait_for(std::chrono::seconds(10)),
                  std::future_status::ready);
        disk.set_value();
    }
}

TEST_F(waiting, what_is_told_to_be_there_was_there_before_the_sync) {
    std::atomic<std::size_t> syncs = 0; // F51
    const watched_syncs watched([&](const std::string&, bool) {
        if (syncs++ == 0)
            write(at("late"), "late");
    });
    const auto told = told_in(speech().compare().to(server_->endpoint()));
    EXPECT_EQ(syncs, 1u);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].path, "a");
}

} // namespace
} // namespace file_transfer
