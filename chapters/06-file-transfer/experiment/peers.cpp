#include "peers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace file_transfer {

namespace {

bool is_installed(const std::string& program) {
    return std::system(fmt::format("PATH=$PATH:/usr/sbin command -v {} "
                                   ">/dev/null",
                                   program)
                           .c_str()) == 0;
}

// Whether all that it needs is here; else says so.
bool can_run(const known_peer& one) {
    for (const std::string& program : one.needs)
        if (!is_installed(program)) {
            fmt::print(stderr,
                       "experiment: {} is not installed: without {}\n",
                       program, one.name);
            return false;
        }
    return true;
}

bool has(const std::vector<std::string>& names, const std::string& one) {
    return std::ranges::count(names, one) > 0;
}

} // namespace

std::vector<known_peer> installed_peers() {
    static const auto installed = [] {
        auto all = known_peers();
        std::erase_if(all, [](const auto& one) { return !can_run(one); });
        return all;
    }();
    return installed;
}

std::vector<std::string> peer_names() {
    std::vector<std::string> names;
    for (const known_peer& one : known_peers())
        names.push_back(one.name);
    return names;
}

void add_peers(cases& together, const std::string& prefix,
               const std::string& link, const content& what,
               const peers_wanted& wanted) {
    const bool folder = what.what == content::kind::mixed;
    cases running;
    for (const known_peer& one : installed_peers()) {
        if (!wanted.only.empty() && !has(wanted.only, one.name))
            continue;
        transfer_method how = folder ? one.folder : one.file;
        how.patience = wanted.patience;
        cases& group = has(wanted.always, one.name) ? together : running;
        group.emplace_back(prefix + one.name, transfer(link, what, how));
    }
    add_race(together, std::move(running));
}

} // namespace file_transfer
