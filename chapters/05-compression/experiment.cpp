// What chapter 5 measures, and the claims that it decides.
#include "measurements.hpp"

int main(int argc, char** argv) {
    measure::experiment experiment("compression", COURSE_CHAPTER_DIR);
    compression::measure_codecs(experiment);
    compression::measure_streaming(experiment);
    compression::measure_break_even(experiment);
    compression::measure_overlap(experiment);
    compression::measure_messages(experiment);
    compression::measure_memory(experiment);
    compression::measure_bomb(experiment);
    return experiment.run(argc, argv);
}
