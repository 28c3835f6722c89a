#include "ladder.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace tcp_nodelay {

namespace {

// Bytes of a stream, counted from 0: [begin, end).
struct stretch {
    std::size_t begin = 0, end = 0;

    bool touches(const stretch& other) const {
        return begin < other.end && other.begin < end;
    }
};

// What a segment holds of the stream; sequence number 0 is the SYN.
stretch data_of(const nlohmann::ordered_json& packet) {
    const auto length = packet.value("length", std::size_t{0});
    const auto first = packet.value("seq", std::size_t{1});
    const bool opens = first == 0 || length == 0;
    return opens ? stretch{} : stretch{first - 1, first - 1 + length};
}

std::string name_of(const stretch& data, const stretch& request,
                    std::size_t header) {
    const std::size_t cut = request.begin + header;
    if (data.begin == request.begin && data.end == cut)
        return "header";
    if (data.begin == cut && data.end == request.end)
        return "body";
    if (data.begin == request.begin && data.end == request.end)
        return "header + body";
    return "part";
}

} // namespace

std::vector<rung> cut_request(const nlohmann::ordered_json& trace,
                              std::size_t number,
                              const frame_sizes& sizes) {
    const std::size_t before = number - 1;
    const stretch request{before * sizes.request, number * sizes.request};
    const stretch reply{before * sizes.reply, number * sizes.reply};
    std::vector<rung> rungs;
    double start = 0, end = -1;
    for (const auto& packet : trace) {
        const bool from_client = packet.at("from") == "client";
        const stretch data = data_of(packet);
        const double sent = packet.at("sent_ms");
        const double ended = packet.at("ended_ms");
        if (packet.value("flow", 1) != 1 ||
            packet.at("fate") != "arrived")
            continue;
        const bool asks = from_client && data.touches(request);
        const bool answers = !from_client && data.touches(reply);
        if (rungs.empty() && !asks)
            continue; // of an earlier request
        if (rungs.empty())
            start = sent;
        if (end >= 0 && sent > end)
            break; // of a later one
        const std::string what =
            asks      ? name_of(data, request, sizes.header)
            : answers ? "reply"
                      : packet.at("label").get<std::string>();
        rungs.push_back({from_client, sent - start, ended - start,
                         data.end - data.begin, what});
        if (answers && data.end >= reply.end)
            end = ended;
    }
    if (end < 0)
        throw std::runtime_error(
            fmt::format("the trace has no whole request {}", number));
    // What was sent before the reply was there, and arrived later, is no
    // part of the wait.
    std::erase_if(rungs, [&](const rung& one) {
        return one.ended_ms > end - start;
    });
    return rungs;
}

//! [longest_silence]
silence longest_silence(const std::vector<rung>& rungs) {
    silence longest;
    double covered = 0; // until here something was under way
    for (const rung& one :
         rungs) { // in the order in which they were sent
        if (one.sent_ms - covered > longest.length_ms())
            longest = {covered, one.sent_ms};
        covered = std::max(covered, one.ended_ms);
    }
    return longest;
}
//! [longest_silence]

double whole_ms(const std::vector<rung>& rungs) {
    double end = 0;
    for (const rung& one : rungs)
        end = std::max(end, one.ended_ms);
    return end;
}

std::string to_text(const std::vector<rung>& rungs) {
    constexpr std::size_t width = 34;
    std::string text = fmt::format(
        "   sent, ms  client{:>{}}  arrived, ms\n", "server", width);
    const silence quiet = longest_silence(rungs);
    for (const rung& one : rungs) {
        if (quiet.length_ms() >= 1 && one.sent_ms == quiet.end_ms)
            text +=
                fmt::format("{:11}  |{:^{}}|\n", "",
                            fmt::format("{:.1f} ms: nothing is under way",
                                        quiet.length_ms()),
                            width + 2);
        const std::string label =
            one.length > 0
                ? fmt::format(" {}, {} B ", one.what, one.length)
                : fmt::format(" {} ", one.what);
        const std::string line = fmt::format("{:-^{}}", label, width);
        text += fmt::format("{:11.1f}  |{}{}{}|{:11.1f}\n", one.sent_ms,
                            one.from_client ? "-" : "<", line,
                            one.from_client ? ">" : "-", one.ended_ms);
    }
    return text;
}

nlohmann::ordered_json to_rows(const std::string& name,
                               const std::vector<rung>& rungs,
                               double least_ms) {
    auto rows = nlohmann::ordered_json::array();
    const double whole = whole_ms(rungs);
    int count = 0, lane = 0;
    for (const rung& one : rungs) {
        const auto* before =
            count > 0 ? &rungs[std::size_t(count) - 1] : nullptr;
        const bool together = before &&
                              before->from_client == one.from_client &&
                              one.sent_ms - before->sent_ms < 1;
        lane = together ? lane + 1 : 0;
        rows.push_back({{"ladder", name},
                        {"n", ++count},
                        {"lane", lane},
                        {"kind", one.what},
                        {"from", one.from_client ? "client" : "server"},
                        {"sent_ms", one.sent_ms},
                        {"ended_ms", one.ended_ms},
                        {"length", one.length},
                        {"whole_ms", whole}});
    }
    const silence quiet = longest_silence(rungs);
    if (quiet.length_ms() > least_ms)
        rows.push_back({{"ladder", name},
                        {"kind", "silence"},
                        {"sent_ms", quiet.begin_ms},
                        {"ended_ms", quiet.end_ms},
                        {"whole_ms", whole}});
    return rows;
}

} // namespace tcp_nodelay
