/// @file
/// The same files by what a reader would otherwise use.
#pragma once

#include "links.hpp"
#include "measurements.hpp"

#include <map>
#include <set>
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

/// Their names; and those of rsync's three ways.
std::vector<std::string> peer_names();
inline const std::vector<std::string> rsyncs{"rsync", "rsync_z",
                                             "rsync_zstd"};

/// Who of several is still in the running for the least time. One whose
/// best of two runs took 1.3 times the leader's median is out for good,
/// one that was stopped after its first: to know who is the fastest, the
/// others needn't be measured as often as it. Not thread-safe.
class race {
public:
    bool is_out(const std::string& name) const {
        return out_.contains(name);
    }
    void note(const std::string& name, double seconds, bool stopped);

private:
    double least_median() const;

    std::map<std::string, std::vector<double>> times_;
    std::set<std::string> stopped_, out_;
};

/// Which of the others are added, and how long each may take.
struct peers_wanted {
    std::chrono::seconds patience{15}; ///< then it is stopped
    std::vector<std::string> always{}; ///< these are in no race
    std::vector<std::string> only{};   ///< empty: all
};

/// Adds those that are installed, as cases PREFIX + name that run a race.
/// Says on standard error, once, which are missing. A case that is out
/// leaves no further rows.
void add_peers(cases& together, const std::string& prefix,
               const std::string& link, const content& what,
               const peers_wanted& wanted);

} // namespace file_transfer
