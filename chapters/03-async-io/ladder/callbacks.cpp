#include "loop.hpp"

namespace async_io {

namespace {

using boost::system::error_code;

//! [callback_session]
class session : public std::enable_shared_from_this<session> {
public:
    session(tcp::socket socket, std::size_t buffer_size)
        : socket_(std::move(socket)), buffer_size_(buffer_size),
          buffer_(
              std::make_unique_for_overwrite<std::byte[]>(buffer_size)) {}

    void receive() {
        socket_.async_read_some(
            asio::buffer(buffer_.get(), buffer_size_),
            [self = shared_from_this()](error_code error, size_t size) {
                if (!error)
                    self->send(size);
            });
    } // without a next operation the last `self` goes: the socket closes

private:
    void send(std::size_t size) {
        asio::async_write(
            socket_, asio::buffer(buffer_.get(), size),
            [self = shared_from_this()](error_code error, size_t) {
                if (!error)
                    self->receive();
            });
    }

    tcp::socket socket_;
    std::size_t buffer_size_;
    std::unique_ptr<std::byte[]> buffer_;
};
//! [callback_session]

class callback_server : public loop_server {
public:
    callback_server(const std::string& host, const std::string& port,
                    std::size_t buffer_size)
        : loop_server(host, port), buffer_size_(buffer_size) {
        accept();
    }

private:
    //! [callback_accept]
    void accept() {
        acceptor_.async_accept([this](error_code error,
                                      tcp::socket client) {
            if (!error)
                std::make_shared<session>(std::move(client), buffer_size_)
                    ->receive();
            if (after_accept(error) == accept_next::pause)
                accept_later();
            else
                accept();
        });
    }
    //! [callback_accept]

    void accept_later() {
        pause_.expires_after(accept_pause);
        pause_.async_wait([this](error_code error) {
            if (!error) // or the server is about to end
                accept();
        });
    }

    std::size_t buffer_size_;
    asio::steady_timer pause_{context_};
};

} // namespace

std::unique_ptr<server> make_callback_server(const std::string& host,
                                             const std::string& port) {
    return std::make_unique<callback_server>(host, port,
                                             echo_buffer_size);
}

std::unique_ptr<server>
make_large_callback_server(const std::string& host,
                           const std::string& port) {
    return std::make_unique<callback_server>(host, port, 65536);
}

} // namespace async_io
