/// @file
/// The client: files there, files back, and what to do when the line is
/// cut.
#pragma once

#include "disk/store.hpp"
#include "line/adaptive.hpp"
#include "line/connection.hpp"
#include "pattern.hpp"
#include "wire/record_source.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include <atomic>
#include <set>

namespace file_transfer {

struct client_options {
    std::string host = "127.0.0.1", port = "1234";
    switches without;
    compression_wish compress;
    bool insists_on_zstd = false; ///< says so where the server takes none
    /// That share the files; 0: one, and of put more where losses hold it
    /// back.
    std::size_t connections = 1;
    unsigned retries = 5; ///< in a row, without anything having arrived
    /// What is there already is sent, too.
    bool whole = false;
    /// Files that are as long and as old on both sides are compared.
    bool checksum = false;
    /// Say what would be done, and do none of it.
    bool dry_run = false;
    /// What the source does not have goes, when all else has arrived.
    bool remove = false;
    exclusions excluded;
    store_options store; ///< of get
    /// Bytes of names, and of what is said of them, that a server may
    /// tell.
    std::size_t names_memory = std::size_t{1} << 30;
    timeouts times;
    /// How long each of the server's addresses may take to answer.
    std::chrono::milliseconds connect = blocking_echo::connect_timeout;
};

/// What a user wants to see while it runs. Written by the transfer, read
/// by others.
struct progress_counts {
    std::atomic<std::uint64_t> bytes = 0, entries = 0;
    std::atomic<std::uint64_t> total_bytes = 0; ///< 0: not known
};

/// What a transfer has done.
struct transfer_report {
    std::uint64_t entries = 0; ///< that have arrived
    std::uint64_t bytes = 0;   ///< of content, in this run
    std::uint64_t skipped = 0; ///< were there already
    std::uint64_t resumed_bytes = 0;
    std::uint64_t wire_sent = 0, wire_received = 0; ///< bytes
    std::uint64_t retries = 0;
    std::uint64_t connections = 1;    ///< that shared the files
    std::set<std::string> problems;   ///< what was not, a line each
    std::set<std::string> remarks;    ///< links and the like, a line each
    std::vector<std::string> deleted; ///< or would be, in a dry run
    std::vector<std::string> planned; ///< would be sent, in a dry run

    /// @returns how many problems there are now that were not known.
    std::size_t add(const std::vector<failure>& left_out);
};

/// Bytes of what a server tells of files that are left out; what is above
/// is counted.
inline constexpr std::size_t told_limit = 16 << 20;

/// Counts the names that a server tells and that are kept to the end: it
/// might never come to one.
class told_names {
public:
    explicit told_names(const client_options& options)
        : left_(options.names_memory) {}

    /// @throws failure too_large when there is no room for one more.
    void keep(const entry& one);

private:
    std::size_t left_;
};

/// That a server has said nothing of a path that it was asked for.
failure unanswered(const std::string& path);

/// A connection that has greeted.
/// @throws std::system_error "connect HOST:PORT: ...".
asio::awaitable<std::shared_ptr<connection>>
open_connection(const client_options& options);

/// The server's greeting, for from.meet().
/// @throws peer_failure when it is an error instead, such as busy.
asio::awaitable<void> read_hello(connection& from, frame_space& space,
                                 const client_options& options);

/// The files that paths on this machine stand for, as `cp -r` would name
/// them below @p to. A dash: standard input, under the name @p to. A
/// path inside another of them adds nothing.
/// @param excluded of what is in the folders.
/// @param left_out gets what is not there, and what cannot be read.
/// @throws std::invalid_argument for two that would get one name, an
/// empty one, and a dash without a name; failure.
std::vector<sent_file>
local_files(const std::vector<std::string>& paths, const std::string& to,
            const exclusions& excluded,
            const std::shared_ptr<notes>& left_out);

/// Paths on the server as a user writes them: a dot, a slash and nothing
/// stand for all, and what is inside another adds nothing.
std::vector<std::string>
remote_paths(const std::vector<std::string>& asked);

/// Sends files, or what has changed of them; returns when all of them are
/// safe on the server's disk.
/// @param left_out what of the source could not be had: then nothing is
/// deleted. @throws what stopped it; what had been acknowledged stays.
transfer_report put_files(const client_options& options,
                          std::vector<sent_file> files, notes& left_out,
                          progress_counts& progress);

/// Fetches paths below @p into, or to standard output: a dash.
/// @throws std::invalid_argument for two that would get one name.
transfer_report get_files(const client_options& options,
                          const std::vector<std::string>& paths,
                          const std::string& into,
                          progress_counts& progress);

/// What the server has of some paths, or altogether.
/// @param left_out gets what cannot be listed.
std::vector<entry> list_files(const client_options& options,
                              std::span<const std::string> paths,
                              notes& left_out);

/// Runs coroutines in a context of their own until all are done.
/// @throws what the first that failed has thrown.
void run_all(asio::io_context& context,
             std::vector<asio::awaitable<void>> works);

/// The same for the coroutine that waits for them.
asio::awaitable<void> all_of(std::vector<asio::awaitable<void>> works);

/// Bytes of paths in one message, so that it and its answer fit into a
/// frame.
inline constexpr std::size_t ask_bytes = 256 << 10;

} // namespace file_transfer
