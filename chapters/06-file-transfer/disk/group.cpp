#include "group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>

namespace file_transfer {

namespace {

// Fewer files than this are synchronized one by one.
constexpr std::size_t few = 4;

} // namespace

void sync_or_throw(int result, const char* what,
                   const std::string& path) {
    if (result != 0)
        throw storage_failure(errno, what, path);
}

void leave_out(const failure& why, notes* left_out) {
    if (why.code() == errc::storage || !left_out)
        throw why;
    left_out->add(why);
}

failure not_replaced(const std::string& path) {
    return {errc::misfit,
            fmt::format("{} is here already, and is not replaced",
                        in_quotes(path))};
}

void set_attributes(disk_calls& disk, int file, std::uint16_t mode,
                    std::int64_t modified_ns) {
    disk.futimens(file, to_timespec(modified_ns));
    disk.fchmod(file, mode);
}

void discard(disk_calls& disk, const arriving_file& one) {
    if (!one.is_named)
        disk.unlinkat(one.folder->get(), one.part_name.c_str());
}

file_group::file_group(const root& where, const store_options& options,
                       std::shared_ptr<notes> left_out)
    : where_(where), disk_(where.disk()), options_(options),
      left_out_(std::move(left_out)) {}

file_group::~file_group() {
    for (const auto& one : files_)
        if (!keeps_parts_ || one->size < least_part)
            discard(disk_, *one);
}

void file_group::writes_to(const std::shared_ptr<opened_folder>& opened) {
    if (std::ranges::find(systems_, opened) == systems_.end())
        systems_.push_back(opened);
}

void file_group::add(std::unique_ptr<arriving_file> complete) {
    bytes_ += complete->size - complete->about.offset;
    if (files_.empty() || files_.back()->folder != complete->folder)
        ++folders_in_;
    files_.push_back(std::move(complete));
}

bool file_group::is_full() const {
    const std::size_t most = options_.group ? most_files : 1;
    return files_.size() + folders_ + gone_ >= most ||
           folders_in_ >= most_folders || bytes_ >= most_bytes;
}

//! [publish]
void file_group::publish() {
    give_attributes();
    if (options_.durable)
        sync_files();
    for (const auto& one : files_)
        give_name(*one);
    // gone_: they got no name, and the client is told. found_: they
    // were here already, whole, and so were not sent.
    gone_ += std::erase_if(
        files_, [](const auto& one) { return !one->is_named; });
    if (options_.durable)
        sync_folders();
    found_ = static_cast<std::uint64_t>(std::ranges::count_if(
        files_, [](const auto& one) { return one->was_here; }));
    arrived_ = {files_.size() + folders_, bytes_};
    files_.clear(); // now the locks go
}
//! [publish]

void file_group::give_attributes() {
    for (const auto& one : files_)
        if (!one->was_here || !options_.keep_what_is_there)
            set_attributes(disk_, one->open->get(), one->about.mode,
                           one->about.modified_ns);
}

void file_group::give_name(arriving_file& one) {
    if (one.is_named)
        return;
    const unsigned flags =
        options_.keep_what_is_there ? RENAME_NOREPLACE : 0;
    one.is_named =
        disk_.renameat(one.folder->get(), one.part_name.c_str(),
                       one.name.c_str(), flags) == 0;
    if (one.is_named)
        return;               // what has the part's name now is another's
    leave_out(errno == EEXIST // it came meanwhile
                  ? not_replaced(one.about.path)
                  : storage_failure(errno, "rename to", one.about.path),
              left_out_.get());
    discard(disk_, one);
    bytes_ -= one.size - one.about.offset;
}

//! [make_safe]
void file_group::sync_files() {
    keep_no_parts(); // of what the disk does not make safe
    if (shares_syncs()) {
        sync_systems();
        return;
    }
    for (const auto& one : files_)
        sync_or_throw(disk_.fsync(one->open->get()), "fsync",
                      one->about.path);
}

void file_group::sync_folders() {
    if (shares_syncs()) {
        sync_systems();
        return;
    }
    const opened_folder* last = nullptr; // neighbours share their folder
    for (const auto& one : files_)
        if (std::exchange(last, one->folder.get()) != one->folder.get())
            sync_folder(where_, *one->folder);
}

// A name is safe when those above it are. Whoever made these folders may
// not be done with them.
void sync_folder(const root& where, opened_folder& one) {
    const auto sync = [&](int opened) {
        sync_or_throw(where.disk().fsync(opened), "fsync the folder",
                      one.path);
    };
    sync(one.get());
    for (std::string path = one.path;
         !path.empty() && !one.has_safe_name;) {
        path = split(path).folder;
        try {
            sync(where.open(path, O_RDONLY | O_DIRECTORY).get());
        } catch (const failure& closed) { // and so it is not a new one
            if (closed.code() != errc::no_access)
                throw;
        }
    }
    one.has_safe_name = true;
}

// Many files, or folders, whose names stand in others.
bool file_group::shares_syncs() const {
    return (files_.size() > few || folders_ > 0) && disk_.syncfs_tells();
}

// Another file system may be mounted below the root. And Linux tells each
// open description of an error once, and of none before its open: so no
// two stores share theirs.
void file_group::sync_systems() {
    for (const auto& opened : systems_)
        sync_or_throw(disk_.syncfs(opened->get()), "syncfs",
                      opened->path);
}
//! [make_safe]

} // namespace file_transfer
