#include "one_way.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>

namespace netlab {

namespace {

// The memory that packets on the line may take. An unlimited rate and a long delay would
// otherwise hold whatever a careless sender of datagrams produces.
constexpr std::uint64_t line_limit = 256ull * 1024 * 1024;

// What each packet is asked; the answers must not depend on one another.
constexpr std::uint64_t is_lost = 1;
constexpr std::uint64_t is_overtaken = 2;
constexpr std::uint64_t jitter = 3;

// The mixing function of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, 2014): its output for a counter passes as random.
std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

const direction_settings& way_to(const link_settings& link, host to) {
    return to == host::server ? link.to_server : link.to_client;
}

} // namespace

void to_json(nlohmann::json& json, const way_counters& c) {
    json = {
        {"packets_sent", c.packets_sent},       {"bytes_sent", c.bytes_sent},
        {"packets_arrived", c.packets_arrived}, {"bytes_arrived", c.bytes_arrived},
        {"packets_lost", c.packets_lost},       {"packets_overflowed", c.packets_overflowed},
        {"queue_bytes", c.queue_bytes},         {"longest_queue_bytes", c.longest_queue_bytes},
        {"active_ns", c.active.count()}};
}

void from_json(const nlohmann::json& json, way_counters& c) {
    json.at("packets_sent").get_to(c.packets_sent);
    json.at("bytes_sent").get_to(c.bytes_sent);
    json.at("packets_arrived").get_to(c.packets_arrived);
    json.at("bytes_arrived").get_to(c.bytes_arrived);
    json.at("packets_lost").get_to(c.packets_lost);
    json.at("packets_overflowed").get_to(c.packets_overflowed);
    json.at("queue_bytes").get_to(c.queue_bytes);
    json.at("longest_queue_bytes").get_to(c.longest_queue_bytes);
    c.active = std::chrono::nanoseconds(json.at("active_ns").get<std::int64_t>());
}

// Packets due at the same time leave in the order in which they entered.
bool one_way::later::operator()(const flight& a, const flight& b) const {
    return a.due != b.due ? a.due > b.due : a.packet.index > b.packet.index;
}

one_way::one_way(const link_settings& link, host to, fate_handler ended)
    : seed_(mix(link.seed) ^ mix(static_cast<std::uint64_t>(to))), to_(to),
      ended_(std::move(ended)) {
    change(link);
}

void one_way::change(const link_settings& link) {
    way_ = way_to(link, to_);
    limit_ = queue_limit(link, way_);
    mtu_ = link.mtu;
}

//! [enter]
void one_way::enter(time_point now, std::span<const std::byte> bytes) {
    transmit(now);
    netlab::packet packet{entered_++, now,
                          std::make_unique_for_overwrite<std::byte[]>(bytes.size()),
                          bytes.size()};
    std::memcpy(packet.data.get(), bytes.data(), bytes.size());
    ++counters_.packets_sent;
    counters_.bytes_sent += bytes.size();

    const bool full = !queue_.empty() && counters_.queue_bytes + bytes.size() > limit_;
    if (full || line_bytes_ + bytes.size() > line_limit)
        return end(packet, fate::overflowed, now);
    if (queue_.empty())
        head_done_ = std::max(transmitted_, now) + transmission_time(bytes.size());
    counters_.queue_bytes += bytes.size();
    queue_.push_back(std::move(packet));
    transmit(now);
    counters_.longest_queue_bytes =
        std::max(counters_.longest_queue_bytes, counters_.queue_bytes);
}
//! [enter]

//! [transmit]
void one_way::transmit(time_point now) {
    while (!queue_.empty() && head_done_ <= now) {
        netlab::packet packet = std::move(queue_.front());
        queue_.pop_front();
        counters_.queue_bytes -= packet.size;
        // From the moment at which the last one was done, not from now: a late wake-up must not
        // cost rate.
        transmitted_ = head_done_;
        if (!queue_.empty())
            head_done_ = transmitted_ + transmission_time(queue_.front().size);
        launch(std::move(packet), transmitted_);
    }
}
//! [transmit]

//! [launch]
void one_way::launch(netlab::packet packet, time_point left) {
    const double aside = 2 * chance(packet.index, jitter) - 1;
    const auto late = std::chrono::nanoseconds(
        static_cast<std::int64_t>(aside * static_cast<double>(way_.jitter.count())));
    time_point due = left + std::max(std::chrono::nanoseconds(0), way_.delay + late);
    // Jitter alone does not change the order: on most links a late packet holds up those
    // behind it.
    latest_due_ = due = std::max(due, latest_due_);
    if (chance(packet.index, is_overtaken) < way_.reordering)
        due += std::chrono::milliseconds(1) + 4 * transmission_time(mtu_);
    const bool lost = chance(packet.index, is_lost) < way_.loss;
    line_bytes_ += packet.size;
    line_.push({due, lost, std::move(packet)});
}
//! [launch]

void one_way::advance(time_point now) {
    transmit(now);
    while (!line_.empty() && line_.top().due <= now) {
        // The queue's top is const, because changing it could change its place; it leaves at
        // once.
        flight arrived = std::move(const_cast<flight&>(line_.top()));
        line_.pop();
        line_bytes_ -= arrived.packet.size;
        end(arrived.packet, arrived.lost ? fate::lost : fate::arrived, now);
    }
}

void one_way::end(const netlab::packet& packet, fate fate, time_point now) {
    if (fate == fate::lost)
        ++counters_.packets_lost;
    else if (fate == fate::overflowed)
        ++counters_.packets_overflowed;
    else {
        ++counters_.packets_arrived;
        counters_.bytes_arrived += packet.size;
        if (!first_arrival_)
            first_arrival_ = now;
        counters_.active = now - *first_arrival_;
    }
    ended_(packet, fate, now);
}

// The head of the queue needs no wake-up of its own when it has been transmitted, only when it
// could arrive: this halves the wake-ups.
std::optional<time_point> one_way::next() const {
    std::optional<time_point> result;
    if (!line_.empty())
        result = line_.top().due;
    if (!queue_.empty()) {
        const auto least = std::max(std::chrono::nanoseconds(0), way_.delay - way_.jitter);
        const time_point head = head_done_ + least;
        result = result ? std::min(*result, head) : head;
    }
    return result;
}

way_counters one_way::counters() const {
    return counters_;
}

std::chrono::nanoseconds one_way::transmission_time(std::size_t bytes) const {
    if (way_.rate == 0)
        return std::chrono::nanoseconds(0);
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(bytes * 8 * 1'000'000'000 / way_.rate));
}

//! [chance]
// From 0 to 1, the same for the same seed, way, packet and question.
double one_way::chance(std::uint64_t index, std::uint64_t question) const {
    return static_cast<double>(mix(seed_ ^ mix(index * 4 + question)) >> 11) * 0x1p-53;
}
//! [chance]

} // namespace netlab
