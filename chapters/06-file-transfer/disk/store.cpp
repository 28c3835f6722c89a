#include "store.hpp"

#include "checksum.hpp"
#include "survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace file_transfer {

namespace {

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

} // namespace

store::store(const root& where, const store_options& options,
             std::shared_ptr<notes> left_out)
    : where_(where), disk_(where.disk()), options_(options),
      left_out_(std::move(left_out)) {
    begin_group();
}

store::~store() {
    if (current_ && current_->open && current_->size < least_part)
        discard(disk_, *current_);
}

void store::begin_group() {
    group_ = std::make_shared<file_group>(where_, options_, left_out_);
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
        leave_out(why, left_out_.get());
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
    current_ = std::make_unique<arriving_file>();
    current_->about = one;
    current_->folder = folder_;
    current_->name = parts.name;
    current_->part_name = part_name(parts.name);
    require_free_name(one);
    open_part(one);
}

// What is here already keeps its mode and time, as files do.
bool store::is_kept(const entry& folder) const {
    if (!options_.keep_what_is_there || attributes_.contains(folder.path))
        return false;
    try {
        where_.open(folder.path, O_PATH | O_DIRECTORY);
        return true;
    } catch (const failure& missing) {
        if (missing.code() != errc::not_found)
            throw;
        return false;
    }
}

void store::begin_folder(const entry& one) {
    if (is_kept(one))
        enter(split(one.path).folder, 0777); // its name becomes safe
    else
        open_folder(one);
    group_->add_folder();
    if (options_.durable && !disk_.syncfs_tells())
        sync_folder(where_, *folder_);
    end_entry();
}

// Until finish() its owner may write into it, whatever its mode will be.
void store::open_folder(const entry& one) {
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
}

void store::end_entry() {
    if (hands_over_)
        return;
    if (wants_finish())
        finish();
    else if (group_->is_full())
        publish();
}

void store::enter(const std::string& path, mode_t mode) {
    if (!folder_ || path != folder_->path) {
        descriptor open = where_.open_folder(path, mode);
        struct stat facts {};
        if (::fstat(open.get(), &facts) != 0)
            throw storage_failure(errno, "stat", path);
        folder_.reset(
            new opened_folder{std::move(open), path, facts.st_dev});
    }
    group_->writes_to(
        systems_.try_emplace(folder_->system, folder_).first->second);
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
        throw not_replaced(one.path);
}

void store::open_part(const entry& one) {
    using enum locked_file::purpose;
    arriving_file& now = *current_;
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
    const bool waits =
        hands_over_ && (group_->is_full() || wants_finish());
    return !waits && read_before();
}

bool store::read_before() {
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
    while (!read_before()) {
    }
    arriving_file& now = *current_;
    if (bytes.size() > options_.file_limit - now.size)
        throw failure(errc::too_large,
                      fmt::format("{} is above the limit of {} bytes",
                                  in_quotes(now.about.path),
                                  options_.file_limit));
    try {
        write_all(disk_, now.open->get(), bytes, now.size,
                  now.about.path);
    } catch (const failure&) {
        discard(disk_, now); // or a full disk would stay full
        group_->keep_no_parts();
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

void store::complete(std::uint32_t checksum) {
    if (!current_) {
        pass_over();
        return;
    }
    while (!read_before()) {
    }
    arriving_file& now = *current_;
    if (checksum != now.checksum) {
        discard(disk_, now);
        const std::string path = in_quotes(now.about.path);
        current_.reset();
        throw failure(errc::bad_checksum,
                      fmt::format("{} arrived damaged", path));
    }
    group_->add(std::move(current_));
    end_entry();
}

void store::give_up() {
    if (current_)
        discard(disk_, *current_);
    current_.reset();
    pass_over();
}

void store::pass_over() {
    group_->pass_over();
    end_entry();
}

void store::publish() {
    group_->publish();
    count(*group_);
    begin_group();
}

std::shared_ptr<file_group> store::take_full_group() {
    if (!group_->is_full())
        return nullptr;
    const auto full = group_;
    begin_group();
    return full;
}

void store::count(const file_group& published) {
    arrived_.entries += published.arrived().entries;
    arrived_.bytes += published.arrived().bytes;
    found_ += published.found();
    given_up_ += published.given_up();
}

void store::finish() {
    publish();
    if (attributes_.empty())
        return;
    set_folders();
    if (options_.durable && disk_.syncfs_tells())
        group_->sync_systems();
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

holding store::look(const root& where, const std::string& path) {
    survey one(where, {{.path = path}});
    while (!one.advance(slice_clock::time_point::max())) {
    }
    return one.found()[0];
}

} // namespace file_transfer
