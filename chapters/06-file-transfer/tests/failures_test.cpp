// Whatever fails, what has arrived is the beginning of what was sent, and
// the next client is served: F17, F46.
#include "disk/locked_file.hpp"
#include "memory_server.hpp"
#include "recording.hpp"
#include "server/server.hpp"
#include "wire/records.hpp"

#include "common/testing/deadline.hpp"
#include "common/testing/loopback.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

namespace file_transfer {
namespace {

namespace fs = std::filesystem;
using failing::call;
using testing_support::pattern;

// What the server has answered, frame by frame: files that it sends are
// the beginning of those that it was given.
class heard : public file_sink {
public:
    heard(byte_view bytes, const contents& files) : files_(files) {
        record_parser parser(*this);
        block_opener opener;
        std::error_code error;
        while (const auto head = read_head(bytes, error)) {
            const std::size_t size = frame_header_size + head->length;
            if (size > bytes.size())
                break; // sending has failed
            const byte_view frame = bytes.first(size);
            EXPECT_TRUE(is_intact(frame));
            const byte_view payload = frame.subspan(frame_header_size);
            bytes = bytes.subspan(size);
            if (head->type == message::ack)
                acknowledged = decode_totals(payload).entries;
            else if (head->type == message::block)
                parser.parse(opener.open(payload));
            else if (head->type == message::error ||
                     head->type == message::problem)
                told = blocking_echo::describe_error(payload);
            else if (head->type == message::end && ++ends == 1)
                acknowledged = decode_totals(payload).entries;
        }
        EXPECT_FALSE(error);
        whole = bytes.empty();
    }

    void begin(const entry& one) override {
        path_ = one.path;
        content_.clear();
    }
    void content(byte_view bytes) override {
        content_.insert(content_.end(), bytes.begin(), bytes.end());
        const auto& all = files_.at(path_);
        ASSERT_LE(content_.size(), all.size());
        EXPECT_TRUE(
            std::equal(content_.begin(), content_.end(), all.begin()));
    }
    void complete(std::uint32_t) override {
        EXPECT_EQ(content_, files_.at(path_));
        ++complete_files;
    }
    void give_up() override {}

    std::uint64_t acknowledged = 0;
    std::string told; // by an error frame, or of one file
    int ends = 0, complete_files = 0;
    bool whole = false;

private:
    const contents& files_;
    std::string path_;
    std::vector<std::byte> content_;
};

class failures : public testing::Test {
protected:
    failures() {
        std::string form = fs::temp_directory_path() / "failing-XXXXXX";
        base_ = ::mkdtemp(form.data());
        fs::create_directory(root());
    }
    ~failures() override { fs::remove_all(base_); }

    fs::path root() const { return base_ / "root"; }

    // `c` has an older edition; the others are not there.
    void begin_again() const {
        fs::remove_all(root() / "folder");
        fs::remove(root() / part_name("c"));
        std::ofstream(root() / "c") << old_;
    }
    std::vector<std::byte> read(const std::string& path) const {
        std::ifstream file(root() / path, std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(file), {});
        return testing_support::bytes(text);
    }
    // P2: no file under its final name is incomplete, a part is the
    // beginning of what was sent, and what was acknowledged is there.
    void expect_nothing_lost(const heard& answer) const {
        for (const auto& [path, content] : sent_.files()) {
            const fs::path file = root() / path;
            if (fs::exists(file)) {
                const auto here = read(path);
                EXPECT_TRUE(
                    here == content ||
                    (path == "c" && here == testing_support::bytes(old_)))
                    << path;
            }
            const auto part = read(split(path).folder + "/" +
                                   part_name(split(path).name));
            ASSERT_LE(part.size(), content.size());
            EXPECT_TRUE(
                std::equal(part.begin(), part.end(), content.begin()));
        }
        for (std::size_t i = 1; i < answer.acknowledged; ++i)
            EXPECT_EQ(read(sent_.names()[i]),
                      sent_.files().at(sent_.names()[i]));
    }
    // P5: all that is asked for is done.
    void expect_served(const heard& answer) const {
        EXPECT_EQ(answer.told, "");
        EXPECT_EQ(answer.ends, 3);
        EXPECT_EQ(answer.acknowledged, 4u);
        EXPECT_EQ(answer.complete_files, 3);
        EXPECT_TRUE(answer.whole);
    }

    // Each call of a kind fails once, in a session of its own; the same
    // server then serves another. @returns how many have failed.
    // most: bytes that one call moves, so that there are many.
    int fail_each(call which, int error, std::size_t most = 1,
                  bool harmless = false,
                  store_options how = {.durable = false}) {
        const testing_support::deadline limit(std::chrono::seconds(100));
        server_options options;
        options.store = how;
        memory_server server(root().string(), options);
        begin_again();
        expect_served({server.serve(sent_.bytes()), sent_.files()});
        const std::size_t descriptors =
            testing_support::open_descriptors();
        for (int nth = 1;; ++nth) {
            begin_again();
            failing::arm(which, nth, error, most);
            const auto bytes = server.serve(sent_.bytes());
            const bool failed = failing::disarm();
            const heard answer(bytes, sent_.files());
            expect_nothing_lost(answer);
            if (!failed || harmless)
                expect_served(answer);
            expect_served({server.serve(sent_.bytes()), sent_.files()});
            EXPECT_EQ(testing_support::open_descriptors(), descriptors);
            if (HasFailure())
                ADD_FAILURE() << "call " << nth;
            if (!failed || HasFailure()) {
                fmt::print("{} failures\n", nth - 1);
                return nth - 1;
            }
        }
    }

    static constexpr const char* old_ = "an older edition";
    fs::path base_;
    recording sent_;
};

TEST_F(failures, of_each_receive_deliver_a_prefix) {
    EXPECT_GE(fail_each(call::receive, ECONNRESET), 540);
}

TEST_F(failures, of_each_send_deliver_a_prefix) {
    EXPECT_GE(fail_each(call::send, EPIPE, 2), 300);
}

TEST_F(failures, of_each_write_publish_no_half_file) {
    EXPECT_GE(fail_each(call::write, ENOSPC), 210);
}

TEST_F(failures, of_each_read_send_no_half_file) {
    EXPECT_GE(fail_each(call::read, EIO), 220);
}

TEST_F(failures,
       of_each_call_on_a_folder_or_a_file_publish_nothing_half) {
    for (const bool group : {true, false}) {
        const store_options safe{.group = group};
        EXPECT_GE(fail_each(call::open, EMFILE, 1, false, safe), 3);
        EXPECT_GE(fail_each(call::stat, EIO, 1, false, safe), 7);
        EXPECT_GE(fail_each(call::make, EIO, 1, false, safe), 1);
        EXPECT_GE(fail_each(call::rename, EIO, 1, false, safe), 3);
        EXPECT_GE(fail_each(call::sync, EIO, 1, false, safe), 3);
    }
}

TEST_F(failures, of_each_allocation_end_that_session_alone) {
    EXPECT_GE(fail_each(call::allocate, ENOMEM), 100);
}

// A client with a socket, which nothing fails for.
std::vector<std::byte> talk(const tcp::endpoint& server, byte_view said) {
    asio::io_context context;
    tcp::socket socket(context);
    boost::system::error_code error;
    socket.connect(server, error);
    asio::write(socket, asio::buffer(said.data(), said.size()), error);
    socket.shutdown(tcp::socket::shutdown_send, error);
    std::vector<std::byte> answer;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
}

TEST_F(failures, of_each_allocation_leave_the_server_to_the_next) { // F46
    const testing_support::deadline limit(std::chrono::seconds(100));
    const failing::exempt this_thread;
    server_options options;
    options.store.durable = false;
    options.connection_limit = 4; // who leaks a place is found soon
    file_server server("127.0.0.1", "0", root().string(),
                       silent(options));
    std::jthread serving([&] { server.run(); });
    begin_again();
    expect_served(
        {talk(server.endpoint(), sent_.bytes()), sent_.files()});
    int nth = 1;
    for (bool failed = true; failed && !HasFailure(); ++nth) {
        begin_again();
        failing::arm(call::allocate, nth, ENOMEM);
        const auto bytes = talk(server.endpoint(), sent_.bytes());
        failed = failing::disarm();
        expect_nothing_lost({bytes, sent_.files()});
        std::vector<std::byte> next;
        do // a lost session may hold a file for a moment
            next = talk(server.endpoint(), sent_.bytes());
        while (heard(next, sent_.files()).told.starts_with("error 204"));
        expect_served({next, sent_.files()});
        if (HasFailure())
            ADD_FAILURE() << "allocation " << nth;
    }
    fmt::print("{} failures\n", nth - 2);
    EXPECT_GE(nth, 150);
    server.stop();
}

TEST_F(failures, that_are_signals_are_none) { // F18
    for (const call each :
         {call::receive, call::send, call::write, call::read, call::open})
        EXPECT_GE(fail_each(each, EINTR, 16, true), 3);
}

} // namespace
} // namespace file_transfer
