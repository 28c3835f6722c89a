// What chapter 1 measures, and the claims that it decides.
#include "measurements.hpp"

int main(int argc, char** argv) {
    measure::experiment experiment("blocking-echo", COURSE_CHAPTER_DIR "/experiment");
    blocking_echo::measure_stream(experiment);
    blocking_echo::measure_one_send(experiment);
    blocking_echo::measure_round_trip(experiment,
                                      COURSE_CHAPTER_DIR "/python");
    blocking_echo::measure_closing(experiment);
    experiment.headline(".", 31);
    return experiment.run(argc, argv);
}
