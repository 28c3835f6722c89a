#include "measurements.hpp"
#include "zlib/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace compression {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::array<std::size_t, 12> sizes{
    32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};

// The times and sizes of messages that go through both ends.
class tally {
public:
    template <class Deflate, class Inflate>
    void pass(std::span<const std::byte> message, Deflate deflate,
              Inflate inflate) {
        const auto start = clock::now();
        const auto& packed = deflate(message);
        const auto packed_at = clock::now();
        const auto& back = inflate(packed);
        const auto end = clock::now();
        if (!std::ranges::equal(back, message))
            throw std::runtime_error("a message came back changed");
        raw_ += double(message.size());
        packed_ += double(packed.size());
        compressing_ += packed_at - start;
        both_.push_back((end - start).count());
    }

    measure::counters row() const {
        const auto count = double(both_.size());
        const measure::distribution us(both_, 1e3);
        return {{"percent_of_raw", 100 * packed_ / raw_},
                {"compress_us", compressing_.count() / 1e3 / count},
                {"latency_us", us.at(50)},
                {"latency_p99_us", us.at(99)},
                {"message_bytes", raw_ / count},
                {"packed_bytes", packed_ / count}};
    }

private:
    double raw_ = 0, packed_ = 0;
    std::chrono::duration<double, std::nano> compressing_{};
    std::vector<std::int64_t> both_;
};

// Each message by itself, as the article compresses: a new stream.
void own_blob(std::span<const std::byte> message, tally& tally) {
    tally.pass(
        message, [](auto data) { return compress(data); },
        [&](const auto& packed) {
            return inflate(packed, message.size());
        });
}

template <class Pass>
measure::counters with_messages(std::size_t size, bool smoke, Pass pass) {
    const std::size_t most = smoke ? 1 << 14 : 1 << 18;
    const std::size_t count =
        std::clamp<std::size_t>(most / size, smoke ? 1 : 16, 1000);
    const auto data = measured_data(kind::json_log, count * size);
    tally tally;
    for (std::size_t i = 0; i < count; ++i)
        pass(std::span(data).subspan(i * size, size), tally);
    return tally.row();
}

measure::counters own_blobs(std::size_t size, bool smoke) {
    return with_messages(size, smoke, own_blob);
}

// One message_deflater for all: reset between two messages, or not.
measure::counters one_object(context between, std::size_t size,
                             bool smoke) {
    message_deflater deflater({}, between);
    message_inflater inflater({.message = message_limit}, between);
    return with_messages(
        size, smoke,
        [&](std::span<const std::byte> message, tally& tally) {
            tally.pass(
                message,
                [&](auto data) { return deflater.deflate(data); },
                [&](auto packed) { return inflater.inflate(packed); });
        });
}

measure::finding decide(const measure::results& measured) {
    const auto of = [&](const char* way, std::size_t size,
                        const char* counter) {
        return measured.median_of(
            fmt::format("messages/{}/{}", size, way), counter);
    };
    if (of("own_blob", 128, "percent_of_raw") == 0)
        return {"not measured", measure::verdict::inconclusive};
    // Enough: at most a twentieth more bytes than in one stream. Bytes
    // are counted, not timed.
    std::vector<measure::answer> enough;
    for (const std::size_t size : sizes) {
        const auto blobs = measured.of(
            fmt::format("messages/{}/own_blob", size), "percent_of_raw");
        const double most =
            1.05 * of("one_stream", size, "percent_of_raw");
        enough.push_back(measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count_if(
                blobs, [&](double each) { return each <= most; })),
            blobs.size()));
    }
    const auto percent = [&](const char* way, std::size_t size) {
        return of(way, size, "percent_of_raw");
    };
    return {fmt::format(
                "of the raw size, on its own and in one stream: 64 bytes "
                "{:.0f} and {:.0f} %, 128 bytes {:.0f} and {:.0f} %, "
                "64 KiB {:.0f} and {:.0f} %; time for 256 bytes {:.0f} "
                "and {:.0f} us",
                percent("own_blob", 64), percent("one_stream", 64),
                percent("own_blob", 128), percent("one_stream", 128),
                percent("own_blob", 65536), percent("one_stream", 65536),
                of("own_blob", 256, "compress_us"),
                of("one_stream", 256, "compress_us")),
            measure::decided_by(enough),
            fmt::format("64 bytes: {:.0f} %, in one stream {:.0f} %",
                        percent("own_blob", 64),
                        percent("one_stream", 64))};
}

} // namespace

void measure_messages(measure::experiment& experiment) {
    for (const std::size_t size : sizes) {
        const auto name = [&](const char* way) {
            return fmt::format("messages/{}/{}", size, way);
        };
        const auto object = [&](context between) {
            return [=](bool smoke) {
                return one_object(between, size, smoke);
            };
        };
        experiment.measure_together(
            3, {{name("own_blob"),
                 [=](bool smoke) { return own_blobs(size, smoke); }},
                {name("own_stream"), object(context::dropped)},
                {name("one_stream"), object(context::kept)}});
    }
    experiment.decide({"own-blob-is-enough",
                       "Compressing each piece of data on its own is "
                       "enough",
                       "2.4", decide});
}

} // namespace compression
