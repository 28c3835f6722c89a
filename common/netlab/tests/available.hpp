/// @file
/// For tests that need the hosts: skips, with the reason, where they cannot be made.
#pragma once

#include "common/netlab/library/network.hpp"

#include <gtest/gtest.h>

/// A test fixture.
class on_netlab : public testing::Test {
protected:
    void SetUp() override {
        if (const auto reason = netlab::why_unavailable())
            GTEST_SKIP() << *reason;
    }
};
