// What chapter 5 measures, and the claims that it decides.
#include "measurements.hpp"

#include <map>

namespace compression {

std::span<const std::byte> measured_data(kind what, std::size_t size) {
    constexpr std::size_t most = 16 << 20;
    constexpr std::uint64_t seed = 1;
    static std::map<kind, byte_vector> made;
    byte_vector& whole = made[what];
    if (whole.size() < size) // a short run does not need all
        whole = make_corpus(what, size <= 1 << 18 ? 1 << 18 : most, seed);
    return std::span(whole).first(size);
}

} // namespace compression

int main(int argc, char** argv) {
    measure::experiment experiment("compression", COURSE_CHAPTER_DIR "/experiment");
    compression::measure_codecs(experiment);
    compression::measure_streaming(experiment);
    compression::measure_break_even(experiment);
    compression::measure_overlap(experiment);
    compression::measure_messages(experiment);
    compression::measure_memory(experiment);
    compression::measure_bomb(experiment);
    experiment.headline("^(streaming|messages|memory|bomb)/", 6);
    return experiment.run(argc, argv);
}
