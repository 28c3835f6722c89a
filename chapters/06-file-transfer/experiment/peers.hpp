/// @file
/// The same files by what a reader would otherwise use.
#pragma once

#include "links.hpp"
#include "measurements.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace file_transfer {

/// Another program, in the way that its own manual recommends.
struct known_peer {
    std::string name;
    std::vector<std::string> needs; ///< commands that must be installed
    transfer_method folder;         ///< how it moves one
    transfer_method file;           ///< and a single file
};

/// All of them, installed or not: `nc`, `nc_gzip`, `nc_zstd`, `rsync`,
/// `rsync_z`, `rsync_zstd`, `scp`, `sftp`, `lftp`, `rclone`, `http`,
/// `http_gzip`. A folder goes through tar where nc is used.
const std::vector<known_peer>& known_peers();

/// Those that are installed. Says on standard error, once, which others
/// are skipped.
std::vector<known_peer> installed_peers();

/// The names of all; and those of rsync's three ways.
std::vector<std::string> peer_names();
inline const std::vector<std::string> rsyncs{"rsync", "rsync_z",
                                             "rsync_zstd"};

/// Which of the others are added, and how long each may take.
struct peers_wanted {
    std::chrono::seconds patience{15}; ///< then it is stopped
    std::vector<std::string> always{}; ///< these are in no race
    std::vector<std::string> only{};   ///< empty: all
};

/// Adds those that are installed, as cases PREFIX + name that run a race.
void add_peers(cases& together, const std::string& prefix,
               const std::string& link, const content& what,
               const peers_wanted& wanted);

} // namespace file_transfer
