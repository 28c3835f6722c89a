#include "worker.hpp"

#include "steps.hpp"

#include <fmt/format.h>

#include <csignal>
#include <ctime>
#include <fstream>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace testing_support {

namespace {

// The state of a thread of this process, as proc(5) has it: R, S, ...; 0 when it has ended.
char scheduler_state(int thread) {
    std::ifstream file(fmt::format("/proc/self/task/{}/stat", thread));
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');
    return name_end == std::string::npos ? '\0' : line[name_end + 2];
}

std::chrono::nanoseconds processor_time(pthread_t thread) {
    clockid_t clock{};
    timespec used{};
    if (::pthread_getcpuclockid(thread, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
        return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

} // namespace

worker::worker(std::function<void()> function) {
    // The exception ends in its own thread: only its text crosses.
    std::packaged_task<std::optional<std::string>()> task(
        [function = std::move(function)]() -> std::optional<std::string> {
            try {
                function();
                return std::nullopt;
            } catch (const std::exception& error) {
                return reason(error);
            }
        });
    result_ = task.get_future();
    auto identity = identity_.get_future();
    thread_ = std::jthread([this, task = std::move(task)]() mutable {
        identity_.set_value(::gettid());
        task();
    });
    id_ = identity.get();
}

worker::state worker::settle() const {
    constexpr std::chrono::milliseconds enough(200);
    constexpr int often = 50; // a lock may put it to sleep for a moment
    const auto handle = const_cast<std::jthread&>(thread_).native_handle();
    const auto start = processor_time(handle);
    auto used = start;
    for (int asleep = 0; asleep < often;) {
        if (result_.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready)
            return state::ended;
        const auto before = std::exchange(used, processor_time(handle));
        if (used - start > enough)
            return state::spins;
        asleep = used == before && scheduler_state(id_) == 'S' ? asleep + 1 : 0;
    }
    return state::waits;
}

long worker::system_call() const {
    std::ifstream file(fmt::format("/proc/self/task/{}/syscall", id_));
    long number = -1; // "running", for a thread that does
    return file >> number ? number : -1;
}

std::optional<std::uint64_t> worker::argument(std::size_t index) const {
    std::ifstream file(fmt::format("/proc/self/task/{}/syscall", id_));
    std::string word; // the call's number, then its arguments: 0x...
    for (std::size_t i = 0; i <= index + 1; ++i)
        file >> word;
    if (!file || !word.starts_with("0x"))
        return std::nullopt;
    return std::stoull(word, nullptr, 16);
}

void worker::signal(int number) {
    ::pthread_kill(thread_.native_handle(), number);
}

std::optional<std::string> worker::finish() {
    return result_.get();
}

} // namespace testing_support
