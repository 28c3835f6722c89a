// What chapter 2 measures, and the claims that it decides.
#include "measurements.hpp"

#include <filesystem>

int main(int argc, char** argv) {
    using namespace buffer_size;
    const auto programs =
        std::filesystem::canonical("/proc/self/exe").parent_path();
    measure::experiment experiment("buffer-size", COURSE_CHAPTER_DIR "/experiment");
    measure_application(experiment);
    measure_pieces(experiment);
    measure_mistakes(experiment);
    measure_link(experiment);
    measure_tuning(experiment);
    measure_memory(experiment);
    measure_yardsticks(experiment, programs.string(),
                       COURSE_CHAPTER_DIR "/python");
    experiment.headline("^(application/|link/(1|40)ms/(64K|auto))", 6);
    return experiment.run(argc, argv);
}
