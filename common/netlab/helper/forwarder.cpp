#include "forwarder.hpp"

#include <algorithm>

namespace netlab {

namespace {

constexpr std::size_t largest_packet = 65535;
constexpr int batch = 32; // packets from one host before the other has its turn

// Neighbour discovery and group reports, by which IPv6's kernel code talks to a network. A link
// of two ends needs none; each would take a number, and numbers decide which packets are lost.
bool is_housekeeping(std::span<const std::byte> bytes) {
    return bytes.size() >= 40 && std::to_integer<unsigned>(bytes[0]) / 16 == 6 &&
           bytes[24] == std::byte{0xff};
}

} // namespace

forwarder::forwarder(const link_settings& link, const virtual_host& client,
                     const virtual_host& server)
    : client_(client), server_(server),
      to_server_(link, host::server,
                 [this](const packet& p, fate how, time_point now) {
                     end(p, host::server, how, now);
                 }),
      to_client_(link, host::client,
                 [this](const packet& p, fate how, time_point now) {
                     end(p, host::client, how, now);
                 }),
      buffer_(largest_packet) {}

void forwarder::record_to(descriptor file, std::size_t most_bytes) {
    file_ = std::move(file);
    notes_.emplace(file_.get(), most_bytes);
}

void forwarder::change(const link_settings& link) {
    to_server_.change(link);
    to_client_.change(link);
}

void forwarder::take_from(host from) {
    const virtual_host& source = from == host::client ? client_ : server_;
    one_way& way = way_to(other_than(from));
    for (int i = 0; i < batch; ++i) {
        const ssize_t count = ::read(source.tun(), buffer_.data(), buffer_.size());
        if (count <= 0)
            return;
        const std::span bytes(buffer_.data(), static_cast<std::size_t>(count));
        if (!is_housekeeping(bytes))
            way.enter(std::chrono::steady_clock::now(), bytes);
    }
}

void forwarder::advance() {
    to_server_.advance(std::chrono::steady_clock::now());
    to_client_.advance(std::chrono::steady_clock::now());
}

std::optional<time_point> forwarder::next() const {
    const auto a = to_server_.next();
    const auto b = to_client_.next();
    return a && b ? std::min(*a, *b) : a ? a : b;
}

way_counters forwarder::counters(host to) const {
    return to == host::server ? to_server_.counters() : to_client_.counters();
}

bool forwarder::flush() {
    if (notes_)
        notes_->flush();
    return !notes_ || !notes_->failed();
}

void forwarder::end(const packet& packet, host to, fate how, time_point now) {
    if (notes_)
        notes_->add(packet, to, how, now);
    if (how != fate::arrived)
        return;
    // The host's kernel takes the packet in during this call: it acknowledges here, and wakes
    // the program that waits for it.
    const virtual_host& destination = to == host::client ? client_ : server_;
    [[maybe_unused]] const ssize_t count =
        ::write(destination.tun(), packet.data.get(), packet.size);
}

} // namespace netlab
