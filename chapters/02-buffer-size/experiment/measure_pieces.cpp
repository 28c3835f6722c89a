#include "application/partial.hpp"
#include "application/pieces.hpp"
#include "loopback_run.hpp"
#include "measurements.hpp"

#include <fmt/format.h>

#include <cmath>
#include <future>

namespace buffer_size {

namespace {

// 63 pieces of 64 bytes, or of a multiple, are whole periods of the
// stream: a batch can be sent again and again.
constexpr std::size_t batch = period / 64;
constexpr std::array<std::size_t, 5> sizes{64, 256, 1 << 10, 4 << 10,
                                           16 << 10};
const std::vector<std::string> ways{"each", "asio_write", "gathered",
                                    "copied"};

// Pieces that lie apart, each in memory of its own.
struct separate_pieces {
    std::vector<std::vector<std::byte>> parts;

    explicit separate_pieces(std::size_t size) {
        const contents stream(size);
        for (std::size_t i = 0; i < batch; ++i) {
            const auto part = stream.from(i * size, size);
            const auto* begin =
                static_cast<const std::byte*>(part.data());
            parts.emplace_back(begin, begin + part.size());
        }
    }

    template <class Buffer>
    std::vector<Buffer> list() {
        std::vector<Buffer> all;
        for (auto& part : parts)
            all.emplace_back(part.data(), part.size());
        return all;
    }
};

std::uint64_t bytes_for(std::size_t piece, bool smoke) {
    const std::uint64_t batches =
        smoke ? 20 : std::max<std::size_t>(200, 3 * 96 * 4096 / piece);
    return std::min<std::uint64_t>(batches, 8000) * batch * piece;
}

send_side sending(const std::string& way, std::size_t piece) {
    auto parts = std::make_shared<separate_pieces>(piece);
    return
        [way, parts, piece](tcp::socket& to, const contents&,
                            const transfer_limit& limit, account& done) {
            const auto list = parts->list<asio::const_buffer>();
            std::vector<std::byte> whole(batch * piece);
            const timed until_return(done);
            while (limit.next_size(done, whole.size()) == whole.size()) {
                if (way == "each")
                    send_each(to, list, done);
                else if (way == "asio_write")
                    send_by_asio_write(to, list, done);
                else if (way == "gathered")
                    send_gathered(to, list, done);
                else
                    send_copied(to, list, whole, done);
            }
        };
}

measure::counters send_pieces(const std::string& way, std::size_t piece,
                              bool smoke) {
    const auto run =
        run_on_loopback({64 << 10, 64 << 10}, bytes_for(piece, smoke),
                        sending(way, piece), receive_with<tcp::socket>);
    return {{"sender_cpu_ns_per_kib", run.sent.cpu_ns_per_kib()},
            {"piece_bytes", double(piece)},
            {"send_calls_per_mib", run.sent.calls_per_mib()},
            {"bytes_per_call", run.sent.bytes_per_call()},
            {"gbit_per_s", run.received.gbit_per_s()}};
}

//! [receive_scattered]
// Receives into many pieces by one call: the kernel fills one after the
// other.
void receive_scattered(tcp::socket& from,
                       std::span<const asio::mutable_buffer> pieces,
                       account& done) {
    while (std::size_t received = receive_some(from, pieces)) {
        ++done.calls;
        for (const asio::mutable_buffer piece : pieces) {
            const std::size_t here = std::min(received, piece.size());
            check_contents(done.bytes,
                           {static_cast<std::byte*>(piece.data()), here});
            done.bytes += here;
            received -= here;
        }
    }
}
//! [receive_scattered]

// The same by way of one buffer, from which each piece is copied.
void receive_and_copy(tcp::socket& from, std::span<std::byte> whole,
                      std::span<const asio::mutable_buffer> pieces,
                      account& done) {
    while (const std::size_t received = receive_some(
               from, asio::buffer(whole.data(), whole.size()))) {
        ++done.calls;
        std::size_t taken = 0;
        for (const asio::mutable_buffer piece : pieces) {
            const std::size_t here =
                std::min(received - taken, piece.size());
            std::memcpy(piece.data(), whole.data() + taken, here);
            check_contents(done.bytes,
                           {static_cast<std::byte*>(piece.data()), here});
            done.bytes += here;
            taken += here;
        }
    }
}

measure::counters receive_pieces(bool scattered, std::size_t piece,
                                 bool smoke) {
    separate_pieces parts(piece);
    const auto list = parts.list<asio::mutable_buffer>();
    std::vector<std::byte> whole(batch * piece);
    loopback_pair pair;
    account received;
    auto sending = std::async(std::launch::async, [&] {
        const closed_at_end closing(pair.sender);
        account sent;
        send_with(pair.sender, contents(64 << 10),
                  {.bytes = bytes_for(piece, smoke)}, sent);
        return sent;
    });
    {
        const closed_at_end closing(pair.receiver);
        const timed until_return(received);
        if (scattered)
            receive_scattered(pair.receiver, list, received);
        else
            receive_and_copy(pair.receiver, whole, list, received);
    }
    if (received.bytes != sending.get().bytes)
        throw std::runtime_error("not all bytes arrived");
    return {{"receiver_cpu_ns_per_kib", received.cpu_ns_per_kib()},
            {"piece_bytes", double(piece)},
            {"bytes_per_call", received.bytes_per_call()}};
}

measure::counters partial(std::size_t buffer, bool smoke) {
    loopback_pair pair({.send = 64 << 10, .receive = {}});
    auto receiving = std::async(std::launch::async, [&] {
        const closed_at_end closing(pair.receiver);
        std::vector<std::byte> space(64 << 10);
        account done;
        receive_with(pair.receiver, space, {}, done);
        return done;
    });
    const closed_at_end closing(pair.sender);
    const contents data(buffer);
    const auto sent = send_non_blocking(
        pair.sender, data, {.bytes = smoke ? 4u << 20 : 128u << 20});
    pair.sender.shutdown(tcp::socket::shutdown_send);
    if (receiving.get().bytes != sent.done.bytes)
        throw std::runtime_error("not all bytes arrived");
    const double calls = double(sent.done.calls + sent.would_block);
    return {
        {"partial_percent", 100.0 * double(sent.partial) / calls},
        {"would_block_percent", 100.0 * double(sent.would_block) / calls},
        {"whole_percent",
         100.0 * double(sent.done.calls - sent.partial) / calls},
        {"buffer_bytes", double(buffer)},
        {"calls", calls}};
}

measure::finding decide_gathered(const measure::results& measured) {
    int cheaper = 0;
    std::vector<measure::answer> cases;
    std::string figure;
    for (const std::size_t size : sizes) {
        const auto name = short_size(size);
        const auto ratio =
            measure::paired_ratio(measured.of("pieces/gathered/" + name,
                                              "sender_cpu_ns_per_kib"),
                                  measured.of("pieces/copied/" + name,
                                              "sender_cpu_ns_per_kib"));
        if (std::isinf(ratio.high))
            return {"not measured", measure::verdict::inconclusive};
        cases.push_back(measure::at_most(ratio, 1));
        cheaper += cases.back() == measure::answer::yes;
        figure +=
            fmt::format("{}{}: {:.2f} ({})", figure.empty() ? "" : ", ",
                        name, ratio.value, bounds(ratio));
    }
    return {
        "CPU of one gathered call over that of a copy and one call, "
        "63 pieces of " +
            figure,
        measure::decided_by(cases),
        fmt::format("cheaper at {} of {} sizes", cheaper, sizes.size())};
}

} // namespace

void measure_pieces(measure::experiment& experiment) {
    for (const std::size_t size : sizes) {
        std::vector<std::pair<std::string, measure::measurement>> cases;
        for (const std::string& way : ways)
            cases.emplace_back("pieces/" + way + "/" + short_size(size),
                               [=](bool smoke) {
                                   return send_pieces(way, size, smoke);
                               });
        experiment.measure_together(9, std::move(cases));
    }
    for (const std::size_t size : {64u, 1u << 10, 16u << 10})
        experiment.measure_together(
            5, {{"scattered/one_call/" + short_size(size),
                 [=](bool smoke) {
                     return receive_pieces(true, size, smoke);
                 }},
                {"scattered/copied/" + short_size(size), [=](bool smoke) {
                     return receive_pieces(false, size, smoke);
                 }}});
    for (const std::size_t size : {4u << 10, 64u << 10, 1u << 20})
        experiment.measure(
            "partial/" + short_size(size), 5,
            [=](bool smoke) { return partial(size, smoke); });
    experiment.decide(
        {"gathering-beats-copying",
         "Many pieces are sent cheaper by one gathered call "
         "than by copying them together first",
         "-", decide_gathered});
}

} // namespace buffer_size
