#include "record.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace netlab {

namespace {

constexpr std::size_t full = 256 * 1024;
constexpr std::uint32_t largest_packet = 65535;

std::int64_t nanoseconds_of(time_point time) {
    return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

std::vector<std::byte> whole_file(int file) {
    struct stat facts{};
    if (::fstat(file, &facts) != 0)
        throw std::system_error(errno, std::generic_category(), "recording");
    std::vector<std::byte> bytes(static_cast<std::size_t>(facts.st_size));
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count =
            ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (count < 0)
            throw std::system_error(errno, std::generic_category(), "recording");
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
}

// The record at the start of `rest`, which is shortened by it.
record take_record(std::span<const std::byte>& rest) {
    record_header header;
    if (rest.size() < sizeof header)
        throw std::runtime_error("the recording ends in the middle of a packet");
    std::memcpy(&header, rest.data(), sizeof header);
    rest = rest.subspan(sizeof header);
    if (header.captured > rest.size() || header.size > largest_packet || header.to > 1 ||
        header.how > 2)
        throw std::runtime_error("the recording is damaged");
    record result;
    result.sent = std::chrono::nanoseconds(header.sent_ns);
    result.ended = std::chrono::nanoseconds(header.ended_ns);
    result.to = static_cast<host>(header.to);
    result.how = static_cast<fate>(header.how);
    result.size = header.size;
    result.bytes.assign(rest.begin(), rest.begin() + header.captured);
    rest = rest.subspan(header.captured);
    return result;
}

} // namespace

void record_writer::add(const packet& packet, host to, fate how, time_point ended) {
    record_header header;
    header.sent_ns = nanoseconds_of(packet.sent);
    header.ended_ns = nanoseconds_of(ended);
    header.size = static_cast<std::uint32_t>(packet.size);
    header.captured = static_cast<std::uint32_t>(std::min(packet.size, most_));
    header.to = static_cast<std::uint8_t>(to);
    header.how = static_cast<std::uint8_t>(how);
    const auto head = std::as_bytes(std::span(&header, 1));
    buffer_.insert(buffer_.end(), head.begin(), head.end());
    buffer_.insert(buffer_.end(), packet.data.get(), packet.data.get() + header.captured);
    if (buffer_.size() >= full)
        flush();
}

void record_writer::flush() {
    std::size_t done = 0;
    while (done < buffer_.size() && !failed_) {
        const ssize_t count = ::write(file_, buffer_.data() + done, buffer_.size() - done);
        if (count >= 0)
            done += static_cast<std::size_t>(count);
        else if (errno != EINTR)
            failed_ = true;
    }
    buffer_.clear();
}

recording read_recording(int file) {
    const std::vector<std::byte> bytes = whole_file(file);
    std::vector<record> packets;
    for (std::span<const std::byte> rest(bytes); !rest.empty();)
        packets.push_back(take_record(rest));
    // Packets are noted when they end: which was sent first is known only now.
    std::ranges::sort(packets, {},
                      [](const record& one) { return std::pair(one.sent, one.ended); });
    const auto start = packets.empty() ? std::chrono::nanoseconds(0) : packets.front().sent;
    for (record& one : packets) {
        one.sent -= start;
        one.ended -= start;
    }
    return {time_point(start), std::move(packets)};
}

} // namespace netlab
