/// @file
/// One client of the file server.
#pragma once

#include "disk/root.hpp"
#include "disk/store.hpp"
#include "disk/survey.hpp"
#include "disk/tree.hpp"
#include "line/connection.hpp"
#include "line/slices.hpp"
#include "wire/record_source.hpp"

#include "common/program/log.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <string_view>

namespace file_transfer {

struct server_options {
    std::size_t connection_limit = 32;
    store_options store;
    timeouts times;
    /// From stop() until those who are not done are told, at most.
    std::chrono::nanoseconds stop = std::chrono::seconds(10);
    switches without;       ///< besides those that a client names
    bool read_only = false; ///< gives files, and takes none
    /// Gives one group its names while the next one is written.
    bool publish_behind = true;
    /// Where a line about a client goes. Any thread; must not throw.
    void (*log)(std::string_view) noexcept = program::log_line;
};

/// What the server has done since its start.
struct server_counters {
    std::atomic<std::uint64_t> open = 0, accepted = 0, refused = 0,
                               entries_received = 0, bytes_received = 0,
                               requests = 0, failures = 0;
};

/// What the sessions of a server share.
struct shared_state {
    shared_state(const std::string& folder, const server_options& chosen)
        : where(folder), options(chosen) {}

    root where;
    server_options options;
    server_counters counters;
    workers pools;
    bool stopping = false;
};

/// Serves one client. Held by shared_ptr; every member is called in its
/// connection's executor.
class session : public std::enable_shared_from_this<session> {
public:
    session(tcp::socket socket, const tcp::endpoint& peer,
            shared_state& shared);

    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// What is called when it goes, however it ends.
    void at_end(std::function<void()> call) { at_end_ = std::move(call); }

    /// Serves the client to its end.
    asio::awaitable<void> run();

    /// Tells the client that the server is busy, and no more.
    asio::awaitable<void> refuse();

    /// A client between two requests is told that the server ends; one
    /// inside a request has it done first.
    void begin_stop();

    /// Inside a request, too.
    void interrupt();

    /// Somebody waits for its place, and it makes no use of it.
    /// @param left is called when the memory of its request is free; it
    /// may be told for a while yet why it has to go.
    void give_way(std::function<void()> left);
    std::chrono::nanoseconds credit_left() const {
        return connection_->credit_left();
    }

    /// `put`, `get`, `list`, ...; empty between two requests.
    std::string_view request_name() const { return request_name_; }

    void drop() { connection_->drop(); }

private:
    asio::awaitable<void> greet();
    asio::awaitable<void> serve_requests();
    asio::awaitable<void> serve(const frame_space& request);
    asio::awaitable<void> receive_files();
    asio::awaitable<void> send_files(byte_view payload);
    asio::awaitable<void> send_list(byte_view payload);
    asio::awaitable<void> answer(byte_view payload);
    asio::awaitable<void> compare(byte_view payload);
    asio::awaitable<std::uint64_t>
    tell_there(std::vector<std::string> paths);
    asio::awaitable<void> remove(byte_view payload);
    // An empty path stands for all.
    static void check_paths(std::span<const std::string> paths);
    asio::awaitable<void> tell(notes& left_out);
    asio::awaitable<bool> on_disk(const some_work& work);
    void log(const std::exception_ptr& thrown) const;

    std::shared_ptr<connection> connection_;
    tcp::endpoint peer_;
    shared_state& shared_;
    frame_space request_;
    std::string_view request_name_; // of the one that is served
    std::function<void()> at_end_, left_place_;
};

/// The most that one client takes of the server's memory.
std::size_t session_memory();

/// The most descriptors that one client takes: its socket, and a walk, or
/// a group of files with their folders, and where groups are published
/// behind each other, two.
constexpr std::size_t session_descriptors(bool behind) {
    constexpr std::size_t group =
        file_group::most_files + file_group::most_folders;
    return 8 +
           std::max<std::size_t>(depth_limit, behind ? 2 * group : group);
}

/// The files that a `get` asks for, without what the client has already.
/// @param known what it has, looked at to the end.
/// @param left_out gets what cannot be sent.
next_file files_to_send(const root& where, std::vector<std::string> paths,
                        const std::shared_ptr<survey>& known,
                        std::shared_ptr<notes> left_out);

/// Bytes of what a session has to tell of files that are left out.
inline constexpr std::size_t notes_memory = 256 << 10;

} // namespace file_transfer
