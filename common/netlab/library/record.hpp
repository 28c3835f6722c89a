/// @file
/// The file in which the helper notes every packet.
#pragma once

#include "one_way.hpp"

#include <filesystem>

namespace netlab {

/// What stands before each packet's bytes. Both parts of netlab run on one machine and come
/// from one build, so the file has the machine's own byte order and layout.
struct record_header {
    std::int64_t sent_ns = 0;   ///< of CLOCK_MONOTONIC
    std::int64_t ended_ns = 0;  ///< arrival, or when it was dropped
    std::uint32_t size = 0;     ///< of the packet
    std::uint32_t captured = 0; ///< bytes of it that follow
    std::uint8_t to = 0;        ///< netlab::host
    std::uint8_t how = 0;       ///< netlab::fate
    std::uint8_t unused[6] = {};
};
static_assert(sizeof(record_header) == 32);

/// Writes records, some thousand at a time.
class record_writer {
public:
    /// @param file open for writing, stays the caller's. @param most bytes kept of each packet.
    record_writer(int file, std::size_t most) : file_(file), most_(most) {}

    /// Notes one packet; writes once 256 KiB are held.
    void add(const packet& packet, host to, fate how, time_point ended);

    /// Writes what it still holds. A disk that is full ends the recording: see `failed`.
    void flush();

    bool failed() const { return failed_; }

private:
    int file_;
    std::size_t most_;
    bool failed_ = false;
    std::vector<std::byte> buffer_;
};

/// One packet that was recorded.
struct record {
    std::chrono::nanoseconds sent{};  ///< since the first packet of the recording was sent
    std::chrono::nanoseconds ended{}; ///< the same clock
    host to{};
    fate how{};
    std::size_t size = 0;         ///< of the whole packet
    std::vector<std::byte> bytes; ///< what was kept of it
};

/// What a file held.
struct recording {
    time_point start;            ///< when the first packet was sent
    std::vector<record> packets; ///< in the order in which they were sent
};

/// All records of a file.
/// @throws std::runtime_error when the file ends in the middle of one or breaks the form.
recording read_recording(int file);

} // namespace netlab
