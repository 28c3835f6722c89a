/// @file
/// A test that waits for ever tells nothing; this ends it and says where it stood.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace testing_support {

/// Ends the process with a message when it lives longer than its limit. Declare it first in a
/// test that blocks.
class deadline {
public:
    explicit deadline(std::chrono::seconds limit = std::chrono::seconds(20));
    ~deadline();
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;

private:
    void watch(std::chrono::seconds limit);

    std::string test_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool done_ = false;
    std::thread watcher_;
};

/// Waits for what nothing announces: asks every 2 ms whether @p condition holds.
/// @returns false when it did not within @p limit.
bool wait_until(const std::function<bool()>& condition,
                std::chrono::seconds limit = std::chrono::seconds(10));

} // namespace testing_support
