#include "mistakes.hpp"

namespace buffer_size {

//! [answer_with_fresh_buffers]
void answer_with_fresh_buffers(tcp::socket& client, std::size_t size,
                               account& done) {
    const timed until_return(done);
    for (;;) {
        std::vector<std::byte> buffer(size); // allocated, and zeroed
        const std::size_t received =
            receive_some(client, asio::buffer(buffer));
        if (received == 0)
            return;
        check_contents(done.bytes, std::span(buffer).first(received));
        done.bytes += received;
        ++done.calls;
        send_some(client, asio::buffer("+", 1));
    }
}
//! [answer_with_fresh_buffers]

void answer_with_one_buffer(tcp::socket& client, std::size_t size,
                            account& done) {
    const timed until_return(done);
    std::vector<std::byte> buffer(size);
    while (const std::size_t received =
               receive_some(client, asio::buffer(buffer))) {
        check_contents(done.bytes, std::span(buffer).first(received));
        done.bytes += received;
        ++done.calls;
        send_some(client, asio::buffer("+", 1));
    }
}

//! [collect_by_kib]
std::string collect_by_kib(tcp::socket& from, account& done) {
    const timed until_return(done);
    std::string all;
    std::array<char, 1024> part;
    while (const std::size_t received =
               receive_some(from, asio::buffer(part))) {
        all = all + std::string(part.data(), received); // copies all
        done.bytes += received;
        ++done.calls;
    }
    return all;
}
//! [collect_by_kib]

//! [collect_by_append]
std::string collect_by_append(tcp::socket& from, account& done) {
    const timed until_return(done);
    std::string all;
    std::array<char, 65536> part;
    while (const std::size_t received =
               receive_some(from, asio::buffer(part))) {
        all.append(part.data(), received); // doubles its room when full
        done.bytes += received;
        ++done.calls;
    }
    return all;
}
//! [collect_by_append]

//! [read_one_message]
std::string read_one_message(tcp::socket& from) {
    std::array<char, 1024> message;
    const std::size_t size = receive_some(from, asio::buffer(message));
    return {message.data(), size};
}
//! [read_one_message]

//! [receive_on_the_stack]
std::size_t receive_on_the_stack(tcp::socket& from) {
    std::array<std::byte, 64 << 20> buffer;
    return receive_some(from, asio::buffer(buffer));
}
//! [receive_on_the_stack]

} // namespace buffer_size
