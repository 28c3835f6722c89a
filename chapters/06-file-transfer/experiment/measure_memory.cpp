// The most memory that the server has held, clients sending on more and
// more connections, up to its limit.
#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace file_transfer {

namespace {

constexpr int limit = 32;

std::string named(const char* what, int connections) {
    return fmt::format("memory/{}/{}", what, connections);
}

// Two clients, for one has at most 16 connections.
transfer_method by(int connections) {
    transfer_method one = ours();
    const auto put = [](const char* to, int count) {
        return fmt::format("{} put \"$CONTENT\" --to {} --connections {} "
                           "--connect $SERVER:$PORT",
                           beside("file_client"), to, count);
    };
    one.client =
        fmt::format("{} & other=$!; {} && wait $other",
                    put("a", connections / 2), put("b", connections / 2));
    one.arrives = {"a", "b"};
    return one;
}

measure::finding decide_memory(const measure::results& measured) {
    const auto peak = measured.of(named("put", limit), "server_peak_mib");
    const double bound =
        measured.median_of(named("put", limit), "bound_mib");
    if (peak.empty())
        return {"not measured", measure::verdict::inconclusive};
    const double most = std::ranges::max(peak);
    return {fmt::format("at most {:.0f} MiB with {} clients sending; the "
                        "server says {:.0f} MiB",
                        most, limit, bound),
            measure::decided_by({measure::in_every_run(
                static_cast<std::size_t>(std::ranges::count_if(
                    peak, [&](double mib) { return mib < bound; })),
                peak.size())}),
            fmt::format("{:.0f} MiB of {:.0f}", most, bound)};
}

} // namespace

void measure_memory(measurement_plan& plan) {
    const run_scope much = plan.much();
    const content what{.what = content::kind::mixed,
                       .bytes = 5'000'000,
                       .files = much.smoke ? 10u : 60u};
    for (const int connections : {2, 8, 16, limit})
        if (!much.smoke || connections == 2)
            plan.measure(named("put", connections), much.full ? 3 : 2,
                         transfer("home", what, by(connections)));
    plan.decide({"memory-is-bounded",
                 "The server's memory stays below the bound that it "
                 "prints, with its connection limit reached",
                 "-", decide_memory});
}

} // namespace file_transfer
