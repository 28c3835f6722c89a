/// @file
/// One transfer over one of netlab's links, by the programs of this
/// chapter or by others, timed at both ends and compared byte by byte.
#pragma once

#include "common/measure/experiment.hpp"
#include "common/netlab/library/network.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace file_transfer {

/// How a program moves files: what runs in the two hosts, as text for
/// bash. Both find `$ROOT`, the folder in which they must arrive,
/// `$CONTENT`, what is sent, `$SERVER` and `$PORT`, where to listen,
/// `$BASE`, a folder for whatever else they need, and in `$COMPRESS`
/// whether a slow link makes that worth it, `yes` or `no`.
struct transfer_method {
    std::string server, client;
    /// The server ends by itself after one client. It is then waited for,
    /// within the time: it acknowledges nothing, and the client's end
    /// says nothing about what has been written.
    bool ends = false;
    /// The client fetches: it stands where the files must arrive, so that
    /// they cross the link in the direction of all others.
    bool pulls = false;
    /// The files arrive on the disk, not in memory.
    bool disk = false;
    /// Where below the root the content must be; several: several times.
    std::vector<std::string> arrives{""};
    /// What makes the root ready before the server starts; not timed.
    std::string prepare{};
    /// After so long the client is stopped; none: after three minutes it
    /// has failed.
    std::optional<std::chrono::seconds> patience{};
};

/// Two hosts with a link between them. `loopback` is that of one host,
/// 127.0.0.1, with the kernel alone; `loss` is 20 ms, 80 Mbit/s, 1 %
/// loss; the others are netlab's.
class transfer_lab {
public:
    explicit transfer_lab(const std::string& link);
    ~transfer_lab();
    transfer_lab(const transfer_lab&) = delete;
    transfer_lab& operator=(const transfer_lab&) = delete;

    /// Moves the content once and compares what has arrived.
    /// @returns `seconds`, from the client's start to its end, or the
    /// server's; `client_cpu_ms` and `server_cpu_ms`, of all processes;
    /// `cpu_ns_per_kib` of both; `server_peak_mib`, and `bound_mib` where
    /// the server has printed one; `strikes` where the client has said
    /// how many it has dealt; over a link `wire_bytes`, headers
    /// included, and `resent_segments`, of TCP. Of a client that was
    /// stopped: `seconds`, the patience with it, and `stopped`, 1; what
    /// it has sent is still on its way, so this lab is of no more use.
    /// @throws std::runtime_error when it failed or not all arrived.
    measure::counters run(const transfer_method& how,
                          const std::filesystem::path& content);

private:
    std::string names(const transfer_method& how,
                      const std::filesystem::path& content) const;
    measure::counters figures(const transfer_method& how,
                              double wire_bytes,
                              double content_bytes) const;
    std::string said() const;
    void prepare(const transfer_method& how, const std::string& start);

    bool one_host_, slow_;
    netlab::network network_;
    std::filesystem::path base_, disk_, root_;
    unsigned short port_ = 9000;
};

/// Where measured files lie: in memory, where there is enough, so that no
/// disk is measured.
std::filesystem::path measured_folder();

} // namespace file_transfer
