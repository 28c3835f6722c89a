#include "client.hpp"

#include "line/slices.hpp"
#include "wire/error_frame.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

namespace file_transfer {

using blocking_echo::frame_errc;

std::size_t transfer_report::add(const std::vector<failure>& left_out) {
    std::size_t fresh = 0;
    for (const failure& why : left_out) {
        if (is_remark(why.code()))
            remarks.insert(why.what());
        else
            fresh += problems.insert(why.what()).second ? 1 : 0;
    }
    return fresh;
}

namespace {

void prepare(tcp::socket& socket, const switches& without) {
    if (without.has(technique::autotune))
        return;
    // Before connect: the window scale is agreed on there, RFC 7323.
    using base = asio::socket_base;
    boost::system::error_code ignored; // a buffer is no condition
    socket.set_option(base::send_buffer_size(64 << 10), ignored);
    socket.set_option(base::receive_buffer_size(64 << 10), ignored);
}

asio::awaitable<boost::system::error_code>
connect_one(tcp::socket& socket, const tcp::endpoint& where,
            std::chrono::milliseconds limit) {
    asio::steady_timer timer(socket.get_executor());
    timer.expires_after(limit);
    timer.async_wait([&socket](boost::system::error_code error) {
        boost::system::error_code ignored;
        if (!error)
            socket.cancel(ignored);
    });
    const auto [error] = co_await socket.async_connect(where, as_value);
    const bool in_time = timer.cancel() > 0;
    co_return error && !in_time ? make_error_code(asio::error::timed_out)
                                : error;
}

} // namespace

asio::awaitable<std::shared_ptr<connection>>
open_connection(const client_options& options) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    auto [error, found] = co_await resolver.async_resolve(
        options.host, options.port, as_value);
    if (error)
        throw std::system_error(error,
                                fmt::format("resolve {}", options.host));
    for (const auto& each : found) {
        tcp::socket socket(executor);
        socket.open(each.endpoint().protocol(), error);
        if (error)
            continue; // as on a system without IPv6
        prepare(socket, options.without);
        error = co_await connect_one(socket, each.endpoint(),
                                     options.connect);
        if (error)
            continue;
        const auto made = std::make_shared<connection>(std::move(socket),
                                                       options.times);
        made->start();
        made->apply(options.without);
        hello ours{.without = options.without};
        if (options.compress.zstd)
            ours.can = ours.can.with(ability::zstd);
        const auto greeting = encode(ours);
        try {
            co_await made->write(message::hello, greeting);
        } catch (...) { // else its watchdog would wait for ever
            made->drop();
            throw;
        }
        co_return made;
    }
    throw std::system_error(
        error, fmt::format("connect {}:{}", options.host, options.port));
}

asio::awaitable<void> read_hello(connection& from, frame_space& space,
                                 const client_options& options) {
    const auto patience = options.times.idle;
    co_await next_frame(from, space, patience, patience);
    if (space.type() != message::hello)
        throw std::system_error(frame_errc::unexpected_type);
    from.meet(decode_hello(space.payload()));
}

void run_all(asio::io_context& context,
             std::vector<asio::awaitable<void>> works) {
    std::exception_ptr failed;
    for (auto& work : works)
        co_spawn(context, std::move(work),
                 [&](std::exception_ptr thrown) {
                     if (thrown && !failed)
                         failed = thrown;
                 });
    context.run();
    if (failed)
        std::rethrow_exception(failed);
}

asio::awaitable<void> all_of(std::vector<asio::awaitable<void>> works) {
    const auto executor = co_await asio::this_coro::executor;
    bell ended(executor);
    std::size_t left = works.size();
    std::exception_ptr failed;
    for (auto& work : works)
        co_spawn(executor, std::move(work),
                 [&](std::exception_ptr thrown) {
                     if (thrown && !failed)
                         failed = thrown;
                     --left;
                     ended.ring();
                 });
    while (left > 0)
        co_await ended.heard();
    if (failed)
        std::rethrow_exception(failed);
}

void told_names::keep(const entry& one) {
    const std::size_t bytes = sizeof one + one.path.size();
    if (bytes > left_)
        throw failure(errc::too_large,
                      "the server tells of more names than are kept "
                      "here: ask for less at a time");
    left_ -= bytes;
}

failure unanswered(const std::string& path) {
    return {errc::bad_message,
            fmt::format("the server sends no {}, and does not say why",
                        in_quotes(path))};
}

namespace {

// All there is may be nothing.
void require_answers(std::span<const std::string> paths,
                     const std::vector<entry>& all) {
    std::set<std::string_view> there;
    for (const entry& one : all)
        there.insert(one.path);
    for (const std::string& path : paths)
        if (!path.empty() && !there.contains(path))
            throw unanswered(path);
}

// A list of which a part is missing looks like a whole one.
void require_same(const totals& sent, const std::vector<entry>& all) {
    totals came{all.size(), 0};
    for (const entry& one : all)
        came.bytes += one.size;
    if (came != sent)
        throw failure(errc::bad_message,
                      fmt::format("{} entries came, where {} were listed",
                                  came.entries, sent.entries));
}

asio::awaitable<void> read_list(connection& from,
                                const client_options& options,
                                std::span<const std::string> paths,
                                std::vector<entry>& all,
                                notes& left_out) {
    frame_space space;
    co_await read_hello(from, space, options);
    time_without_progress idle(options.times.of_server());
    told_names names(options);
    for (bool told = false;;) {
        co_await next_frame(from, space, options.times.idle,
                            idle.left(all.size()));
        if (space.type() == message::end) {
            require_same(decode_totals(space.payload()), all);
            if (!told)
                require_answers(paths, all);
            co_return;
        }
        if (space.type() == message::problem) {
            const peer_failure why = told_by(space.payload());
            told = told || !is_remark(why.code());
            left_out.add(why);
            continue;
        }
        if (space.type() != message::entries)
            throw std::system_error(frame_errc::unexpected_type);
        for (entry& one : decode_entries(space.payload())) {
            names.keep(one);
            all.push_back(std::move(one));
        }
    }
}

asio::awaitable<void> list(const client_options& options,
                           std::span<const std::string> paths,
                           std::vector<entry>& all, notes& left_out) {
    const auto server = co_await open_connection(options);
    const std::shared_ptr<void> dropped_at_the_end(
        nullptr, [&](void*) { server->drop(); });
    std::vector<std::byte> question;
    if (!paths.empty())
        question = encode(paths);
    co_await server->write(message::list, question);
    co_await read_list(*server, options, paths, all, left_out);
}

} // namespace

std::vector<entry> list_files(const client_options& options,
                              std::span<const std::string> paths,
                              notes& left_out) {
    asio::io_context context{1};
    std::vector<entry> all;
    std::vector<asio::awaitable<void>> works;
    works.push_back(list(options, paths, all, left_out));
    run_all(context, std::move(works));
    std::ranges::sort(all, {}, &entry::path);
    return all;
}

} // namespace file_transfer
