#include "peers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace file_transfer {

namespace {

constexpr double far_behind = 1.3;

bool is_installed(const std::string& program) {
    return std::system(fmt::format("PATH=$PATH:/usr/sbin command -v {} "
                                   ">/dev/null",
                                   program)
                           .c_str()) == 0;
}

// Says it once of each.
bool can_run(const known_peer& one) {
    static std::map<std::string, bool> known;
    const auto [found, is_new] = known.try_emplace(one.name, true);
    for (const std::string& program : one.needs)
        if (is_new && !is_installed(program)) {
            fmt::print(stderr,
                       "experiment: {} is skipped: {} is not installed\n",
                       one.name, program);
            found->second = false;
            break;
        }
    return found->second;
}

bool has(const std::vector<std::string>& names, const std::string& one) {
    return std::ranges::count(names, one) > 0;
}

double value_of(const measure::counters& row, const std::string& name) {
    for (const auto& [key, value] : row)
        if (key == name)
            return value;
    return 0;
}

measure::measurement in_race(std::shared_ptr<race> running,
                             std::string name,
                             measure::measurement body) {
    return [=](bool smoke) -> measure::counters {
        if (!smoke && running->is_out(name))
            return {};
        const auto row = body(smoke);
        running->note(name, value_of(row, "seconds"),
                      value_of(row, "stopped") > 0);
        return row;
    };
}

} // namespace

std::vector<std::string> peer_names() {
    std::vector<std::string> names;
    for (const known_peer& one : known_peers())
        names.push_back(one.name);
    return names;
}

void race::note(const std::string& name, double seconds, bool stopped) {
    times_[name].push_back(seconds);
    if (stopped)
        stopped_.insert(name);
    const double leader = least_median();
    for (const auto& [one, times] : times_)
        if ((times.size() > 1 || stopped_.contains(one)) &&
            std::ranges::min(times) > far_behind * leader)
            out_.insert(one);
}

double race::least_median() const {
    double least = measure::median(times_.begin()->second);
    for (const auto& [name, times] : times_)
        least = std::min(least, measure::median(times));
    return least;
}

void add_peers(cases& together, const std::string& prefix,
               const std::string& link, const content& what,
               const peers_wanted& wanted) {
    const bool folder = what.what == content::kind::mixed;
    const auto running = std::make_shared<race>();
    for (const known_peer& one : known_peers()) {
        if (!wanted.only.empty() && !has(wanted.only, one.name))
            continue;
        if (!can_run(one))
            continue;
        transfer_method how = folder ? one.folder : one.file;
        how.patience = wanted.patience;
        auto body = transfer(link, what, how);
        if (!has(wanted.always, one.name))
            body = in_race(running, one.name, std::move(body));
        together.emplace_back(prefix + one.name, std::move(body));
    }
}

} // namespace file_transfer
