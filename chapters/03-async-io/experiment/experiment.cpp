// What chapter 3 measures, and the claims that it decides.
#include "measurements.hpp"

int main(int argc, char** argv) {
    measure::experiment experiment("async-io", COURSE_CHAPTER_DIR "/experiment");
    async_io::measure_stall(experiment);
    async_io::measure_scaling(experiment);
    async_io::measure_cost(experiment);
    async_io::measure_buffers(experiment);
    async_io::measure_memory(experiment);
    async_io::measure_computing(experiment);
    async_io::measure_shortage(experiment);
    experiment.headline("^stall/|^cost/", 6);
    return experiment.run(argc, argv);
}
