// Receives compressed transfers, client after client.
#include "transfer/receive_compressed.hpp"

#include "chapters/01-blocking-echo/server/serve.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

using namespace compression;

namespace {

// Receives one transfer, keeps nothing of it, and says what it was. A few
// bytes inflate to a GiB, and no shutdown of the socket ends that.
void receive_and_report(tcp::socket& client, const inflate_limits& limits,
                        const blocking_echo::stop_switch& stop) {
    uLong crc = ::crc32(0, nullptr, 0);
    const auto count = [&](std::span<const std::byte> piece) {
        if (stop.over())
            throw std::runtime_error("what it sent is still inflating");
        if (!piece.empty())
            crc =
                ::crc32(crc, reinterpret_cast<const Bytef*>(piece.data()),
                        static_cast<uInt>(piece.size()));
    };
    const std::uint64_t bytes = answer_transfer(client, limits, count);
    fmt::print("received {} bytes, CRC-32 {:08x}\n", bytes, crc);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Receives transfers, compressed or not, one client after "
        "the other, and prints the length and the CRC-32 of each. "
        "SIGTERM ends it within 2 s.",
        "compressed_server");
    program::host_port listen{"127.0.0.1", "1234"};
    std::uint64_t limit = 1ull << 30;
    line.address("--listen", listen, "where to listen; port 0 picks one");
    line.size("--limit", limit, 0, 1ull << 40,
              "refuse what inflates to more than this");

    return line.run(argc, argv, [&] {
        blocking_echo::stop_switch stop;
        blocking_echo::serve_until_signal(
            listen.host, listen.port,
            [&](tcp::socket& client) {
                receive_and_report(client, {.total = limit}, stop);
            },
            stop);
    });
}
