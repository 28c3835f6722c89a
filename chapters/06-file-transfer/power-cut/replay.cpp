#include "replay.hpp"

#include "disk/locked_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace file_transfer {

namespace {

using kind = disk_change::kind;

void apply(const disk_change& one, std::vector<inode>& disk) {
    inode& here = disk[one.where];
    const auto number = static_cast<std::uint64_t>(one.number);
    switch (one.what) {
    case kind::add: here.names[one.name] = one.child; break;
    case kind::rename:
        here.names.erase(one.name);
        here.names[one.new_name] = one.child;
        break;
    case kind::remove: here.names.erase(one.name); break;
    case kind::grow: here.size = std::max(here.size, number); break;
    case kind::fill: {
        const std::size_t end = number + one.bytes.size();
        here.content.resize(std::max(here.content.size(), end));
        std::ranges::copy(one.bytes, here.content.begin() + one.number);
        break;
    }
    case kind::truncate:
        here.size = number;
        here.content.resize(std::min(here.content.size(), number));
        break;
    case kind::mode: here.mode = static_cast<mode_t>(number); break;
    case kind::time: here.modified_ns = one.number; break;
    default: break; // makes no change
    }
}

void collect(const std::vector<inode>& inodes, const inode& folder,
             const std::string& above, disk_found& found) {
    for (const auto& [name, child] : folder.names) {
        inode here = inodes[child];
        here.content.resize(here.size); // what was never written is 0
        collect(inodes, here, above + name + '/', found);
        found.emplace(above + name, std::move(here));
    }
}

bool is_like(const inode& one, const inode& other) {
    return one.is_folder == other.is_folder &&
           (one.is_folder || one.content == other.content);
}

} // namespace

disk_found named_in(const std::vector<inode>& inodes) {
    disk_found found;
    collect(inodes, inodes.front(), "", found);
    return found;
}

power_cut::power_cut(const disk_log& played)
    : played_(played), safe_(played.inodes) {
    for (const auto& [path, here] : named_in(safe_))
        if (!is_part_name(split(path).name))
            expected_[path] = {{here}, 1};
}

//! [power_cut]
bool power_cut::next() {
    if (at_ == played_.changes.size())
        return false;
    const disk_change& now = played_.changes[at_++];
    const dev_t system = safe_[now.where].system;
    switch (now.what) {
    case kind::sync:
        make_safe(
            [&](const inode&, node one) { return one == now.where; });
        break;
    case kind::sync_system:
        make_safe(
            [&](const inode& one, node) { return one.system == system; });
        break;
    case kind::send:
        expected_[now.name].editions.push_back(now.edition);
        break;
    case kind::tell: {
        expected& known = expected_[now.name];
        known.told = known.editions.size();
        break;
    }
    default: open_.push_back(&now);
    }
    return true;
}

void power_cut::make_safe(
    const std::function<bool(const inode&, node)>& which) {
    std::erase_if(open_, [&](const disk_change* one) {
        const bool now = which(safe_[one->where], one->where);
        if (now)
            apply(*one, safe_);
        return now;
    });
}

disk_found
power_cut::holds(const std::function<bool(std::size_t)>& reached) const {
    std::vector<inode> disk = safe_;
    for (std::size_t i = 0; i < open_.size(); ++i)
        if (reached(i))
            apply(*open_[i], disk);
    return named_in(disk);
}
//! [power_cut]

std::string power_cut::fault_in(const disk_found& found) const {
    for (const auto& [path, known] : expected_) {
        const auto at = found.find(path);
        const auto fault = fault_of(
            path, at == found.end() ? nullptr : &at->second, known);
        if (!fault.empty())
            return fault;
    }
    for (const auto& [path, here] : found)
        if (!here.is_folder && !expected_.contains(path) &&
            !is_part_name(split(path).name))
            return fmt::format("{} is here, and nobody has sent it",
                               path);
    return "";
}

std::string power_cut::fault_of(const std::string& path,
                                const inode* here,
                                const expected& known) const {
    if (!here)
        return known.told > 0 ? path + " is gone" : "";
    std::size_t edition = known.editions.size(); // the last like it
    while (edition > 0 && !is_like(known.editions[edition - 1], *here))
        --edition;
    if (edition == 0)
        return fmt::format("{} has {} bytes that are no edition of it",
                           path, here->size);
    if (edition < known.told)
        return path + " is an older edition than was acknowledged";
    const inode& one = known.editions[edition - 1];
    if (edition == known.told && !one.is_folder &&
        (one.mode != here->mode || one.modified_ns != here->modified_ns))
        return path + " has another mode or time than was acknowledged";
    return "";
}

} // namespace file_transfer
