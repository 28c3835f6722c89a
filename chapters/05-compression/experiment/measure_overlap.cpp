#include "link_transfer.hpp"
#include "measurements.hpp"

#include "common/netlab/library/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace compression {

namespace {

constexpr std::array<link_rate, 3> rates{20, 80, 200};
constexpr int level = 6;

std::span<const std::byte> data_of(bool smoke) {
    return measured_data(kind::json_log, smoke ? 1 << 16 : 16 << 20);
}

// The time of compressing alone, block by block, with nothing sent.
measure::counters compress_alone(bool smoke) {
    using clock = std::chrono::steady_clock;
    const auto data = data_of(smoke);
    deflate_stream stream({.level = level});
    byte_vector block(piece_size);
    std::size_t size = 0;
    const auto start = clock::now();
    deflate_all(stream, data, deflate_stream::flush::finish, block,
                [&](auto piece) { size += piece.size(); });
    const std::chrono::duration<double> time = clock::now() - start;
    return {{"seconds", time.count()},
            {"bytes", double(data.size())},
            {"compressed_bytes", double(size)}};
}

// The time of the wire alone: what was compressed beforehand is sent.
measure::counters wire_alone(link_rate rate, bool smoke) {
    const auto packed = compress(data_of(smoke), {.level = level});
    return transfer_over(rate, packed, plain_way());
}

std::string name(link_rate rate, const char* what) {
    return fmt::format("overlap/{}/{}", name_of_link(rate), what);
}

// The larger of the two, by repetition.
std::vector<double> larger(std::vector<double> a,
                           const std::vector<double>& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        a[i] = std::max(a[i], b[i]);
    return a;
}

measure::finding decide(const measure::results& measured) {
    constexpr double most = 1.1;
    std::string figure;
    measure::interval longest{};
    std::vector<measure::answer> cases;
    for (const link_rate rate : rates) {
        const auto of = [&](const char* what) {
            return measured.of(name(rate, what), "seconds");
        };
        const auto bound = larger(of("compress"), of("wire"));
        if (bound.size() < 2 || of("overlapped").size() < 2)
            return {"not measured", measure::verdict::inconclusive};
        const auto ratio = measure::paired_ratio(of("overlapped"), bound);
        const auto streaming =
            measure::paired_ratio(of("streaming"), bound);
        figure += fmt::format(
            "{}{} Mbit/s: {:.2f} of it ({}), streaming on one thread "
            "{:.2f}",
            figure.empty() ? "" : "; ", rate, ratio.value, bounds(ratio),
            streaming.value);
        if (ratio.value > longest.value)
            longest = ratio;
        cases.push_back(measure::at_most(ratio, most));
    }
    return {figure, measure::decided_by(cases),
            fmt::format("{:.2f} times at most, {} pairs", longest.value,
                        longest.count)};
}

} // namespace

void measure_overlap(measure::experiment& experiment) {
    if (!netlab::why_unavailable())
        for (const link_rate rate : rates) {
            const auto over = [=](transfer_way way) {
                return [=](bool smoke) {
                    return transfer_over(rate, data_of(smoke), way);
                };
            };
            experiment.measure_together(
                9, {{name(rate, "compress"), compress_alone},
                    {name(rate, "wire"),
                     [=](bool smoke) { return wire_alone(rate, smoke); }},
                    {name(rate, "in_turn"), over(in_turn_way(level))},
                    {name(rate, "streaming"), over(streaming_way(level))},
                    {name(rate, "overlapped"),
                     over(overlapped_way(level))}});
        }
    experiment.decide({"overlap-hides-the-smaller",
                       "Overlapped, a transfer takes at most 1.1 of the "
                       "larger of compressing and sending",
                       "-", decide});
}

} // namespace compression
