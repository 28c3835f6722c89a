/// @file
/// The memory that a program asks for, looked at from within: tests of what is allocated, and of
/// what happens when nothing is left.
///
/// A program that links course::allocations has every form of operator new and delete of its
/// own, and aligned_alloc(3), by which Asio's handlers and coroutines get theirs. Some alone
/// would not do: a library may allocate by one form and free by another.
#pragma once

#include <cstddef>

namespace testing_support {

/// While it lives, each allocation of this process asks a function first. One at a time.
class watched_allocations {
public:
    /// @param size in bytes, as it was asked for. @returns whether it may have them: otherwise it
    /// fails, by std::bad_alloc or nullptr. Called in the thread that allocates; it must not
    /// allocate itself.
    using watcher = bool (*)(std::size_t size) noexcept;

    explicit watched_allocations(watcher watch);
    ~watched_allocations();
    watched_allocations(const watched_allocations&) = delete;
    watched_allocations& operator=(const watched_allocations&) = delete;
};

} // namespace testing_support
