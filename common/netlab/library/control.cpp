#include "control.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace netlab {

namespace {

constexpr std::size_t most_descriptors = 8;
// A socket's buffer bounds a message (212,992 bytes on a stock system). A longer body, such as
// that of a command of 40,000 words, goes into a file in memory, whose descriptor comes last.
constexpr std::size_t most_bytes = 64 << 10;
constexpr std::size_t most_bytes_in_file = 64 << 20;

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

descriptor file_of(std::span<const std::uint8_t> bytes) {
    descriptor file(::memfd_create("netlab", MFD_CLOEXEC));
    while (file && !bytes.empty()) {
        const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
        if (count < 0)
            break;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    if (!bytes.empty())
        throw std::system_error(errno, std::generic_category(),
                                "write a long message to netlab's other part");
    return file;
}

nlohmann::json json_in(const descriptor& file) {
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0 || facts.st_size > off_t{most_bytes_in_file})
        throw std::runtime_error("a message of netlab's other part is too long");
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(facts.st_size));
    if (::pread(file.get(), bytes.data(), bytes.size(), 0) !=
        static_cast<ssize_t>(bytes.size()))
        throw std::system_error(errno, std::generic_category(),
                                "read a long message of netlab's other part");
    return nlohmann::json::from_cbor(bytes);
}

} // namespace

//! [send]
void send_message(int socket, const nlohmann::json& body, std::span<const int> descriptors) {
    // CBOR rather than text: a command's arguments may be any bytes.
    std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(body);
    if (bytes.size() > most_bytes) {
        const descriptor file = file_of(bytes);
        std::vector<int> all(descriptors.begin(), descriptors.end());
        all.push_back(file.get());
        return send_message(socket, {{"in the last descriptor", true}}, all);
    }
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
    if ((header.msg_flags & MSG_CTRUNC) != 0) // there was no number left for a descriptor
        throw std::system_error(EMFILE, std::generic_category(),
                                "receive from netlab's other part");
    if ((header.msg_flags & MSG_TRUNC) != 0)
        throw std::runtime_error("a message of netlab's other part is too long");
    result.body = nlohmann::json::from_cbor(bytes.begin(), bytes.begin() + count);
    if (result.body.contains("in the last descriptor") && !result.descriptors.empty()) {
        result.body = json_in(result.descriptors.back());
        result.descriptors.pop_back();
    }
    return result;
}

} // namespace netlab
