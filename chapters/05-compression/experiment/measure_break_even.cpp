#include "break-even/model.hpp"
#include "link_transfer.hpp"
#include "measurements.hpp"

#include "common/netlab/library/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

namespace compression {

namespace {

constexpr std::array<link_rate, 11> rates{1,   10,  30,  60,  100, 150,
                                          220, 320, 500, 800, 0};

// What is sent compressed.
struct sent_case {
    kind what;
    int level;
    order how;

    std::string codec() const {
        return fmt::format("{}/zlib-{}", name_of(what), level);
    }
    std::string name(link_rate rate) const {
        return fmt::format("link/{}/{}/{}", name_of_link(rate), codec(),
                           how == order::in_turn ? "in_turn"
                                                 : "overlapped");
    }
    std::string text() const {
        return fmt::format("{} level {} {}", name_of(what), level,
                           how == order::in_turn ? "in turn"
                                                 : "overlapped");
    }
};
constexpr std::array cases{
    sent_case{kind::json_log, 1, order::in_turn},
    sent_case{kind::json_log, 1, order::overlapped},
    sent_case{kind::json_log, 6, order::in_turn},
    sent_case{kind::json_log, 6, order::overlapped},
    sent_case{kind::json_log, 9, order::in_turn},
    sent_case{kind::json_log, 9, order::overlapped},
    sent_case{kind::prose, 1, order::in_turn},
    sent_case{kind::prose, 1, order::overlapped},
    sent_case{kind::prose, 6, order::in_turn},
    sent_case{kind::prose, 6, order::overlapped},
    sent_case{kind::random, 6, order::in_turn}};

std::string plain_name(link_rate rate) {
    return fmt::format("link/{}/plain", name_of_link(rate));
}

// Enough that slow start is a small part of the plain transfer, and at
// most 8 MiB.
std::size_t bytes_at(link_rate rate, bool smoke) {
    const double seconds = smoke ? 0.01 : 0.4;
    constexpr double K = 1024;
    const double least = smoke ? 8 * K : 128 * K;
    const double most = smoke ? 64 * K : 8192 * K;
    const double wanted = rate == 0 ? most : payload_rate(rate) * seconds;
    return static_cast<std::size_t>(std::clamp(wanted, least, most));
}

// Mbit/s where the compressed transfer stops being the faster one: 0 when
// it never was, infinity when it still is at the last rate. Between two
// rates the logarithms lie on a line.
// Of the medians of all runs, or of one run of each rate.
std::optional<double>
measured_break_even(const measure::results& measured,
                    const sent_case& one,
                    std::optional<std::size_t> run = {}) {
    double rate_before = 0, faster_before = 0;
    for (const link_rate rate : rates) {
        if (rate == 0)
            continue;
        const auto plain = measured.of(plain_name(rate), "seconds");
        const auto compressed = measured.of(one.name(rate), "seconds");
        if (plain.empty() || compressed.empty())
            return std::nullopt;
        if (run && *run >= std::min(plain.size(), compressed.size()))
            return std::nullopt;
        const double faster = std::log(
            run ? plain[*run] / compressed[*run]
                : measure::paired_ratio(plain, compressed).value);
        if (faster <= 0 && rate_before == 0)
            return 0;
        if (faster <= 0) {
            const double part = faster_before / (faster_before - faster);
            return rate_before * std::pow(rate / rate_before, part);
        }
        rate_before = rate;
        faster_before = faster;
    }
    return INFINITY;
}

// Mbit/s of the link, packet headers included, from the speeds of
// measure_codecs().
std::optional<double>
predicted_break_even(const measure::results& measured,
                     const sent_case& one) {
    const auto of = [&](const char* counter) {
        return measured.median_of("codec/" + one.codec(), counter);
    };
    const codec_speed speed{of("ratio"), of("compress_mb_per_s") * 1e6,
                            of("inflate_mb_per_s") * 1e6};
    if (speed.ratio == 0)
        return std::nullopt;
    return break_even(speed, one.how) / payload_rate(1);
}

// The break-evens of single runs over the predicted one.
measure::interval off_by_run(const measure::results& measured,
                             const sent_case& one, double predicted) {
    std::vector<double> ratios;
    while (const auto found =
               measured_break_even(measured, one, ratios.size()))
        ratios.push_back(*found / predicted);
    return measure::median_interval(std::move(ratios));
}

std::string in_words(double mbit) {
    return mbit == 0          ? std::string("never")
           : std::isinf(mbit) ? fmt::format("at all rates up to {}",
                                            rates[rates.size() - 2])
                              : fmt::format("below {:.0f}", mbit);
}

// Over every link up to 100 Mbit/s, all its runs together.
measure::answer is_faster(const measure::results& measured,
                          const sent_case& one) {
    std::vector<double> plain, compressed;
    for (const link_rate rate : rates) {
        if (rate == 0 || rate > 100)
            continue;
        for (const auto& [from, to] :
             {std::pair{plain_name(rate), &plain},
              std::pair{one.name(rate), &compressed}}) {
            const auto seconds = measured.of(from, "seconds");
            to->insert(to->end(), seconds.begin(), seconds.end());
        }
    }
    return measure::at_least(measure::paired_ratio(plain, compressed), 1);
}

measure::finding decide_speed(const measure::results& measured) {
    std::string figure, headline;
    std::vector<measure::answer> faster;
    for (const sent_case& one : cases) {
        const auto found = measured_break_even(measured, one);
        if (!found)
            return {"not measured", measure::verdict::inconclusive};
        faster.push_back(is_faster(measured, one));
        if (one.level == 6 && headline.empty())
            headline = fmt::format("logs: {} Mbit/s", in_words(*found));
        if (one.level == 6)
            figure += fmt::format("{}{} {}", figure.empty() ? "" : ", ",
                                  one.text(), in_words(*found));
    }
    return {"faster than plain, in Mbit/s of the link: " + figure,
            measure::decided_by(faster), headline};
}

measure::finding decide_model(const measure::results& measured) {
    constexpr double trusted = 300; // above, both ends and the emulator
                                    // want more than two cores
    std::string figure;
    double worst = 0;
    std::vector<measure::answer> answers;
    for (const sent_case& one : cases) {
        const auto found = measured_break_even(measured, one);
        const auto predicted = predicted_break_even(measured, one);
        if (!found || !predicted)
            return {"not measured", measure::verdict::inconclusive};
        if (*predicted > trusted || (*predicted == 0 && *found == 0))
            continue;
        worst = std::max(worst, std::abs(*found / *predicted - 1));
        answers.push_back(measure::within(
            off_by_run(measured, one, *predicted), 0.8, 1.2));
        figure += fmt::format("{}{}: {:.0f} predicted, {:.0f} measured",
                              figure.empty() ? "" : "; ", one.text(),
                              *predicted, *found);
    }
    if (figure.empty())
        return {"no break-even lies below 300 Mbit/s here",
                measure::verdict::inconclusive};
    return {figure + fmt::format(" (Mbit/s; off by at most {:.0f} %)",
                                 100 * worst),
            measure::decided_by(answers),
            fmt::format("off by at most {:.0f} %", 100 * worst)};
}

measure::finding decide_high_rates(const measure::results& measured) {
    std::string figure;
    int predicted_there = 0;
    std::vector<measure::answer> answers;
    for (const sent_case& one : cases) {
        const auto found = measured_break_even(measured, one);
        const auto predicted = predicted_break_even(measured, one);
        if (!found || !predicted)
            return {"not measured", measure::verdict::inconclusive};
        predicted_there += *predicted > 300;
        if (*predicted > 300) // open where it lies beyond the last rate
            answers.push_back(
                std::isinf(*found)
                    ? measure::answer::open
                    : measure::within(
                          off_by_run(measured, one, *predicted), 0.8,
                          1.2));
        if (*predicted > 300)
            figure += fmt::format("{}{}: {:.0f} predicted, {} measured",
                                  figure.empty() ? "" : "; ", one.text(),
                                  *predicted, in_words(*found));
    }
    return {figure.empty() ? "none was predicted there"
                           : figure + " (Mbit/s)",
            measure::decided_by(answers),
            fmt::format("{} cases, and too few cores", predicted_there)};
}

measure::measurement transfer(link_rate rate, kind what,
                              transfer_way way) {
    return [=](bool smoke) {
        const auto data = measured_data(what, bytes_at(rate, smoke));
        return transfer_over(rate, data, way);
    };
}

} // namespace

void measure_break_even(measure::experiment& experiment) {
    if (const auto reason = netlab::why_unavailable()) {
        fmt::print(stderr, "experiment: no links: {}\n", *reason);
    } else {
        for (const link_rate rate : rates) {
            std::vector<std::pair<std::string, measure::measurement>>
                together{{plain_name(rate),
                          transfer(rate, kind::json_log, plain_way())}};
            for (const sent_case& one : cases)
                together.emplace_back(
                    one.name(rate),
                    transfer(rate, one.what,
                             one.how == order::in_turn
                                 ? in_turn_way(one.level)
                                 : overlapped_way(one.level)));
            experiment.measure_together(6, std::move(together));
        }
    }
    experiment.decide({"compression-raises-speed",
                       "Compressing data raises transfer speed", "2.4",
                       decide_speed});
    experiment.decide({"break-even-is-predictable",
                       "Below 300 Mbit/s the break-even lies within 20 % "
                       "of what ratio and speeds predict",
                       "-", decide_model});
    experiment.decide({"break-even-above",
                       "Above 300 Mbit/s, too, the break-even is the "
                       "predicted one",
                       "-", decide_high_rates});
}

} // namespace compression
