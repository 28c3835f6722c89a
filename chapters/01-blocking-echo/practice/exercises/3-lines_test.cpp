#include "3-lines.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace exercise {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::shown;
using testing_support::steps;

// A peer that sends, and the answer's receive_line at the other end.
class lines : public testing::Test {
protected:
    void stuck_means(std::string_view advice) { story_.emplace(advice); }

    void send(std::string_view text) {
        story_->did("sent {}", shown(text));
        asio::write(ends_.client, asio::buffer(text));
    }

    void send_end() {
        ends_.client.shutdown(tcp::socket::shutdown_send);
        story_->did("ended the stream");
    }

    std::optional<std::string> receive() {
        auto line = story_->call("receive_line", unexpected, [&] {
            return receive_line(ends_.server, rest_);
        });
        story_->did("receive_line returned {}",
                    line ? shown(*line) : "none");
        return line;
    }

    // Receives one line and compares.
    void expect_line(const std::string& line, std::string_view advice) {
        const auto got = receive();
        if (got != line)
            story_->wrong(fmt::format("the line was {}, and receive_line "
                                      "returned {}",
                                      shown(line),
                                      got ? shown(*got) : "none"),
                          advice);
    }

    // What receive_line throws, by name; or what it returned.
    std::string outcome() {
        try {
            const auto line = receive_line(ends_.server, rest_);
            return "returned " + (line ? shown(*line) : "none");
        } catch (const std::length_error&) {
            return "threw std::length_error";
        } catch (const std::runtime_error&) {
            return "threw std::runtime_error";
        }
    }

    static constexpr std::string_view unexpected =
        "Nothing is wrong with this stream: there is no reason to throw.";

    std::optional<steps> story_;
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::string rest_;
};

TEST_F(lines, a_line_in_two_pieces_is_one_line) {
    stuck_means("receive_line has the whole line and still waits: is the "
                "'\\n' looked for in all that has arrived?");
    std::jthread peer([this] {
        send("hel");
        if (testing_support::wait_until_taken(ends_.server))
            story_->did("waited until it was received");
        send("lo\n");
    });
    const auto line = receive();
    peer.join();
    if (line != "hello")
        story_->wrong(
            fmt::format("the line is \"hello\\n\"; your receive_line "
                        "returned {}",
                        line ? shown(*line) : "none"),
            "A receive brings what has arrived so far, not a line. Keep "
            "what came, and go on until the '\\n' is there.");
}

TEST_F(lines, two_lines_in_one_send_come_out_one_by_one) {
    stuck_means(
        "The second line came in the same receive as the first. If what "
        "stands behind the first '\\n' is dropped, it never comes: keep "
        "it in `rest`, and look there before you receive.");
    send("one\ntwo\n");
    expect_line("one", "Two lines arrived at once. Return what stands "
                       "before the first '\\n', and keep the rest.");
    expect_line("two", "What stands behind the first '\\n' is the start "
                       "of the next line: is all of it kept, and the "
                       "'\\n' itself not?");
}

TEST_F(lines, every_cut_of_a_stream_gives_the_same_lines) {
    stuck_means("A line is complete, and receive_line waits for more: "
                "look in `rest` before you receive.");
    const std::string text = "a\n\nbcd\n";
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        std::jthread peer([this, &text, cut] {
            send(text.substr(0, cut));
            testing_support::wait_until_taken(ends_.server);
            send(text.substr(cut));
        });
        for (const char* line : {"a", "", "bcd"})
            expect_line(line,
                        "An empty line is a line too, and a cut may "
                        "fall anywhere, also before a '\\n'.");
    }
}

TEST_F(lines, every_byte_before_the_end_of_a_line_belongs_to_it) {
    stuck_means("The line is complete, and receive_line waits for more.");
    using namespace std::string_literals;
    send("GET /\r\n"s + "a\0b\n"s);
    expect_line("GET /\r", "Only the '\\n' is taken off: whether a '\\r' "
                           "before it means something is for the caller "
                           "to know.");
    expect_line("a\0b"s, "A NUL is a byte like any other. Where is the "
                         "text taken for one that ends at a NUL?");
}

TEST_F(lines, many_short_lines_at_once_are_legal) {
    stuck_means("A line is complete, and receive_line waits for more: "
                "look in `rest` before you receive.");
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += fmt::format("line {}\n", i);
    send(many);
    for (int i = 0; i < 1000; ++i)
        if (const auto line = story_->call(
                "receive_line",
                "The limit is one line's. What has arrived behind it is "
                "other lines.",
                [&] { return receive_line(ends_.server, rest_); });
            line != fmt::format("line {}", i))
            story_->wrong(fmt::format("line {} of 1000 came out as {}", i,
                                      line ? shown(*line) : "none"),
                          "Each line is to come out once, in order.");
}

TEST_F(lines, two_connections_are_kept_apart) {
    stuck_means("A line is complete, and receive_line waits for more.");
    auto other = testing_support::connected_pair(context_);
    std::string others_rest;
    send("one\ntwo\n");
    asio::write(other.client, asio::buffer("other\n", 6));
    story_->did("sent \"other\\n\" through another connection");
    expect_line("one", "It is the first.");
    const auto line = story_->call("receive_line", unexpected, [&] {
        return receive_line(other.server, others_rest);
    });
    if (line != "other")
        story_->wrong(
            fmt::format("the other connection's line is \"other\", and "
                        "receive_line returned {}",
                        line ? shown(*line) : "none"),
            "A server has many connections: what is left over of one is "
            "in its own `rest`, and nowhere else.");
    expect_line("two", "It was left over from this connection's first "
                       "receive.");
}

TEST_F(lines, the_end_of_the_stream_between_two_lines_is_none) {
    stuck_means("The stream has ended, and receive_line goes on: a "
                "receive of 0 bytes will never bring more.");
    send("last\n");
    send_end();
    expect_line("last", "It is a line like any other.");
    if (receive())
        story_->wrong("the stream ended after a whole line, and "
                      "receive_line returned one more",
                      "A receive of 0 bytes with nothing left over is a "
                      "good end: return none.");
}

TEST_F(lines, the_end_of_the_stream_inside_a_line_is_an_error) {
    stuck_means("The stream has ended, and receive_line goes on: a "
                "receive of 0 bytes will never bring more.");
    send("cut o");
    send_end();
    const std::string got = outcome();
    story_->did("receive_line {}", got);
    if (got != "threw std::runtime_error")
        story_->wrong(
            fmt::format("the stream ended in the middle of a line, and "
                        "receive_line {}",
                        got),
            "Half an order is no order: with bytes left over and no "
            "'\\n', throw std::runtime_error.");
}

TEST_F(lines, a_line_of_4096_bytes_is_legal) {
    stuck_means("The line is complete, and receive_line waits for more.");
    std::string line(line_limit, 'x');
    send(line + "\nnext\n");
    expect_line(line, "Its 4096 bytes came in several receives: all of "
                      "them belong to it.");
    expect_line("next", "The receive that brought the end of the long "
                        "line brought this one too.");
}

TEST_F(lines, a_line_above_4096_bytes_is_refused) {
    stuck_means(
        "4097 bytes without a '\\n' have arrived, and receive_line waits "
        "for more. A peer that never sends one would fill your memory: "
        "once `rest` is longer than line_limit, throw "
        "std::length_error.");
    send(std::string(line_limit + 1, 'x'));
    const std::string open = outcome();
    story_->did("receive_line {}", open);
    if (open != "threw std::length_error")
        story_->wrong(
            fmt::format("{} without a '\\n' are no legal line, "
                        "and receive_line {}",
                        count_of(line_limit + 1), open),
            "Throw std::length_error, as the declaration says.");
}

TEST_F(lines, a_line_of_4097_bytes_is_refused_although_it_ends) {
    stuck_means("The line is complete, and receive_line waits for more.");
    send(std::string(line_limit + 1, 'x') + "\n");
    const std::string got = outcome();
    story_->did("receive_line {}", got);
    if (got != "threw std::length_error")
        story_->wrong(
            fmt::format("a line of {} was sent with its '\\n', and "
                        "receive_line {}",
                        count_of(line_limit + 1), got),
            "The '\\n' may arrive in the same receive as the byte that "
            "is "
            "too much: check the length also when you have found it.");
}

} // namespace
} // namespace exercise
