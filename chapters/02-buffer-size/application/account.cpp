#include "account.hpp"

#include "common/measure/processor.hpp"

namespace buffer_size {

namespace {

double per(std::uint64_t a, double b) {
    return b > 0 ? static_cast<double>(a) / b : 0;
}

} // namespace

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

double account::bytes_per_call() const {
    return per(bytes, static_cast<double>(calls));
}

double account::calls_per_mib() const {
    return per(calls, static_cast<double>(bytes) / (1 << 20));
}

double account::cpu_ns_per_kib() const {
    return bytes
               ? seconds(cpu) * 1e9 / (static_cast<double>(bytes) / 1024)
               : 0;
}

double account::gbit_per_s() const {
    return per(bytes * 8, seconds(wall) * 1e9);
}

timed::timed(account& into) : into_(into), cpu_(measure::cpu_ns()) {}

timed::~timed() {
    into_.cpu += std::chrono::nanoseconds(measure::cpu_ns() - cpu_);
    into_.wall += clock::now() - wall_;
}

} // namespace buffer_size
