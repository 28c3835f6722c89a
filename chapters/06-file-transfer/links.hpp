/// @file
/// One transfer over one of netlab's links, by the programs of this
/// chapter or by others, timed and compared byte by byte.
#pragma once

#include <measure/experiment.hpp>
#include <netlab/network.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace file_transfer {

/// A link with a name: netlab's, or `loss`: 20 ms, 80 Mbit/s, 1 % loss.
netlab::link_settings link_of(const std::string& name);

/// Two hosts, the programs in them, and a folder for each. Made once for
/// a link, in a folder of its own that goes with it.
class transfer_lab {
public:
    /// @param content what is sent. Must outlive it.
    transfer_lab(const std::string& link,
                 const std::filesystem::path& content);
    ~transfer_lab();
    transfer_lab(const transfer_lab&) = delete;
    transfer_lab& operator=(const transfer_lab&) = delete;

    /// Runs a command in the client's host, and one in the server's
    /// before, when it is not empty, until it listens. In both `$ROOT` is
    /// the folder that must be equal to the content when the client has
    /// ended, `$CONTENT` what is sent, and `$PORT` where to listen.
    /// @param ends whether the server ends by itself after one client. It
    /// is then waited for, within the time: it acknowledges nothing, and
    /// the client's end says nothing about what has been written.
    /// @returns `seconds` and `wire_bytes`, headers included.
    /// @throws std::runtime_error when it failed or not all arrived.
    measure::counters run(const std::string& server,
                          const std::string& client, bool ends = false);

private:
    netlab::network network_;
    std::filesystem::path content_, base_;
    unsigned short port_ = 9000;
};

/// Writes the content that is sent: a few large files of several kinds,
/// and small ones.
/// @param small how many files of 2,000 bytes. @param large_bytes of all
/// the large ones together.
void make_content(const std::filesystem::path& where, std::size_t small,
                  std::size_t large_bytes);

} // namespace file_transfer
