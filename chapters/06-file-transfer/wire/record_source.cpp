#include "record_source.hpp"

#include "disk/checksum.hpp"
#include "disk/tree.hpp"
#include "fields.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace file_transfer {

namespace {

// Of a record: one byte says what it is.
constexpr std::size_t content_head = 1 + 4;
constexpr std::size_t end_record = 1 + 4;
constexpr std::size_t entry_head = 1 + 1 + 2 + 8 + 8 + 8 + 2;
// Less room than this is not worth a piece.
constexpr std::size_t least_piece = 512;
// How long a pipe may pause before what came of it leaves; and before the
// peer is shown that somebody is here.
constexpr int leave_after_ms = 200, show_after_ms = 1000;

} // namespace

record_source::record_source(const root& where, next_file next,
                             std::size_t block_size, bool alone,
                             std::shared_ptr<notes> left_out)
    : where_(where), next_(std::move(next)), block_size_(block_size),
      alone_(alone), left_out_(std::move(left_out)) {}

bool record_source::has_room(const block_bytes& block,
                             std::size_t wanted) const {
    const std::size_t used = block.size() - block_data_at;
    return used == 0 || used + wanted <= block_size_;
}

std::uint64_t record_source::fill(block_bytes& block,
                                  std::vector<summed_bytes>* sums,
                                  slice_clock::time_point until) {
    sums_ = sums;
    const std::uint64_t before = entries_;
    paused_ = false;
    while (!ended_) {
        paused_ = !now_ && !alone_ && entries_ > before &&
                  slice_clock::now() >= until;
        if (paused_)
            break;
        if (!now_ && alone_ && entries_ > before)
            break; // the next file gets a block of its own
        if (!now_ && !open_next(block))
            break;
        if (!now_)
            continue; // a folder, or a file that could not be opened
        if (again_) {
            if (!look_again(block))
                break; // others have their turn
            continue;
        }
        if (!has_room(block, content_head + least_piece + end_record) ||
            !has_input(block))
            break;
        read_piece(block);
    }
    return entries_;
}

// @returns false at the end, or when the block is full.
bool record_source::open_next(block_bytes& block) {
    if (!waiting_)
        waiting_ = next_();
    if (!waiting_) {
        ended_ = true;
        return false;
    }
    const std::string& path = waiting_->about.path;
    if (!has_room(block, entry_head + path.size() + content_head +
                             least_piece + end_record))
        return false;
    now_ = std::exchange(waiting_, std::nullopt);
    std::optional<failure> problem;
    try {
        if (now_->about.what == entry::kind::file)
            open_file();
    } catch (const failure& unreadable) {
        problem = unreadable;
    }
    const entry& about = now_->about;
    at_ = about.offset;
    checksum_ = now_->checksum;
    record_.clear();
    wire_writer out(record_);
    out.number(std::uint8_t{'E'});
    put(out, about);
    block.insert(block.end(), record_.begin(), record_.end());
    if (problem) {
        give_up(block, *problem);
    } else if (about.what == entry::kind::folder) {
        ++entries_;
        now_.reset();
    }
    return true;
}

namespace {

failure changed(const std::string& path, const char* how) {
    return {errc::changed, fmt::format("{} {}", in_quotes(path), how)};
}

// /proc has files that say 0 bytes, and have some.
bool has_content(int file, const std::string& path) {
    std::byte first{};
    ssize_t got = 0;
    while ((got = ::pread(file, &first, 1, 0)) == -1 && errno == EINTR) {
    }
    if (got == -1)
        throw storage_failure(errno, "read", path);
    return got == 1;
}

struct stat facts_of(int file, const std::string& path) {
    struct stat facts {};
    if (::fstat(file, &facts) != 0)
        throw storage_failure(errno, "stat", path);
    return facts;
}

//! [settled_facts]
// A second write within one tick leaves size and times as they are, and
// whoever compares these later sees none. So nothing is read in the tick
// in which it was written.
struct stat settled_facts(int file, const std::string& path) {
    struct stat facts = facts_of(file, path);
    for (int tries = 0; is_of_this_tick(facts.st_ctim) && tries < 40;
         ++tries) {
        const timespec pause{0, 1'000'000};
        ::nanosleep(&pause, nullptr);
        facts = facts_of(file, path);
    }
    return facts;
}
//! [settled_facts]

} // namespace

void record_source::open_file() {
    if (now_->descriptor == -1)
        open_path();
    const entry& about = now_->about;
    if (about.offset > 0 &&
        ::lseek(now_->descriptor, static_cast<off_t>(about.offset),
                SEEK_SET) == -1)
        throw storage_failure(errno, "seek in", about.path);
}

void record_source::open_path() {
    entry& about = now_->about;
    const entry before = about;
    const root& where = now_->where ? *now_->where : where_;
    opened_.emplace(where.open(now_->where ? now_->local : about.path,
                               O_RDONLY | O_NONBLOCK));
    now_->descriptor = opened_->get();
    const struct stat facts = settled_facts(now_->descriptor, about.path);
    if (!S_ISREG(facts.st_mode))
        throw changed(about.path, "is no longer a file");
    opened_as_ = edition(facts);
    about = entry_of(now_->descriptor, about.path);
    if (about.size == 0 && has_content(now_->descriptor, about.path))
        about.size = unknown_size;
    if (about.size < before.offset ||
        (now_->is_there && about.size != before.offset)) {
        now_->is_there = false; // it is no longer the same
        now_->checksum = 0;
        return;
    }
    about.offset = before.offset;
    if (about.offset > 0 && now_->compared != opened_as_)
        opened_as_ = {}; // perhaps not what the receiver's begins with
}

// @returns false when a pipe pauses: then the block leaves as it is.
bool record_source::has_input(block_bytes& block) {
    if (opened_) // a file never waits
        return true;
    const bool is_empty = block.size() == block_data_at;
    pollfd input{now_->descriptor, POLLIN, 0};
    if (::poll(&input, 1, is_empty ? show_after_ms : leave_after_ms) != 0)
        return true; // or an error, which read(2) will tell
    if (is_empty)
        show_life(block);
    return false;
}

// A piece without content.
void record_source::show_life(block_bytes& block) {
    block.resize(block_data_at + content_head);
    write_content_head(block, block_data_at, 0);
}

void record_source::write_content_head(block_bytes& block, std::size_t at,
                                       std::size_t size) {
    block[at] = std::byte{'C'};
    blocking_echo::put_big_endian(std::span(block).subspan(at + 1, 4),
                                  size);
}

void record_source::read_piece(block_bytes& block) {
    const entry& about = now_->about;
    const std::size_t head = block.size();
    const std::size_t used = head - block_data_at + content_head;
    std::size_t most =
        std::max(block_size_, used + end_record + 1) - used - end_record;
    if (about.size != unknown_size)
        most = static_cast<std::size_t>(
            std::min<std::uint64_t>(most, about.size - at_));
    block.resize(head + content_head + most);
    std::byte* to = block.data() + head + content_head;
    ssize_t got = 0;
    while (most > 0 && (got = ::read(now_->descriptor, to, most)) == -1 &&
           errno == EINTR) {
    }
    const auto size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    block.resize(size == 0 ? head : head + content_head + size);
    if (got == -1) {
        give_up(block, storage_failure(errno, "read", about.path));
        return;
    }
    if (size > 0) {
        write_content_head(block, head, size);
        add_checksum(byte_view(to, size));
        at_ += size;
        bytes_ += size;
    }
    if (about.size == unknown_size ? size == 0 : at_ == about.size)
        finish_file(block);
    else if (size == 0)
        give_up(block,
                changed(about.path,
                        was_written() ? "became shorter while it was read"
                                      : "has fewer bytes than it says"));
}

//! [add_checksum]
// One pass over the bytes serves the file's checksum and the frame's.
void record_source::add_checksum(byte_view content) {
    if (!sums_ || content.size() < worth_joining) {
        checksum_ = crc32(checksum_, content);
        return;
    }
    sums_->push_back({content, crc32(0, content)});
    checksum_ = crc32_joined(checksum_, sums_->back());
}
//! [add_checksum]

void record_source::finish_file(block_bytes& block) {
    const entry& about = now_->about;
    if (opened_ && was_written())
        again_.emplace(now_->descriptor, at_, about.path);
    else
        end_file(block);
}

// Its change time tells, which nobody can set; the other one, anybody.
bool record_source::was_written() const {
    const entry& about = now_->about;
    const struct stat then = facts_of(now_->descriptor, about.path);
    const std::uint64_t said =
        about.size == unknown_size ? 0 : about.size;
    return static_cast<std::uint64_t>(then.st_size) != said ||
           edition(then) != opened_as_;
}

// A log that grew begins with what was sent, and so does a file that was
// renamed. Another edition does not.
bool record_source::look_again(block_bytes& block) {
    const entry& about = now_->about;
    try {
        if (!again_->advance()) {
            if (block.size() == block_data_at)
                show_life(block);
            return false;
        }
        if (again_->value() != checksum_)
            throw changed(about.path, "changed while it was read");
        const entry then = entry_of(now_->descriptor, about.path);
        if (then.size > at_)
            left_out_->add(failure(
                errc::grew,
                fmt::format("{} grew while it was read: its first {} "
                            "bytes were sent",
                            in_quotes(about.path), at_)));
        end_file(block);
    } catch (const failure& why) {
        give_up(block, why);
    }
    return true;
}

void record_source::end_file(block_bytes& block) {
    again_.reset();
    record_.clear();
    wire_writer out(record_);
    out.number(std::uint8_t{'Z'});
    out.number(checksum_);
    block.insert(block.end(), record_.begin(), record_.end());
    ++entries_;
    now_.reset();
    opened_.reset();
}

void record_source::give_up(block_bytes& block, const failure& why) {
    left_out_->add(why);
    block.push_back(std::byte{'X'});
    again_.reset();
    ++entries_;
    now_.reset();
    opened_.reset();
}

} // namespace file_transfer
