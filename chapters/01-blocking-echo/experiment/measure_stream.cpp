#include "measurements.hpp"
#include "socket/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace blocking_echo {

namespace {

constexpr std::size_t message_size = 100;

// What the receives of one stream were: whole messages or not, and how
// large.
struct cut_up {
    double receives = 0, exact = 0, merged = 0, cut = 0;
    std::array<std::pair<std::size_t, double>, 6> sizes{{{99, 0},
                                                         {100, 0},
                                                         {1023, 0},
                                                         {1024, 0},
                                                         {16384, 0},
                                                         {65536, 0}}};

    //! [classify]
    void count(std::size_t offset, std::size_t size) {
        const bool at_a_beginning = offset % message_size == 0;
        const bool to_an_end = (offset + size) % message_size == 0;
        ++receives;
        if (!at_a_beginning || !to_an_end)
            ++cut;
        else if (size == message_size)
            ++exact;
        else
            ++merged;
    }
    //! [classify]

    void count_by_size(std::size_t size) {
        for (auto& [most, number] : sizes)
            if (size <= most) {
                ++number;
                break;
            }
    }

    measure::counters row(double messages) const {
        measure::counters all{{"exact_percent", 100 * exact / receives},
                              {"merged_percent", 100 * merged / receives},
                              {"cut_percent", 100 * cut / receives},
                              {"messages", messages},
                              {"receives", receives},
                              {"exact", exact},
                              {"merged", merged},
                              {"cut", cut}};
        for (const auto& [most, number] : sizes)
            all.emplace_back(fmt::format("up_to_{}_bytes", most), number);
        return all;
    }
};

std::byte byte_at(std::size_t offset) {
    return static_cast<std::byte>(offset * 7 % 251);
}

//! [send_messages]
void send_messages(tcp::socket& socket, std::size_t count,
                   std::chrono::microseconds pause) {
    std::array<std::byte, message_size> message;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < message_size; ++j)
            message[j] = byte_at(i * message_size + j);
        asio::write(socket, asio::buffer(message));
        if (pause.count() > 0)
            std::this_thread::sleep_for(pause);
    }
    socket.shutdown(tcp::socket::shutdown_send);
}
//! [send_messages]

cut_up receive_all(tcp::socket& socket, std::size_t buffer_size,
                   std::size_t expected) {
    std::vector<std::byte> buffer(buffer_size);
    cut_up seen;
    std::size_t offset = 0;
    boost::system::error_code error;
    while (const std::size_t size =
               socket.read_some(asio::buffer(buffer), error)) {
        for (std::size_t i = 0; i < size; ++i)
            if (buffer[i] != byte_at(offset + i))
                throw std::runtime_error(
                    "a byte arrived that was not sent");
        seen.count(offset, size);
        seen.count_by_size(size);
        offset += size;
    }
    if (error != asio::error::eof || offset != expected)
        throw std::runtime_error(
            fmt::format("{} of {} bytes arrived", offset, expected));
    return seen;
}

measure::counters measure_once(std::size_t messages,
                               std::size_t buffer_size,
                               std::chrono::microseconds pause) {
    asio::io_context context;
    auto acceptor = listen_on(context, "127.0.0.1", "0");
    tcp::socket sender(context);
    sender.connect(acceptor.local_endpoint());
    tcp::socket receiver = acceptor.accept();
    std::jthread sending([&] { send_messages(sender, messages, pause); });
    return receive_all(receiver, buffer_size, messages * message_size)
        .row(static_cast<double>(messages));
}

measure::finding
decide_receive_is_message(const measure::results& measured) {
    const double back_to_back =
        measured.median_of("stream/back_to_back", "exact_percent");
    const double paced =
        measured.median_of("stream/1_ms_apart", "exact_percent");
    const auto all = measured.of("stream/back_to_back", "exact_percent");
    if (all.empty())
        return {"not measured", measure::verdict::inconclusive};
    const auto whole =
        static_cast<std::size_t>(std::ranges::count(all, 100.0));
    return {
        fmt::format("{:.0f} % of receives held exactly one message, sent "
                    "back to back; "
                    "{:.0f} %, sent 1 ms apart",
                    back_to_back, paced),
        measure::decided_by({measure::in_every_run(whole, all.size())}),
        fmt::format("{:.0f} % of receives held one message",
                    back_to_back)};
}

} // namespace

void measure_stream(measure::experiment& experiment) {
    using std::chrono::microseconds;
    const auto add = [&](const char* name, std::size_t buffer_size,
                         microseconds pause, std::size_t messages) {
        experiment.measure(name, 9, [=](bool smoke) {
            return measure_once(smoke ? messages / 10 : messages,
                                buffer_size, pause);
        });
    };
    add("stream/back_to_back", 1024, microseconds(0), 2000);
    add("stream/back_to_back_64K", 65536, microseconds(0), 2000);
    add("stream/1_ms_apart", 1024, microseconds(1000), 200);
    experiment.decide({"receive-is-a-message",
                       "A receive returns a message", "1",
                       decide_receive_is_message});
}

} // namespace blocking_echo
