#include "watched_allocations.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace testing_support {

namespace {

std::atomic<watched_allocations::watcher> watching{nullptr};

constexpr std::align_val_t usual{__STDCPP_DEFAULT_NEW_ALIGNMENT__};

// nullptr where there is none, or a test says so.
void* allocated(std::size_t size, std::align_val_t alignment = usual) noexcept {
    const watched_allocations::watcher watch = watching;
    if (watch && !watch(size))
        return nullptr;
    if (alignment <= usual)
        return std::malloc(std::max<std::size_t>(size, 1));
    void* space = nullptr;
    return ::posix_memalign(&space, static_cast<std::size_t>(alignment), size) == 0 ? space
                                                                                    : nullptr;
}

void* or_throw(void* space) {
    if (!space)
        throw std::bad_alloc();
    return space;
}

} // namespace

watched_allocations::watched_allocations(watcher watch) {
    if (watching.exchange(watch))
        throw std::logic_error("the allocations are watched already");
}

watched_allocations::~watched_allocations() {
    watching = nullptr;
}

} // namespace testing_support

using testing_support::allocated, testing_support::or_throw;
using aligned = std::align_val_t;
using quietly = const std::nothrow_t&;

// The process's own, found before the C library's.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return allocated(size, static_cast<std::align_val_t>(alignment));
}

// clang-format off
void* operator new(size_t size) { return or_throw(allocated(size)); }
void* operator new[](size_t size) { return or_throw(allocated(size)); }
void* operator new(size_t size, aligned to) { return or_throw(allocated(size, to)); }
void* operator new[](size_t size, aligned to) { return or_throw(allocated(size, to)); }
void* operator new(size_t size, quietly) noexcept { return allocated(size); }
void* operator new[](size_t size, quietly) noexcept { return allocated(size); }
void* operator new(size_t size, aligned to, quietly) noexcept { return allocated(size, to); }
void* operator new[](size_t size, aligned to, quietly) noexcept { return allocated(size, to); }

void operator delete(void* space) noexcept { std::free(space); }
void operator delete[](void* space) noexcept { std::free(space); }
void operator delete(void* space, size_t) noexcept { std::free(space); }
void operator delete[](void* space, size_t) noexcept { std::free(space); }
void operator delete(void* space, aligned) noexcept { std::free(space); }
void operator delete[](void* space, aligned) noexcept { std::free(space); }
void operator delete(void* space, size_t, aligned) noexcept { std::free(space); }
void operator delete[](void* space, size_t, aligned) noexcept { std::free(space); }
void operator delete(void* space, quietly) noexcept { std::free(space); }
void operator delete[](void* space, quietly) noexcept { std::free(space); }
void operator delete(void* space, aligned, quietly) noexcept { std::free(space); }
void operator delete[](void* space, aligned, quietly) noexcept { std::free(space); }
