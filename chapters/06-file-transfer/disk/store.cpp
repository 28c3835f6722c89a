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

void write_all(int file, byte_view bytes, std::uint64_t at,
               const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(),
                                         static_cast<off_t>(at));
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

struct store::file {
    entry about;
    std::shared_ptr<descriptor> folder;
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
    : where_(where), options_(options), left_out_(std::move(left_out)) {}

store::~store() {
    for (auto& one : group_)
        discard(*one);
    if (current_ && current_->open && current_->size < least_part)
        discard(*current_);
}

void store::discard(file& one) {
    if (!one.is_named)
        ::unlinkat(one.folder->get(), one.part_name.c_str(), 0);
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
        const bool its_own =
            why.code() == errc::no_access || why.code() == errc::misfit;
        if (!its_own || !left_out_)
            throw;
        left_out_->add(why);
        if (one.what == entry::kind::folder)
            pass_over();
    }
}

namespace {

// Whoever may not open a folder may still change its mode, by its path.
void unlock_folder(const root& where, const std::string& path,
                   mode_t mode) {
    const descriptor folder = where.open(path, O_PATH | O_DIRECTORY);
    const auto link = fmt::format("/proc/self/fd/{}", folder.get());
    ::chmod(link.c_str(), mode); // else the next open says why not
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
    ::fchmod(folder_->get(), open); // fails where it is another user's
    const auto [at, fresh] = attributes_.insert_or_assign(
        one.path, attributes{one.mode, one.modified_ns});
    attribute_bytes_ += fresh ? at->first.size() + sizeof *at : 0;
    ++folders_;
    if (attribute_bytes_ > options_.folder_memory)
        finish();
    else if (group_is_full())
        publish();
}

void store::enter(const std::string& path, mode_t mode) {
    if (!folder_ || path != folder_path_) {
        folder_ = std::make_shared<descriptor>(
            where_.open_folder(path, made_folders_, mode));
        folder_path_ = path;
    }
    struct stat facts {};
    if (::fstat(folder_->get(), &facts) != 0)
        throw storage_failure(errno, "stat", path);
    systems_.emplace(facts.st_dev, folder_);
}

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
        throw failure(
            errc::misfit,
            fmt::format("{} is here already, and is not replaced",
                        in_quotes(one.path)));
}

void store::open_part(const entry& one) {
    using enum locked_file::purpose;
    file& now = *current_;
    const int folder = folder_->get();
    const bool resume = one.offset > 0;
    now.open = locked_file::open(folder, now.part_name,
                                 resume ? write : make, one.path);
    if (!now.open && one.offset == one.size) { // it may be here, whole
        now.open = locked_file::open(folder, now.name, read, one.path);
        now.is_named = now.was_here = true;
    }
    const std::uint64_t size = now.open ? now.open->size() : 0;
    if (resume && size != one.offset)
        throw failure(errc::wrong_offset,
                      fmt::format("{} bytes of {} are here, not {}", size,
                                  in_quotes(one.path), one.offset));
    if (!resume && size > 0 && ::ftruncate(now.open->get(), 0) != 0)
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
        write_all(now.open->get(), bytes, now.size, now.about.path);
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
void set_attributes(int file, std::uint16_t mode, std::int64_t ns) {
    const timespec times[] = {{0, UTIME_NOW}, to_timespec(ns)};
    ::futimens(file, times);
    ::fchmod(file, mode);
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
        set_attributes(now.open->get(), now.about.mode,
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

namespace {

// @param keep what has the new name meanwhile.
bool rename_in(int folder, const std::string& from, const std::string& to,
               bool keep) {
    if (keep)
        return ::renameat2(folder, from.c_str(), folder, to.c_str(),
                           RENAME_NOREPLACE) == 0;
    return ::renameat(folder, from.c_str(), folder, to.c_str()) == 0;
}

} // namespace

//! [publish]
void store::publish() {
    if (options_.durable)
        sync_files();
    for (const auto& one : group_)
        give_name(*one);
    if (options_.durable)
        sync_folders();
    arrived_.entries += group_.size() + folders_;
    found_ += static_cast<std::uint64_t>(std::ranges::count_if(
        group_, [](const auto& one) { return one->was_here; }));
    arrived_.bytes += group_bytes_;
    given_up_ += gone_;
    group_.clear(); // now the locks go
    group_bytes_ = folders_ = gone_ = group_folders_ = 0;
    made_folders_ = false;
    systems_.clear();
}

void store::give_name(file& one) {
    const int folder = one.folder->get();
    if (!one.is_named && !rename_in(folder, one.part_name, one.name,
                                    options_.keep_what_is_there))
        throw storage_failure(errno, "rename to", one.about.path);
    one.is_named = true; // what has the part's name now is another's
}

void store::sync_files() {
    if (group_.size() > few) {
        sync_systems();
        return;
    }
    for (const auto& one : group_)
        sync_or_throw(::fsync(one->open->get()), "fsync",
                      one->about.path);
}

void store::sync_folders() {
    if (made_folders_ || group_.size() > few) {
        sync_systems();
        return;
    }
    const descriptor* last = nullptr; // neighbours share their folder
    for (const auto& one : group_)
        if (std::exchange(last, one->folder.get()) != one->folder.get())
            sync_or_throw(::fsync(one->folder->get()),
                          "fsync the folder of", one->about.path);
}
//! [publish]

// Another file system may be mounted below the root. And Linux tells each
// open description of an error once, and of none before its open: so no
// two stores share theirs.
void store::sync_systems() {
    for (const auto& [device, folder] : systems_)
        sync_or_throw(::syncfs(folder->get()), "syncfs", "the root");
}

void store::finish() {
    publish();
    if (attributes_.empty())
        return;
    set_folders();
    if (options_.durable)
        sync_systems();
    systems_.clear();
}

// In the reverse of their order a folder comes before the one it is in:
// afterwards it may be out of reach.
void store::set_folders() {
    for (auto one = attributes_.rbegin(); one != attributes_.rend();
         ++one) {
        try {
            enter(one->first, S_IRWXU);
            set_attributes(folder_->get(), one->second.mode,
                           one->second.modified_ns);
        } catch (const failure&) { // it has been moved away meanwhile
        }
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
    while (!one.advance()) {
    }
    return one.found()[0];
}

} // namespace file_transfer
