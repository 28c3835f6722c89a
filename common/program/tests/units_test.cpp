#include "common/program/units.hpp"

#include <gtest/gtest.h>

namespace {

TEST(units, sizes_are_powers_of_1024) {
    EXPECT_EQ(program::parse_size("1500"), 1500u);
    EXPECT_EQ(program::parse_size("64K"), 65536u);
    EXPECT_EQ(program::parse_size("0.5M"), 524288u);
    for (const char* text : {"", "K", "-1", "1k", "1.5", "1e300", "nan", "1 K"})
        EXPECT_THROW(program::parse_size(text), std::invalid_argument) << text;
}

TEST(units, are_written_as_a_user_writes_them) {
    for (const char* text : {"0", "1", "1500", "1K", "64K", "5M", "3G", "1024G"})
        EXPECT_EQ(program::size_text(program::parse_size(text)), text);
    for (const char* text : {"0ms", "0.5us", "10us", "1.5ms", "10ms", "1s", "1.5s", "3600s"})
        EXPECT_EQ(program::duration_text(program::parse_duration(text)), text);
}

TEST(units, durations_and_rates_need_their_unit) {
    EXPECT_EQ(program::parse_duration("1.5ms").count(), 1'500'000);
    EXPECT_EQ(program::parse_rate("80mbit"), 80'000'000u);
    EXPECT_THROW(program::parse_duration("5"), std::invalid_argument);
    EXPECT_THROW(program::parse_rate("80"), std::invalid_argument);
}

} // namespace
