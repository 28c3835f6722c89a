#include "common/testing/watched_allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <vector>

#include <gtest/gtest.h>

namespace testing_support {
namespace {

constexpr std::size_t asked = 77'000; // by nobody else
constexpr std::align_val_t page{4096};

std::atomic<int> seen = 0;
std::atomic<bool> refused = false;

bool watch(std::size_t size) noexcept {
    if (size != asked)
        return true;
    ++seen;
    return !refused;
}

// Each by another form of operator new, and freed by a delete that a library may pair it with.
const std::vector<std::function<bool()>> forms{
    [] { return void(::operator delete(::operator new(asked))), true; },
    [] { return void(::operator delete[](::operator new[](asked))), true; },
    [] { return void(::operator delete(::operator new(asked, page), page)), true; },
    [] { return void(::operator delete[](::operator new[](asked, page), page)), true; },
    [] {
        void* const space = ::operator new(asked, std::nothrow);
        ::operator delete(space, asked);
        return space != nullptr;
    },
    [] {
        void* const space = ::operator new[](asked, std::nothrow);
        ::operator delete[](space);
        return space != nullptr;
    },
    [] {
        void* const space = ::operator new(asked, page, std::nothrow);
        ::operator delete(space, asked, page);
        return space != nullptr;
    },
    [] {
        void* const space = ::operator new[](asked, page, std::nothrow);
        ::operator delete[](space, page, std::nothrow);
        return space != nullptr;
    },
    [] {
        void* const space = std::aligned_alloc(4096, asked);
        std::free(space);
        return space != nullptr;
    }};

bool gets_it(const std::function<bool()>& form) {
    try {
        return form();
    } catch (const std::bad_alloc&) {
        return false;
    }
}

TEST(watched_allocations, every_form_of_new_asks_and_can_be_refused) {
    const watched_allocations watched(watch);
    seen = 0;
    for (const bool no : {false, true}) {
        refused = no;
        for (std::size_t i = 0; i < forms.size(); ++i)
            EXPECT_EQ(gets_it(forms[i]), !no) << "form " << i;
    }
    EXPECT_EQ(seen, 2 * static_cast<int>(forms.size()));
}

} // namespace
} // namespace testing_support
