#include "control.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <sys/socket.h>

namespace netlab {

namespace {

constexpr std::size_t most_descriptors = 8;
constexpr std::size_t most_bytes = 1 << 20;

struct control_buffer {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

std::vector<descriptor> taken_from(msghdr& header) {
    std::vector<descriptor> result;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            result.emplace_back(number);
        }
    }
    return result;
}

} // namespace

//! [send]
void send_message(int socket, const nlohmann::json& body, std::span<const int> descriptors) {
    // CBOR rather than text: a command's arguments may be any bytes.
    std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(body);
    iovec part{bytes.data(), bytes.size()};
    control_buffer space;
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
        if (descriptors.size() > most_descriptors)
            throw std::length_error("too many descriptors for one message");
        header.msg_control = space.bytes.data();
        header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
    }
    while (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(),
                                    "send to netlab's other part");
}
//! [send]

std::optional<message> receive_message(int socket) {
    thread_local std::vector<std::uint8_t> bytes(most_bytes);
    iovec part{bytes.data(), bytes.size()};
    control_buffer space;
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = space.bytes.data();
    header.msg_controllen = space.bytes.size();
    ssize_t count = 0;
    while ((count = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC)) < 0) {
        if (errno == ECONNRESET)
            return std::nullopt;
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(),
                                    "receive from netlab's other part");
    }
    if (count == 0)
        return std::nullopt;
    message result;
    result.descriptors = taken_from(header);
    if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        throw std::runtime_error("a message of netlab's other part is too long");
    result.body = nlohmann::json::from_cbor(bytes.begin(), bytes.begin() + count);
    return result;
}

} // namespace netlab
