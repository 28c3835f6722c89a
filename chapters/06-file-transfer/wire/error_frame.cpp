#include "error_frame.hpp"

#include "fields.hpp"

#include "chapters/03-async-io/robust/refusal.hpp"

#include <fmt/format.h>

#include <array>

namespace file_transfer {

using async_io::refusal;
using blocking_echo::frame_errc;

namespace {

class peer_category : public std::error_category {
public:
    const char* name() const noexcept override { return "peer"; }
    std::string message(int value) const override {
        return fmt::format("error {}", value);
    }
};

const std::error_category& numbers_of_others() {
    static const peer_category category;
    return category;
}

// No two ranges overlap: a number has one meaning.
struct range {
    std::error_code first, last;
};

std::array<range, 3> known_ranges() {
    return {{{frame_errc::bad_magic, frame_errc::unexpected_type},
             {refusal::busy, refusal::stopping},
             {errc::bad_message, errc::root_gone}}};
}

std::error_code code_of(std::uint16_t number) {
    for (const auto& [first, last] : known_ranges())
        if (first.value() <= number && number <= last.value())
            return {number, first.category()};
    return {number, numbers_of_others()};
}

std::uint16_t number_of(const std::error_code& code) {
    const auto number = static_cast<std::uint16_t>(code.value());
    if (code.category() == numbers_of_others())
        return number;
    for (const auto& [first, last] : known_ranges())
        if (code.category() == first.category())
            return number;
    return number_of(errc::storage);
}

} // namespace

std::vector<std::byte> encode(const failure& why) {
    return blocking_echo::encode_error(number_of(why.code()), why.what());
}

peer_failure told_by(byte_view payload) {
    std::uint16_t number = 0;
    if (payload.size() >= sizeof number)
        number = wire_reader(payload).number<std::uint16_t>();
    return {code_of(number), blocking_echo::describe_error(payload)};
}

void throw_told(byte_view payload) {
    throw told_by(payload);
}

} // namespace file_transfer
