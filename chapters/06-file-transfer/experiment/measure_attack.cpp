// Honest clients while others come and go, reset, dawdle, lie, or never
// read: python/attack.py.
#include "measurements.hpp"

#include "common/measure/shell_word.hpp"

#include <fmt/format.h>

namespace file_transfer {

namespace {

const std::vector<std::string> kinds{"come_and_go", "reset", "slow",
                                     "illegal",     "bomb",  "never_read",
                                     "mix"};

constexpr const char* prefix = "attack/";

// Two honest clients; the attack has begun before their time starts, and
// ends after them. `none` starts the same program, which then waits.
transfer_method under(const std::string& kind) {
    transfer_method one = ours();
    const auto put = [](const char* to) {
        return fmt::format("{} put \"$CONTENT\" --to {} --connect "
                           "$SERVER:$PORT",
                           beside("file_client"), to);
    };
    one.client = fmt::format(
        "exec 3< <(exec python3 {} $SERVER $PORT {}); "
        "attacker=$!; read -u 3 begun; begin=$EPOCHREALTIME; {} & "
        "other=$!; {} "
        "&& wait $other; code=$?; end=$EPOCHREALTIME; kill $attacker; "
        "read -u 3 count; echo \"$count strikes\"; [ $code = 0 ]",
        measure::shell_word(COURSE_CHAPTER_DIR "/python/attack.py"), kind,
        put("a"), put("b"));
    one.arrives = {"a", "b"};
    return one;
}

// What the attack was: how often it struck.
std::string dose(const measure::results& measured,
                 const std::string& kind) {
    const auto strikes = measured.of(prefix + kind, "strikes");
    return strikes.empty()
               ? std::string("strikes not measured")
               : fmt::format("{:.0f} strikes", measure::median(strikes));
}

measure::finding decide_attack(const measure::results& measured) {
    const std::string none = std::string(prefix) + "none";
    if (measured.of(none, "seconds").empty())
        return {"not measured", measure::verdict::inconclusive};
    std::string figure;
    measure::interval worst{};
    std::vector<measure::answer> attacks;
    for (const std::string& kind : kinds) {
        if (!measured.has(prefix + kind))
            continue;
        const auto times = times_as_long(measured, none, prefix + kind);
        if (attacks.empty() || times.value < worst.value)
            worst = times;
        attacks.push_back(measure::at_least(times, 0.5));
        append_words(figure,
                     fmt::format("{} {:.2f} ({}; {})", kind, times.value,
                                 bounds(times), dose(measured, kind)));
    }
    return {"throughput of two honest clients against none attacking: " +
                figure,
            measure::decided_by(attacks),
            fmt::format("at least {:.2f} of it, {} pairs", worst.value,
                        worst.count)};
}

} // namespace

void measure_attack(measurement_plan& plan) {
    const content what{.what = content::kind::blend,
                       .bytes = 200'000'000};
    cases together{{std::string(prefix) + "none",
                    transfer("loopback", what, under("none"))}};
    for (const std::string& kind : kinds)
        if (kind == "mix" || !plan.much().smoke)
            together.emplace_back(
                prefix + kind, transfer("loopback", what, under(kind)));
    plan.measure_together(6, std::move(together));
    plan.decide({"stable",
                 "Honest clients keep at least half of their throughput "
                 "while others attack",
                 "3", decide_attack});
}

} // namespace file_transfer
