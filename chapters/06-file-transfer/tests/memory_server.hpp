/// @file
/// The server's side of a connection without a network: bytes in, bytes
/// out.
#pragma once

#include "failing_calls.hpp"
#include "server/session.hpp"
#include "wire/fields.hpp"

#include <latch>
#include <memory>
#include <string_view>

namespace file_transfer {

/// The same options, and not a word of what fails: that it fails is
/// meant.
inline server_options silent(server_options options) {
    options.log = [](std::string_view) noexcept {};
    return options;
}

/// Serves one client after the other, each to its end.
class memory_server {
public:
    memory_server(const std::string& folder,
                  const server_options& options = {})
        : shared_(folder, silent(options)) {}
    ~memory_server() { shared_.pools.join(); }

    /// @param said all that the client sends, before the end of its
    /// stream.
    /// @returns what the server answers.
    /// @throws std::runtime_error when the session hangs.
    std::vector<std::byte> serve(byte_view said) {
        failing::memory_peer peer(said);
        auto prepare = std::make_optional<failing::exempt>();
        {
            asio::io_context context{1};
            tcp::socket socket(context, tcp::v4(), peer.descriptor());
            prepare.reset();
            start(context, std::move(socket));
            run(context);
            prepare.emplace();
            await_idle(shared_.pools);
        }
        return peer.heard();
    }

private:
    void start(asio::io_context& context, tcp::socket socket) {
        try {
            const auto one = std::make_shared<session>(
                std::move(socket), tcp::endpoint(), shared_);
            co_spawn(context, one->run(), [one](std::exception_ptr) {});
        } catch (const std::bad_alloc&) { // no session, then
        }
    }
    static void run(asio::io_context& context) {
        const auto end =
            std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!context.stopped()) {
            try {
                context.run_until(end);
                if (!context.stopped())
                    throw std::runtime_error("the session hangs");
            } catch (const std::bad_alloc&) { // as file_server does
            }
        }
    }

    // A thread of a pool lets go of the context after its last word to
    // it; one that takes a task of these has done so.
    static void await_idle(workers& pools) {
        const auto all = std::make_shared<std::latch>(
            2 * disk_threads + computing_threads + 1);
        const auto occupy = [&](worker_pool& pool, std::size_t threads) {
            for (std::size_t i = 0; i < threads; ++i)
                asio::post(pool.executor(),
                           [all] { all->arrive_and_wait(); });
        };
        occupy(pools.disk, disk_threads);
        occupy(pools.writing, disk_threads);
        occupy(pools.computing, computing_threads);
        all->arrive_and_wait();
    }

    shared_state shared_;
};

} // namespace file_transfer
