/// @file
/// A stream in memory that takes and gives what a test wants of it.
#pragma once

#include "application/transfer.hpp"

#include "common/testing/loopback.hpp"

namespace buffer_size {

/// Takes at most `most` bytes a call, in turn from 1 up, keeps them, and
/// fails in the operation `fails_at` (counted from 1).
struct flaky_stream {
    std::vector<std::byte> bytes; ///< taken, or to be given
    std::size_t most = 1000;
    int fails_at = 0;
    int interrupted_at = 0;
    int operations = 0;
    std::size_t given = 0;

    template <class Buffers>
    std::size_t write_some(const Buffers& buffers,
                           boost::system::error_code& error) {
        const std::size_t size = begin(asio::buffer_size(buffers), error);
        const std::size_t before = bytes.size();
        bytes.resize(before + size);
        return asio::buffer_copy(
            asio::buffer(bytes.data() + before, size), buffers);
    }

    template <class Buffers>
    std::size_t read_some(const Buffers& buffers,
                          boost::system::error_code& error) {
        if (given == bytes.size()) {
            error = asio::error::eof;
            return 0;
        }
        const std::size_t size = begin(
            std::min(asio::buffer_size(buffers), bytes.size() - given),
            error);
        asio::buffer_copy(buffers,
                          asio::buffer(bytes.data() + given, size));
        given += size;
        return size;
    }

private:
    std::size_t begin(std::size_t asked,
                      boost::system::error_code& error) {
        ++operations;
        error = {};
        if (operations == fails_at)
            error = asio::error::connection_reset;
        else if (operations == interrupted_at)
            error = asio::error::interrupted;
        if (error)
            return 0;
        const std::size_t part =
            1 + static_cast<std::size_t>(operations) * 37 % most;
        return std::min(asked, part);
    }
};

/// The first bytes of the stream.
inline std::vector<std::byte> stream_bytes(std::size_t count) {
    std::vector<std::byte> all(count);
    for (std::size_t i = 0; i < count; ++i)
        all[i] = byte_at(i);
    return all;
}

/// Whether the whole begins with the part.
inline bool is_prefix(const std::vector<std::byte>& part,
                      const std::vector<std::byte>& whole) {
    return part.size() <= whole.size() &&
           std::equal(part.begin(), part.end(), whole.begin());
}

} // namespace buffer_size
