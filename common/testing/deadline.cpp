#include "deadline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace testing_support {

namespace {

std::string current_test() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    return test ? fmt::format("{}.{}", test->test_suite_name(), test->name()) : "a test";
}

} // namespace

deadline::deadline(std::chrono::seconds limit)
    : test_(current_test()), watcher_([this, limit] { watch(limit); }) {}

deadline::~deadline() {
    {
        const std::scoped_lock lock(mutex_);
        done_ = true;
    }
    ended_.notify_one();
    watcher_.join();
}

void deadline::watch(std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, limit, [this] { return done_; }))
        return;
    fmt::print(stderr, "{} did not end within {} s\n", test_, limit.count());
    std::fflush(stdout);
    std::_Exit(EXIT_FAILURE); // not abort(): CTest takes a signal for a crash
}

bool wait_until(const std::function<bool()>& condition, std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

} // namespace testing_support
