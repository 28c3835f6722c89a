#include "4-half-close.hpp"

#include "common/testing/loopback.hpp"
#include "common/testing/steps.hpp"
#include "common/testing/worker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <system_error>

namespace exercise {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing_support::count_of;
using testing_support::shown;
using testing_support::steps;
using testing_support::worker;

constexpr std::size_t limit = 20'000;
constexpr std::string_view when_stuck =
    "The server answers when the question is complete, which it learns "
    "from the end of your direction of the stream. Have you ended it? "
    "And "
    "does your loop stop when the answer ends?";

// A server that the test plays, and the answer's ask at the other end.
class half_close : public testing::Test {
protected:
    // Calls ask in a thread of its own, and plays the server up to the
    // end of the question.
    void start() {
        story_.did("called ask with the question \"why?\"");
        asking_.emplace([this] {
            try {
                answer_ = ask(ends_.client, "why?", limit);
            } catch (const std::length_error&) {
                thrown_ = "std::length_error";
            } catch (const std::system_error& error) {
                thrown_ = fmt::format("std::system_error ({})",
                                      testing_support::reason(error));
            } catch (const std::exception& error) {
                thrown_ = testing_support::reason(error);
            }
        });
        story_.did("received as the server, up to the end of the stream");
        const std::string question = story_.call(
            "The server's receive",
            "The client broke the connection instead of ending its "
            "direction: did it close?",
            [&] { return testing_support::read_to_end(ends_.server); });
        if (question != "why?")
            story_.wrong(fmt::format("the question that arrived is {}",
                                     shown(question)),
                         "Send all of it, once, and nothing else.");
    }

    void reply(std::string_view piece) {
        story_.did("sent {}", shown(piece));
        boost::system::error_code gone;
        asio::write(ends_.server, asio::buffer(piece), gone);
    }

    // What ask did, as words.
    std::string outcome() {
        asking_->finish();
        const std::string got = thrown_.empty()
                                    ? "returned " + shown(answer_)
                                    : "threw " + thrown_;
        story_.did("ask {}", got);
        return got;
    }

    void expect_answer(const std::string& whole) {
        const std::string got = outcome();
        if (thrown_.empty() && answer_ == whole)
            return;
        std::string_view advice =
            "Receive until the end of the stream, and return all that "
            "came.";
        if (answer_.empty() && thrown_.empty() && !whole.empty())
            advice =
                "Nothing was read of it. shutdown_both ends your own "
                "receiving too; and an answer may take a while.";
        else if (thrown_.find("End of file") != std::string::npos)
            advice =
                "The end of the stream is how this answer ends. Asio "
                "reports it as asio::error::eof, and here it is no "
                "error.";
        else if (thrown_.find("reset by peer") != std::string::npos)
            advice = "The reset came from your own side: shutdown_both "
                     "ends the receiving too, and what the server sends "
                     "then is refused.";
        else if (thrown_.find("Bad file") != std::string::npos)
            advice =
                "close(2) gives up both directions. shutdown(2) ends "
                "the one and keeps the other.";
        else if (thrown_ == "std::length_error")
            advice = "The limit itself is still legal.";
        story_.wrong(fmt::format("the answer was {}, and ask {}",
                                 shown(whole), got),
                     advice);
    }

    steps story_{when_stuck};
    asio::io_context context_;
    testing_support::socket_pair ends_ =
        testing_support::connected_pair(context_);
    std::string answer_;
    std::string thrown_;
    std::optional<worker> asking_;
};

TEST_F(half_close, an_answer_in_three_pieces_is_one_answer) {
    using namespace std::string_view_literals;
    start();
    for (const auto piece : {"because "sv, "of\0"sv, "that"sv}) {
        reply(piece);
        if (testing_support::wait_until_taken(ends_.client,
                                              std::chrono::seconds(1)))
            story_.did("waited until it was received");
    }
    story_.did("closed");
    ends_.server.close();
    using namespace std::string_literals;
    expect_answer("because of\0that"s);
}

TEST_F(half_close, an_empty_answer_is_an_answer) {
    start();
    story_.did("closed without a byte");
    ends_.server.close();
    expect_answer("");
}

TEST_F(half_close, an_answer_as_long_as_the_limit_is_legal) {
    start();
    reply(std::string(limit, 'a'));
    story_.did("closed");
    ends_.server.close();
    expect_answer(std::string(limit, 'a'));
}

TEST_F(half_close, half_an_answer_and_a_reset_is_an_error) {
    start();
    reply("because");
    if (testing_support::wait_until_taken(ends_.client))
        story_.did("waited until it was received");
    story_.did("reset the connection");
    testing_support::reset(ends_.server);
    const std::string got = outcome();
    if (!thrown_.starts_with("std::system_error"))
        story_.wrong(
            fmt::format("the server broke off in the middle of its "
                        "answer, and ask {}",
                        got),
            "Only the end of the stream says that the answer is "
            "complete. Any other error has to reach the caller, as "
            "std::system_error.");
}

TEST_F(half_close, an_answer_above_the_limit_is_refused) {
    start();
    reply(std::string(limit + 1, 'a'));
    story_.did("closed");
    ends_.server.close();
    const std::string got = outcome();
    if (thrown_ != "std::length_error")
        story_.wrong(
            fmt::format("the limit was {}, the server sent one "
                        "more, and ask {}",
                        count_of(limit), got),
            "An answer cut at the limit looks complete to the "
            "caller. Throw std::length_error when it is longer.");
}

TEST_F(half_close, an_answer_without_an_end_is_refused) {
    start();
    reply(std::string(limit * 2, 'a'));
    story_.did("kept the connection open");
    const std::string got = outcome();
    if (thrown_ != "std::length_error")
        story_.wrong(
            fmt::format("{} arrived, with no end in sight, and ask {}",
                        count_of(limit * 2), got),
            "Check the length with every piece, not at the end.");
}

} // namespace
} // namespace exercise
