#include "capture.hpp"

#include "segment.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <utility>

namespace netlab {

namespace {

void put(std::ostream& out, const auto& value) {
    out.write(reinterpret_cast<const char*>(&value), sizeof value);
}

struct pcap_file_header {
    std::uint32_t magic = 0xa1b23c4d; // with nanoseconds; its order of bytes says the file's
    std::uint16_t major = 2;
    std::uint16_t minor = 4;
    std::int32_t zone = 0;
    std::uint32_t accuracy = 0;
    std::uint32_t most_bytes = 65535;
    std::uint32_t link_type = 101; // LINKTYPE_RAW
};

struct pcap_packet_header {
    std::uint32_t seconds;
    std::uint32_t nanoseconds;
    std::uint32_t captured;
    std::uint32_t size;
};

// When a packet was seen at a host, if it was.
std::optional<std::chrono::nanoseconds> seen(const record& packet, host at) {
    if (packet.to != at)
        return packet.sent;
    if (packet.how == fate::arrived)
        return packet.ended;
    return std::nullopt;
}

// The steady clock counts from some moment; since when?
std::chrono::nanoseconds wall_clock_of(time_point time) {
    const auto zero = std::chrono::system_clock::now().time_since_epoch() -
                      std::chrono::steady_clock::now().time_since_epoch();
    return zero + time.time_since_epoch();
}

double milliseconds(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1e6;
}

std::string flags_of(const segment& s) {
    std::string text;
    for (const auto& [bit, name] : {std::pair{flag::syn, "SYN"},
                                    {flag::fin, "FIN"},
                                    {flag::rst, "RST"},
                                    {flag::psh, "PSH"},
                                    {flag::ack, "ACK"}})
        if ((s.flags & bit) != 0)
            text.append(text.empty() ? "" : " ").append(name);
    return text;
}

// What is remembered of one connection.
struct flow {
    std::size_t number = 0;
    // Of each host: the sequence number it began with, and the first that it has not sent yet.
    std::map<host, std::uint32_t> first;
    std::map<host, std::uint32_t> next;
};

class tracer {
public:
    nlohmann::ordered_json row(const record& packet) {
        nlohmann::ordered_json row{{"n", ++count_},
                                   {"from", name_of(other_than(packet.to))},
                                   {"to", name_of(packet.to)},
                                   {"sent_ms", milliseconds(packet.sent)},
                                   {"ended_ms", milliseconds(packet.ended)},
                                   {"fate", fates[static_cast<std::size_t>(packet.how)]},
                                   {"bytes", packet.size}};
        std::string kind = "other";
        std::string label = "packet";
        if (const auto read = read_segment(packet.bytes)) {
            row["length"] = read->payload;
            if (read->protocol == protocol_tcp)
                describe_tcp(row, *read, other_than(packet.to), kind, label);
            else if (read->protocol == protocol_udp)
                kind = "data", label = fmt_bytes("UDP", read->payload);
            row["protocol"] = read->protocol == protocol_tcp   ? "tcp"
                              : read->protocol == protocol_udp ? "udp"
                                                               : "other";
        }
        row["kind"] = packet.how == fate::arrived ? kind : "lost";
        row["label"] = label;
        return row;
    }

private:
    static constexpr std::array<const char*, 3> fates{"arrived", "lost", "overflowed"};

    static std::string fmt_bytes(const std::string& what, std::size_t bytes) {
        return what + " " + std::to_string(bytes) + " B";
    }

    flow& flow_of(const segment& s) {
        const auto key = std::minmax(s.source, s.destination);
        flow& found = flows_[{key.first, key.second}];
        if (found.number == 0)
            found.number = flows_.size();
        return found;
    }

    void describe_tcp(nlohmann::ordered_json& row, const segment& s, host from,
                      std::string& kind, std::string& label) {
        flow& in = flow_of(s);
        const bool opens_or_closes = (s.flags & (flag::syn | flag::fin)) != 0;
        const auto first = in.first.try_emplace(from, s.sequence).first->second;
        const auto length = static_cast<std::uint32_t>(s.payload) + (opens_or_closes ? 1 : 0);
        const auto next = in.next.try_emplace(from, s.sequence).first;
        // Sequence numbers go round; a difference above one half is one below zero (RFC 9293,
        // section 3.4).
        const bool again =
            length > 0 && static_cast<std::int32_t>(s.sequence - next->second) < 0;
        if (static_cast<std::int32_t>(s.sequence + length - next->second) > 0)
            next->second = s.sequence + length;

        row["flow"] = in.number;
        row["flags"] = flags_of(s);
        row["seq"] = s.sequence - first;
        if (const auto peer = in.first.find(other_than(from));
            (s.flags & flag::ack) != 0 && peer != in.first.end())
            row["ack"] = s.acknowledgement - peer->second;
        row["window"] = s.window;
        kind = (s.flags & flag::rst) != 0 ? "reset"
               : again                    ? "retransmission"
               : opens_or_closes          ? "syn/fin"
               : s.payload > 0            ? "data"
                                          : "ack";
        label = s.payload > 0 ? fmt_bytes("data", s.payload) : flags_of(s);
        if (s.payload > 0 && opens_or_closes)
            label += (s.flags & flag::fin) != 0 ? ", FIN" : ", SYN";
    }

    std::size_t count_ = 0;
    std::map<std::pair<end_point, end_point>, flow> flows_;
};

} // namespace

void write_pcap(std::ostream& out, const recording& recorded, host at) {
    std::vector<std::pair<std::chrono::nanoseconds, const record*>> order;
    for (const record& packet : recorded.packets)
        if (const auto when = seen(packet, at))
            order.emplace_back(*when, &packet);
    std::ranges::sort(order);
    const auto start = wall_clock_of(recorded.start);
    put(out, pcap_file_header{});
    for (const auto& [when, packet] : order) {
        const auto time = (start + when).count();
        put(out, pcap_packet_header{static_cast<std::uint32_t>(time / 1'000'000'000),
                                    static_cast<std::uint32_t>(time % 1'000'000'000),
                                    static_cast<std::uint32_t>(packet->bytes.size()),
                                    static_cast<std::uint32_t>(packet->size)});
        out.write(reinterpret_cast<const char*>(packet->bytes.data()),
                  static_cast<std::streamsize>(packet->bytes.size()));
    }
}

nlohmann::ordered_json make_trace(const recording& recorded) {
    auto rows = nlohmann::ordered_json::array();
    tracer tracer;
    for (const record& packet : recorded.packets)
        rows.push_back(tracer.row(packet));
    return rows;
}

} // namespace netlab
