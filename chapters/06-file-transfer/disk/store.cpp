#include "store.hpp"

#include "checksum.hpp"
#include "locked_file.hpp"
#include "prefix_checksum.hpp"
#include "survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace file_transfer {

namespace {

// Fewer files than this are synchronized one by one.
constexpr std::size_t few = 4;

// Parts below this are not worth resuming.
constexpr std::uint64_t least_part = 64 << 10;

// The disk starts on so many bytes before fsync asks for them.
constexpr std::uint64_t write_behind = 8 << 20;

void write_all(disk_calls& disk, int file, byte_view bytes,
               std::uint64_t at, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = disk.pwrite(file, bytes, at);
        if (written == -1 && errno == EINTR)
            continue;
        if (written == -1)
            throw storage_failure(errno, "write", path);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        at += static_cast<std::uint64_t>(written);
    }
}

void sync_or_throw(int result, const char* what,
                   const std::string& path) {
    if (result != 0)
        throw storage_failure(errno, what, path);
}

} // namespace

struct store::opened_folder {
    descriptor open;
    std::string path;
    bool has_safe_name = false; // and so have all above it

    int get() const { return open.get(); }
};

struct store::file {
    entry about;
    std::shared_ptr<opened_folder> folder;
    std::string name, part_name;
    std::optional<locked_file> open;
    bool is_named = false; // it has its own name, and no part
    bool was_here = false;
    std::uint64_t size = 0, behind = 0;
    std::uint32_t checksum = 0;
    std::optional<prefix_checksum> before; // to be read: what is here
};

store::store(const root& where, const store_options& options,
             std::shared_ptr<notes> left_out)
    : where_(where), disk_(where.disk()), options_(options),
      left_out_(std::move(left_out)) {}

store::~store() {
    for (auto& one : group_)
        discard(*one);
    if (current_ && current_->open && current_->size < least_part)
        discard(*current_);
}

void store::discard(file& one) {
    if (!one.is_named)
        disk_.unlinkat(one.folder->get(), one.part_name.c_str());
}

void store::begin(const entry& one) {
    check_path(one.path);
    try {
        if (one.what == entry::kind::folder)
            begin_folder(one);
        else
            begin_file(one);
    } catch (const failure& why) {
        current_.reset(); // what was there is as it was
        leave_out(why);
        if (one.what == entry::kind::folder)
            pass_over();
    }
}

// Others may still arrive, unless it is the disk that fails.
void store::leave_out(const failure& why) {
    if (why.code() == errc::storage || !left_out_)
        throw why;
    left_out_->add(why);
}

namespace {

// Whoever may not open a folder may still change its mode, by its path.
void unlock_folder(const root& where, const std::string& path,
                   mode_t mode) {
    const descriptor folder = where.open(path, O_PATH | O_DIRECTORY);
    const auto link = fmt::format("/proc/self/fd/{}", folder.get());
    // Where that fails the next open says why.
    where.disk().chmod(link.c_str(), mode);
}

} // namespace

void store::begin_file(const entry& one) {
    const std::uint64_t least =
        one.size == unknown_size ? one.offset : one.size;
    if (least > options_.file_limit)
        throw failure(errc::too_large,
                      fmt::format("{} has {} bytes, the limit is {}",
                                  in_quotes(one.path), least,
                                  options_.file_limit));
    const split_path parts = split(one.path);
    enter(parts.folder, 0777);
    current_ = std::make_unique<file>();
    current_->about = one;
    current_->folder = folder_;
    current_->name = parts.name;
    current_->part_name = part_name(parts.name);
    require_free_name(one);
    open_part(one);
}

// Until finish() its owner may write into it, whatever its mode will be.
void store::begin_folder(const entry& one) {
    const mode_t open = one.mode | S_IRWXU;
    try {
        enter(one.path, open);
    } catch (const failure& closed) { // as an earlier finish() left it
        if (closed.code() != errc::no_access)
            throw;
        unlock_folder(where_, one.path, open);
        enter(one.path, open);
    }
    disk_.fchmod(folder_->get(), open); // fails where it is another's
    const auto [at, fresh] = attributes_.insert_or_assign(
        one.path, attributes{one.mode, one.modified_ns});
    attribute_bytes_ += fresh ? at->first.size() + sizeof *at : 0;
    ++folders_;
    if (options_.durable && !disk_.syncfs_tells())
        sync_folder(*folder_);
    if (attribute_bytes_ > options_.folder_memory)
        finish();
    else if (group_is_full())
        publish();
}

void store::enter(const std::string& path, mode_t mode) {
    if (!folder_ || path != folder_->path)
        folder_ = std::make_shared<opened_folder>(
            opened_folder{where_.open_folder(path, mode), path});
    struct stat facts {};
    if (::fstat(folder_->get(), &facts) != 0)
        throw storage_failure(errno, "stat", path);
    systems_.try_emplace(facts.st_dev, system{folder_})
        .first->second.is_written = true;
}

namespace {

failure not_replaced(const std::string& path) {
    return {errc::misfit,
            fmt::format("{} is here already, and is not replaced",
                        in_quotes(path))};
}

} // namespace

void store::require_free_name(const entry& one) const {
    struct stat facts {};
    if (::fstatat(folder_->get(), current_->name.c_str(), &facts,
                  AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISDIR(facts.st_mode))
        throw failure(errc::misfit, fmt::format("{} is a folder here",
                                                in_quotes(one.path)));
    const bool is_whole = one.offset > 0 && one.offset == one.size;
    if (options_.keep_what_is_there && !is_whole)
        throw not_replaced(one.path);
}

void store::open_part(const entry& one) {
    using enum locked_file::purpose;
    file& now = *current_;
    const int folder = folder_->get();
    const bool resume = one.offset > 0;
    now.open = locked_file::open(folder, now.part_name,
                                 resume ? write : make, one.path, disk_);
    if (!now.open && one.offset == one.size) { // it may be here, whole
        now.open =
            locked_file::open(folder, now.name, read, one.path, disk_);
        now.is_named = now.was_here = true;
    }
    const std::uint64_t size = now.open ? now.open->size() : 0;
    if (resume && size != one.offset)
        throw failure(errc::wrong_offset,
                      fmt::format("{} bytes of {} are here, not {}", size,
                                  in_quotes(one.path), one.offset));
    if (!resume && size > 0 && disk_.ftruncate(now.open->get(), 0) != 0)
        throw storage_failure(errno, "truncate", one.path);
    now.size = now.behind = one.offset;
    if (resume)
        now.before.emplace(now.open->get(), one.offset, one.path);
}

bool store::catch_up() {
    if (!current_ || !current_->before)
        return true;
    if (!current_->before->advance())
        return false;
    current_->checksum = current_->before->value();
    current_->before.reset();
    return true;
}

void store::content(byte_view bytes) {
    if (!current_)
        return; // it is left out
    write(bytes);
    current_->checksum = crc32(current_->checksum, bytes);
}

void store::summed_content(const summed_bytes& piece) {
    if (!current_)
        return;
    write(piece.bytes);
    current_->checksum = crc32_joined(current_->checksum, piece);
}

void store::write(byte_view bytes) {
    while (!catch_up()) {
    }
    file& now = *current_;
    if (bytes.size() > options_.file_limit - now.size)
        throw failure(errc::too_large,
                      fmt::format("{} is above the limit of {} bytes",
                                  in_quotes(now.about.path),
                                  options_.file_limit));
    try {
        write_all(disk_, now.open->get(), bytes, now.size,
                  now.about.path);
    } catch (const failure&) {
        discard(now); // or a full disk would stay full
        throw;
    }
    now.size += bytes.size();
    if (options_.durable && now.size - now.behind >= write_behind) {
        ::sync_file_range(now.open->get(), static_cast<off_t>(now.behind),
                          static_cast<off_t>(now.size - now.behind),
                          SYNC_FILE_RANGE_WRITE); // a hint: may fail
        now.behind = now.size;
    }
}

namespace {

// The content matters, and not this: a file system may know no modes.
void set_attributes(disk_calls& disk, int file, std::uint16_t mode,
                    std::int64_t ns) {
    disk.futimens(file, to_timespec(ns));
    disk.fchmod(file, mode);
}

} // namespace

void store::complete(std::uint32_t checksum) {
    if (!current_) {
        pass_over();
        return;
    }
    while (!catch_up()) {
    }
    file& now = *current_;
    if (checksum != now.checksum) {
        discard(now);
        const std::string path = in_quotes(now.about.path);
        current_.reset();
        throw failure(errc::bad_checksum,
                      fmt::format("{} arrived damaged", path));
    }
    if (!now.was_here || !options_.keep_what_is_there)
        set_attributes(disk_, now.open->get(), now.about.mode,
                       now.about.modified_ns);
    group_bytes_ += now.size - now.about.offset;
    if (group_.empty() || group_.back()->folder != now.folder)
        ++group_folders_;
    group_.push_back(std::move(current_));
    if (group_is_full())
        publish();
}

void store::give_up() {
    if (current_)
        discard(*current_);
    current_.reset();
    pass_over();
}

void store::pass_over() {
    ++gone_;
    if (group_is_full())
        publish();
}

bool store::group_is_full() const {
    const std::size_t most = options_.group ? group_files : 1;
    return group_.size() + folders_ + gone_ >= most ||
           group_folders_ >= group_folders || group_bytes_ >= group_bytes;
}

//! [publish]
void store::publish() {
    if (options_.durable)
        sync_files();
    for (const auto& one : group_)
        give_name(*one);
    gone_ += std::erase_if(
        group_, [](const auto& one) { return !one->is_named; });
    if (options_.durable)
        sync_folders();
    arrived_.entries += group_.size() + folders_;
    found_ += static_cast<std::uint64_t>(std::ranges::count_if(
        group_, [](const auto& one) { return one->was_here; }));
    arrived_.bytes += group_bytes_;
    given_up_ += gone_;
    group_.clear(); // now the locks go
    group_bytes_ = folders_ = gone_ = group_folders_ = 0;
    for (auto& [device, one] : systems_)
        one.is_written = false;
}
//! [publish]

void store::give_name(file& one) {
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
                  : storage_failure(errno, "rename to", one.about.path));
    discard(one);
    group_bytes_ -= one.size - one.about.offset;
}

//! [make_safe]
void store::sync_files() {
    if (shares_syncs()) {
        sync_systems();
        return;
    }
    for (const auto& one : group_)
        sync_or_throw(disk_.fsync(one->open->get()), "fsync",
                      one->about.path);
}

void store::sync_folders() {
    if (shares_syncs()) {
        sync_systems();
        return;
    }
    const opened_folder* last = nullptr; // neighbours share their folder
    for (const auto& one : group_)
        if (std::exchange(last, one->folder.get()) != one->folder.get())
            sync_folder(*one->folder);
}

// A name is safe when those above it are. Whoever made these folders may
// not be done with them.
void store::sync_folder(opened_folder& one) {
    const auto sync = [&](int opened) {
        sync_or_throw(disk_.fsync(opened), "fsync the folder", one.path);
    };
    sync(one.get());
    for (std::string path = one.path;
         !path.empty() && !one.has_safe_name;) {
        path = split(path).folder;
        try {
            sync(where_.open(path, O_RDONLY | O_DIRECTORY).get());
        } catch (const failure& closed) { // and so it is not a new one
            if (closed.code() != errc::no_access)
                throw;
        }
    }
    one.has_safe_name = true;
}

// Many files, or folders, whose names stand in others.
bool store::shares_syncs() const {
    return (group_.size() > few || folders_ > 0) && disk_.syncfs_tells();
}

// Another file system may be mounted below the root. And Linux tells each
// open description of an error once, and of none before its open: so no
// two stores share theirs.
void store::sync_systems() {
    for (auto& [device, one] : systems_)
        if (one.is_written)
            sync_or_throw(disk_.syncfs(one.opened->get()), "syncfs",
                          one.opened->path);
}
//! [make_safe]

void store::finish() {
    publish();
    if (attributes_.empty())
        return;
    set_folders();
    if (options_.durable && disk_.syncfs_tells())
        sync_systems();
}

// In the reverse of their order a folder comes before the one it is in:
// afterwards it may be out of reach.
void store::set_folders() {
    for (auto one = attributes_.rbegin(); one != attributes_.rend();
         ++one) {
        try {
            enter(one->first, S_IRWXU);
        } catch (const failure&) { // it has been moved away meanwhile
            continue;
        }
        set_attributes(disk_, folder_->get(), one->second.mode,
                       one->second.modified_ns);
        if (options_.durable && !disk_.syncfs_tells())
            sync_or_throw(disk_.fsync(folder_->get()), "fsync",
                          one->first);
    }
    folder_.reset();
    attributes_.clear();
    attribute_bytes_ = 0;
}

std::uint32_t checksum_of_start(const root& where,
                                const std::string& path,
                                std::uint64_t size) {
    const descriptor file = where.open(path, O_RDONLY | O_NONBLOCK);
    prefix_checksum sum(file.get(), size, path);
    while (!sum.advance()) {
    }
    return sum.value();
}

holding store::look(const root& where, const std::string& path) {
    survey one(where, {{.path = path}});
    while (!one.advance(slice_clock::time_point::max())) {
    }
    return one.found()[0];
}

} // namespace file_transfer
