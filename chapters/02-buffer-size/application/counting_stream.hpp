/// @file
/// How many calls a composed operation makes.
#pragma once

#include "account.hpp"

#include <boost/asio.hpp>

namespace buffer_size {

/// A stream that passes each call on and counts it. What asio::write and
/// asio::read ask of it, they would have asked of the socket. Stream and
/// account must outlive it. Not thread-safe.
//! [counted]
template <class Stream>
class counting_stream {
public:
    counting_stream(Stream& stream, account& into)
        : stream_(stream), into_(into) {}

    template <class Buffers>
    std::size_t write_some(const Buffers& buffers,
                           boost::system::error_code& error) {
        ++into_.calls;
        return stream_.write_some(buffers, error);
    }

    template <class Buffers>
    std::size_t read_some(const Buffers& buffers,
                          boost::system::error_code& error) {
        ++into_.calls;
        return stream_.read_some(buffers, error);
    }

private:
    Stream& stream_;
    account& into_;
};
//! [counted]

} // namespace buffer_size
