#include "practice/exercises/1-lost-reply.hpp"

#include <array>
#include <chrono>

namespace exercise {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// One client: a byte, the work, the reply.
struct session : std::enable_shared_from_this<session> {
    explicit session(tcp::socket client)
        : socket(std::move(client)), timer(socket.get_executor()) {
        reply.fill('r');
    }

    void start(std::chrono::milliseconds work) {
        auto self = shared_from_this();
        asio::async_read(
            socket, asio::buffer(question),
            [this, self, work](error_code error, std::size_t) {
                if (error)
                    return;
                timer.expires_after(work);
                timer.async_wait([this, self](error_code) { answer(); });
            });
    }

    void answer() {
        asio::async_write(
            socket, asio::buffer(reply),
            [self = shared_from_this()](error_code, std::size_t) {});
    } // after the write the last reference goes, and the socket closes

    tcp::socket socket;
    asio::steady_timer timer;
    std::array<char, 1> question;
    std::array<char, 100> reply;
};

} // namespace

reply_server::reply_server(asio::io_context& context,
                           std::chrono::milliseconds work)
    : context_(context),
      acceptor_(context, {asio::ip::address_v4::loopback(), 0}),
      work_(work) {
    accept();
}

tcp::endpoint reply_server::endpoint() const {
    return acceptor_.local_endpoint();
}

void reply_server::accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket client) {
        if (!error)
            std::make_shared<session>(std::move(client))->start(work_);
        if (acceptor_.is_open()) // or it was stopped: nobody is to come
            accept();
    });
}

void reply_server::stop() {
    acceptor_.close(); // the loop ends when its last session has
}

} // namespace exercise
