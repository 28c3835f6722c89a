#include "loop.hpp"

namespace async_io {

namespace {

using boost::system::error_code;

//! [callback_session]
class session : public std::enable_shared_from_this<session> {
public:
    explicit session(tcp::socket socket) : socket_(std::move(socket)) {}

    void receive() {
        socket_.async_read_some(
            asio::buffer(buffer_),
            [self = shared_from_this()](error_code error, size_t size) {
                if (!error)
                    self->send(size);
            });
    } // without a next operation the last `self` goes: the socket closes

private:
    void send(std::size_t size) {
        asio::async_write(
            socket_, asio::buffer(buffer_, size),
            [self = shared_from_this()](error_code error, size_t) {
                if (!error)
                    self->receive();
            });
    }

    tcp::socket socket_;
    std::array<std::byte, echo_buffer_size> buffer_;
};
//! [callback_session]

class callback_server : public loop_server {
public:
    callback_server(const std::string& host, const std::string& port)
        : loop_server(host, port) {
        accept();
    }

private:
    //! [callback_accept]
    void accept() {
        acceptor_.async_accept([this](error_code error,
                                      tcp::socket client) {
            if (!error)
                std::make_shared<session>(std::move(client))->receive();
            if (after_accept(error) == next::pause)
                accept_later();
            else
                accept();
        });
    }

    void accept_later() {
        pause_.expires_after(accept_pause);
        pause_.async_wait([this](error_code) { accept(); });
    }
    //! [callback_accept]

    asio::steady_timer pause_{context_};
};

} // namespace

std::unique_ptr<server> make_callback_server(const std::string& host,
                                             const std::string& port) {
    return std::make_unique<callback_server>(host, port);
}

} // namespace async_io
