// Cuts the power behind each step of a store, and shows what the disk may
// hold then. Everything happens in a folder of its own, and no power is
// cut.
#include "disk/checksum.hpp"
#include "disk/locked_file.hpp"
#include "disk/store.hpp"
#include "power-cut/replay.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include <stdlib.h>

using namespace file_transfer;

namespace {

namespace fs = std::filesystem;
using kind = disk_change::kind;

enum class mistake { none, no_fsync, no_folder, early_name };

// The file "notes" is there; another edition takes its place.
disk_log replace_notes(const fs::path& folder) {
    std::ofstream(folder / "notes") << "old";
    recorded_disk disk(folder);
    const root where(folder, disk);
    store files(where, {});
    const std::string text = "new";
    const byte_view content = std::as_bytes(std::span(text));
    entry one;
    one.path = "notes";
    one.size = content.size();
    disk.send(one, content);
    files.begin(one);
    files.content(content);
    files.complete(crc32(0, content));
    files.publish();
    disk.tell(one.path);
    return disk.so_far();
}

// The same log as a store with a mistake would have left it.
void make(mistake which, disk_log& log) {
    auto& all = log.changes;
    const auto is_content = [](const disk_change& one) {
        return one.what == kind::sync && one.where != 0;
    };
    const auto is_folder = [](const disk_change& one) {
        return one.what == kind::sync && one.where == 0;
    };
    if (which == mistake::no_fsync)
        std::erase_if(all, is_content);
    if (which == mistake::no_folder)
        std::erase_if(all, is_folder);
    if (which == mistake::early_name)
        std::iter_swap(
            std::ranges::find_if(all, is_content),
            std::ranges::find(all, kind::rename, &disk_change::what));
}

std::string step(const disk_change& one) {
    switch (one.what) {
    case kind::add: return "create a part";
    case kind::fill:
        return fmt::format("write {} bytes into it", one.bytes.size());
    case kind::mode: return "set its time and mode";
    case kind::sync:
        return one.where == 0 ? "fsync the folder" : "fsync the content";
    case kind::rename: return "rename the part to notes";
    case kind::tell: return "say that it is safe";
    default: return ""; // half of the next one
    }
}

// In the order in which a page would name them.
constexpr std::array states{"missing", "empty", "zeros", "\"old\"",
                            "\"new\""};

std::size_t state(const disk_found& found, const std::string& name) {
    const auto at = found.find(name);
    if (at == found.end())
        return 0;
    const auto& content = at->second.content;
    if (content.empty())
        return 1;
    if (content.front() == std::byte{0})
        return 2;
    return content.front() == std::byte{'o'} ? 3 : 4;
}

std::string shown(const std::set<std::size_t>& cases) {
    std::string text;
    for (const std::size_t one : cases)
        text += (text.empty() ? "" : " or ") + std::string(states[one]);
    return text;
}

// What the file may be, and its part: each case that there is.
void show_cut(const power_cut& moment) {
    std::set<std::size_t> file, part;
    std::set<std::string> faults;
    for (std::size_t reached = 0; reached < 1u << moment.at_risk();
         ++reached) {
        const disk_found found = moment.holds(
            [&](std::size_t change) { return reached >> change & 1; });
        file.insert(state(found, "notes"));
        part.insert(state(found, part_name("notes")));
        faults.insert(moment.fault_in(found));
    }
    fmt::print("  | cut here: notes is {}\n", shown(file));
    if (part != std::set<std::size_t>{0})
        fmt::print("  |           its part is {}\n", shown(part));
    faults.erase("");
    if (!faults.empty())
        fmt::print("  |    WRONG: {}\n", *faults.begin());
}

void show(const disk_log& log) {
    power_cut moment(log);
    fmt::print("begin\n");
    show_cut(moment);
    while (moment.next()) {
        const std::string now = step(moment.last());
        if (now.empty())
            continue;
        fmt::print("{}\n", now);
        show_cut(moment);
    }
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "A file \"notes\" holds \"old\", and \"new\" takes its place. "
        "Behind each step: what the disk may hold when the power goes.",
        "power_cut");
    mistake which = mistake::none;
    line.choice(
        "--mistake", which,
        std::array{std::pair{"none", mistake::none},
                   std::pair{"no-fsync", mistake::no_fsync},
                   std::pair{"no-folder", mistake::no_folder},
                   std::pair{"early-name", mistake::early_name}},
        "leave out the fsync of the content, or of the folder, or "
        "give the name before the content is safe");
    return line.run(argc, argv, [&] {
        std::string form = fs::temp_directory_path() / "power-cut-XXXXXX";
        if (!::mkdtemp(form.data()))
            throw std::system_error(errno, std::system_category(),
                                    "make " + form);
        disk_log log = replace_notes(form);
        fs::remove_all(form);
        make(which, log);
        show(log);
    });
}
