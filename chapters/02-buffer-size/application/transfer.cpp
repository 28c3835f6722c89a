#include "transfer.hpp"

#include "counting_stream.hpp"

#include <cerrno>
#include <system_error>

#include <sys/socket.h>

namespace buffer_size {

void send_composed(tcp::socket& to, const contents& data,
                   const transfer_limit& limit, account& done) {
    const timed until_return(done);
    counting_stream stream(to, done);
    while (const std::size_t size =
               limit.next_size(done, data.buffer_size())) {
        boost::system::error_code error;
        done.bytes +=
            asio::write(stream, data.from(done.bytes, size), error);
        if (error && error != asio::error::interrupted)
            throw std::system_error(error, "send");
    }
}

void receive_composed(tcp::socket& from, std::span<std::byte> buffer,
                      const transfer_limit& limit, account& done) {
    const timed until_return(done);
    counting_stream stream(from, done);
    while (const std::size_t size =
               limit.next_size(done, buffer.size())) {
        boost::system::error_code error;
        const std::size_t received =
            asio::read(stream, asio::buffer(buffer.data(), size), error);
        check_contents(done.bytes, buffer.first(received));
        done.bytes += received;
        if (error == asio::error::eof)
            return;
        if (error && error != asio::error::interrupted)
            throw std::system_error(error, "receive");
    }
}

//! [send_posix]
void send_posix(int to, const contents& data, const transfer_limit& limit,
                account& done) {
    const timed until_return(done);
    while (const std::size_t size =
               limit.next_size(done, data.buffer_size())) {
        const ssize_t sent = ::send(
            to, data.from(done.bytes, size).data(), size, MSG_NOSIGNAL);
        if (sent == -1 && errno == EINTR)
            continue;
        if (sent == -1)
            throw std::system_error(errno, std::system_category(),
                                    "send");
        done.bytes += static_cast<std::size_t>(sent);
        ++done.calls;
    }
}
//! [send_posix]

void receive_posix(int from, std::span<std::byte> buffer,
                   const transfer_limit& limit, account& done) {
    const timed until_return(done);
    while (const std::size_t size =
               limit.next_size(done, buffer.size())) {
        const ssize_t received = ::recv(from, buffer.data(), size, 0);
        if (received == -1 && errno == EINTR)
            continue;
        if (received == -1)
            throw std::system_error(errno, std::system_category(),
                                    "receive");
        if (received == 0)
            return;
        const auto count = static_cast<std::size_t>(received);
        check_contents(done.bytes, buffer.first(count));
        done.bytes += count;
        ++done.calls;
    }
}

} // namespace buffer_size
