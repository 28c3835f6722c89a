#include "measurements.hpp"
#include "server/article.hpp"
#include "socket/address.hpp"
#include "socket/closing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <thread>

namespace blocking_echo {

namespace {

enum class close_method { close_at_once, drain_first };

//! [reply_and_close]
// Reads the beginning of a request as the article's server does, replies,
// and ends.
void reply_and_close(tcp::socket socket, std::span<const std::byte> reply,
                     close_method how) {
    std::array<std::byte, 1024> beginning;
    socket.read_some(asio::buffer(beginning));
    boost::system::error_code error;
    asio::write(socket, asio::buffer(reply.data(), reply.size()), error);
    if (how == close_method::drain_first)
        drain_and_close(socket);
} // otherwise the destructor closes, with the rest of the request unread
//! [reply_and_close]

measure::counters measure_once(std::size_t request_size,
                               std::size_t reply_size, close_method how) {
    asio::io_context context;
    auto acceptor = listen_on(context, "127.0.0.1", "0");
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    const std::vector<std::byte> request(request_size, std::byte{'q'});
    const std::vector<std::byte> reply(reply_size, std::byte{'r'});
    asio::write(
        client,
        asio::buffer(request)); // all in the server's receive buffer
    std::jthread serving(
        [&] { reply_and_close(acceptor.accept(), reply, how); });

    std::vector<std::byte> buffer(16384);
    std::size_t arrived = 0;
    boost::system::error_code error;
    while (const std::size_t size =
               client.read_some(asio::buffer(buffer), error))
        arrived += size;
    client.close();
    return {
        {"arrived_bytes", double(arrived)},
        {"sent_bytes", double(reply_size)},
        {"arrived_percent", 100.0 * double(arrived) / double(reply_size)},
        {"reset", error == asio::error::connection_reset ? 1.0 : 0.0}};
}

measure::finding
decide_closing_is_safe(const measure::results& measured) {
    const auto at_once =
        measured.of("closing/close_at_once", "arrived_percent");
    const auto drained =
        measured.of("closing/drain_first", "arrived_percent");
    if (at_once.empty() || drained.empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto resets = measured.of("closing/close_at_once", "reset");
    const auto whole =
        static_cast<std::size_t>(std::ranges::count(at_once, 100.0));
    const std::size_t lost = at_once.size() - whole;
    return {
        fmt::format(
            "closed at once, {:.0f} % of the reply arrived (median), {} "
            "of {} runs lost "
            "some and {} ended in a reset; drained first, {:.0f} %",
            measure::median(at_once), lost, at_once.size(),
            std::ranges::count(resets, 1.0), measure::median(drained)),
        measure::decided_by(
            {measure::in_every_run(whole, at_once.size())}),
        fmt::format("{} of {} runs lost bytes", lost, at_once.size())};
}

} // namespace

void measure_closing(measure::experiment& experiment) {
    constexpr int repetitions = 20;
    constexpr std::size_t K = 1024;
    const auto add = [&](const char* name, std::size_t request,
                         std::size_t reply, close_method how) {
        experiment.measure(name, repetitions, [=](bool) {
            return measure_once(request, reply, how);
        });
    };
    add("closing/greeting", 2 * K, greeting.size(),
        close_method::close_at_once);
    add("closing/close_at_once", 64 * K, 256 * K,
        close_method::close_at_once);
    add("closing/drain_first", 64 * K, 256 * K,
        close_method::drain_first);
    experiment.decide({"closing-is-safe",
                       "What was sent before a close arrives", "1",
                       decide_closing_is_safe});
}

} // namespace blocking_echo
