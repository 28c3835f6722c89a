/// @file
/// Numbers and texts in a payload, big-endian.
#pragma once

#include "protocol.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"

#include <concepts>
#include <cstring>

namespace file_transfer {

/// Appends to a vector.
class wire_writer {
public:
    explicit wire_writer(std::vector<std::byte>& out) : out_(out) {}

    template <std::unsigned_integral T>
    void number(T value) {
        out_.resize(out_.size() + sizeof(T));
        blocking_echo::put_big_endian(std::span(out_).last(sizeof(T)),
                                      value);
    }
    void bytes(byte_view some) {
        out_.insert(out_.end(), some.begin(), some.end());
    }
    void text(const std::string& some) { // at most 64 KiB
        number(static_cast<std::uint16_t>(some.size()));
        bytes(std::as_bytes(std::span(some)));
    }

private:
    std::vector<std::byte>& out_;
};

/// Takes from a span.
/// @throws failure bad_message when more is asked for than is there.
class wire_reader {
public:
    explicit wire_reader(byte_view in) : in_(in) {}

    template <std::unsigned_integral T>
    T number() {
        return static_cast<T>(
            blocking_echo::get_big_endian(bytes(sizeof(T))));
    }
    byte_view bytes(std::size_t count) {
        if (count > in_.size())
            throw failure(errc::bad_message, "a message is cut short");
        const byte_view taken = in_.first(count);
        in_ = in_.subspan(count);
        return taken;
    }
    std::string text() {
        const byte_view some = bytes(number<std::uint16_t>());
        return {reinterpret_cast<const char*>(some.data()), some.size()};
    }
    bool empty() const { return in_.empty(); }
    std::size_t left() const { return in_.size(); }
    void finish() const {
        if (!in_.empty())
            throw failure(errc::bad_message,
                          "bytes follow the end of a message");
    }

private:
    byte_view in_;
};

/// One entry among others.
void put(wire_writer& out, const entry& one);
entry get_entry(wire_reader& in);

} // namespace file_transfer
