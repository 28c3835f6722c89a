/// @file
/// What must happen whatever way something ends.
///
/// A coroutine may end without reaching its end, and without its
/// completion handler being called: when there is no memory to start its
/// next operation, Asio destroys both, a little later. No catch in the
/// coroutine runs then. What a destructor does is done all the same.
#pragma once

#include <utility>

namespace async_io {

/// Calls a function, which must not throw, when it is destroyed. It can
/// be moved: then the last one calls it.
template <class Function>
class scope_exit {
public:
    explicit scope_exit(Function function)
        : function_(std::move(function)) {}
    scope_exit(scope_exit&& other) noexcept
        : function_(std::move(other.function_)),
          armed_(std::exchange(other.armed_, false)) {}
    scope_exit& operator=(scope_exit&&) = delete;
    ~scope_exit() {
        if (armed_)
            function_();
    }

private:
    Function function_;
    bool armed_ = true;
};

} // namespace async_io
