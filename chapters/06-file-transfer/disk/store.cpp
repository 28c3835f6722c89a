#include "store.hpp"

#include "checksum.hpp"

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

// Fewer files than this are synchronized one by one.
constexpr std::size_t few = 4;

// So many bytes are read at a time.
constexpr std::size_t read_size = 256 << 10;

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

std::uint32_t checksum_of(int file, std::uint64_t size,
                          const std::string& path) {
    std::vector<std::byte> space(
        static_cast<std::size_t>(std::min<std::uint64_t>(
            read_size, size))); // of many small files, not 256 KiB each
    std::uint32_t checksum = 0;
    for (std::uint64_t at = 0; at < size;) {
        const auto most =
            std::min<std::uint64_t>(space.size(), size - at);
        const ssize_t got =
            ::pread(file, space.data(), most, static_cast<off_t>(at));
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            throw storage_failure(errno, "read", path);
        if (got == 0)
            throw failure(errc::changed, fmt::format("{} became shorter",
                                                     in_quotes(path)));
        checksum =
            crc32(checksum,
                  byte_view(space).first(static_cast<std::size_t>(got)));
        at += static_cast<std::uint64_t>(got);
    }
    return checksum;
}

void sync_or_throw(int result, const char* what,
                   const std::string& path) {
    if (result != 0)
        throw storage_failure(errno, what, path);
}

} // namespace

bool path_locks::take(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    return taken_.insert(path).second;
}

void path_locks::release(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    taken_.erase(path);
}

// A file on its way to its name; it has its path's lock.
struct store::file {
    file(const entry& entry_, path_locks& locks_,
         std::shared_ptr<descriptor> folder_)
        : about(entry_), locks(locks_), folder(std::move(folder_)),
          name(split(entry_.path).name), part_name(partial_name(name)) {
        if (!locks.take(about.path))
            throw failure(errc::in_use,
                          fmt::format("{} is being written",
                                      in_quotes(about.path)));
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() { locks.release(about.path); }

    entry about;
    path_locks& locks;
    std::shared_ptr<descriptor> folder;
    std::string name, part_name;
    std::optional<descriptor> open;
    std::uint64_t size = 0, behind = 0;
    std::uint32_t checksum = 0;
};

store::store(const root& where, path_locks& locks,
             const store_options& options)
    : where_(where), locks_(locks), options_(options) {}

store::~store() {
    for (auto& one : group_)
        discard(*one);
    if (current_ && current_->open && current_->size < least_part)
        discard(*current_);
}

void store::discard(file& one) {
    ::unlinkat(one.folder->get(), one.part_name.c_str(), 0);
}

void store::reopen_folder(const std::string& path) {
    if (folder_ && path == folder_path_)
        return;
    folder_ = std::make_shared<descriptor>(
        where_.open_folder(path, made_folders_));
    folder_path_ = path;
}

void store::begin(const entry& one) {
    check_path(one.path);
    if (one.what == entry::kind::folder) {
        make_folder(one);
        return;
    }
    if (one.size != unknown_size && one.size > options_.file_limit)
        throw failure(errc::too_large,
                      fmt::format("{} has {} bytes, the limit is {}",
                                  in_quotes(one.path), one.size,
                                  options_.file_limit));
    reopen_folder(split(one.path).folder);
    current_ = std::make_unique<file>(one, locks_, folder_);
    open_part(one);
}

void store::make_folder(const entry& one) {
    reopen_folder(one.path);
    ++folders_;
    if (group_is_full())
        publish();
}

void store::open_part(const entry& one) {
    const bool resume = one.offset > 0;
    const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC |
                      (resume ? 0 : O_CREAT | O_TRUNC);
    int opened = -1;
    do
        opened = ::openat(folder_->get(), current_->part_name.c_str(),
                          flags, mode_t{one.mode} | S_IWUSR);
    while (opened == -1 && errno == EINTR);
    if (opened == -1 && !(resume && errno == ENOENT))
        throw storage_failure(errno, "create", one.path);
    if (opened != -1)
        current_->open.emplace(opened);
    struct stat facts {}; // of a new file: empty
    if (resume && opened != -1 && ::fstat(opened, &facts) != 0)
        throw storage_failure(errno, "stat", one.path);
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    if (size != one.offset) {
        current_.reset(); // changes nothing
        throw failure(errc::wrong_offset,
                      fmt::format("{} bytes of {} are here, not {}", size,
                                  in_quotes(one.path), one.offset));
    }
    current_->size = current_->behind = one.offset;
    current_->checksum = checksum_of(opened, one.offset, one.path);
}

void store::content(byte_view bytes) {
    write(bytes);
    current_->checksum = crc32(current_->checksum, bytes);
}

void store::summed_content(const summed_bytes& piece) {
    write(piece.bytes);
    current_->checksum = crc32_joined(current_->checksum, piece);
}

void store::write(byte_view bytes) {
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

void store::complete(std::uint32_t checksum) {
    file& now = *current_;
    if (checksum != now.checksum) {
        discard(now);
        const std::string path = in_quotes(now.about.path);
        current_.reset();
        throw failure(errc::bad_checksum,
                      fmt::format("{} arrived damaged", path));
    }
    const auto ns = now.about.modified_ns;
    const timespec modified{static_cast<time_t>(ns / 1'000'000'000),
                            static_cast<long>(ns % 1'000'000'000)};
    const timespec times[] = {{0, UTIME_NOW}, modified};
    ::futimens(now.open->get(), times); // the content matters, not this
    group_bytes_ += now.size - now.about.offset;
    group_.push_back(std::move(current_));
    if (group_.size() > few) // syncfs needs none of them open
        group_.back()->open.reset();
    if (group_is_full())
        publish();
}

void store::give_up() {
    discard(*current_);
    current_.reset();
    ++given_up_;
}

bool store::group_is_full() const {
    const std::size_t most = options_.group ? group_files : 1;
    return group_.size() + folders_ >= most ||
           group_bytes_ >= group_bytes;
}

//! [publish]
void store::publish() {
    if (options_.durable)
        sync_files();
    for (const auto& one : group_)
        if (::renameat(one->folder->get(), one->part_name.c_str(),
                       one->folder->get(), one->name.c_str()) != 0)
            throw storage_failure(errno, "rename to", one->about.path);
    if (options_.durable)
        sync_folders();
    arrived_.entries += group_.size() + folders_;
    arrived_.bytes += group_bytes_;
    group_.clear();
    group_bytes_ = folders_ = 0;
    made_folders_ = false;
}

void store::sync_files() {
    if (group_.size() > few) {
        sync_or_throw(::syncfs(where_.get()), "syncfs", "the root");
        return;
    }
    for (const auto& one : group_)
        sync_or_throw(::fsync(one->open->get()), "fsync",
                      one->about.path);
}

void store::sync_folders() {
    if (made_folders_ || group_.size() > few) {
        sync_or_throw(::syncfs(where_.get()), "syncfs", "the root");
        return;
    }
    const descriptor* last = nullptr; // neighbours share their folder
    for (const auto& one : group_)
        if (std::exchange(last, one->folder.get()) != one->folder.get())
            sync_or_throw(::fsync(one->folder->get()),
                          "fsync the folder of", one->about.path);
}
//! [publish]

std::uint32_t checksum_of_start(const root& where,
                                const std::string& path,
                                std::uint64_t size) {
    const descriptor file = where.open(path, O_RDONLY | O_NONBLOCK);
    return checksum_of(file.get(), size, path);
}

holding store::look(const root& where, const std::string& path) {
    check_path(path);
    const split_path parts = split(path);
    const std::string part_path =
        parts.folder.empty()
            ? partial_name(parts.name)
            : parts.folder + '/' + partial_name(parts.name);
    for (const auto state : {holding::state::part, holding::state::all}) {
        try {
            const descriptor file =
                state == holding::state::all
                    ? where.open(path, O_RDONLY | O_NONBLOCK)
                    : where.open_unchecked(part_path,
                                           O_RDONLY | O_NONBLOCK);
            struct stat facts {};
            if (::fstat(file.get(), &facts) != 0 ||
                !S_ISREG(facts.st_mode))
                continue;
            const auto size = static_cast<std::uint64_t>(facts.st_size);
            return {state, size, checksum_of(file.get(), size, path),
                    path};
        } catch (const failure& missing) {
            if (missing.code() != errc::not_found)
                throw;
        }
    }
    return {holding::state::nothing, 0, 0, path};
}

} // namespace file_transfer
