#include "notes.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace file_transfer {

namespace {

constexpr std::size_t overhead = 128; // of one note, beside its text

} // namespace

void notes::add(const failure& why) {
    const std::scoped_lock lock(mutex_);
    const std::string_view text = why.what();
    const std::size_t cost = text.size() + overhead;
    if (bytes_ + cost <= most_) {
        bytes_ += cost;
        kept_.push_back(why);
        return;
    }
    if (more_++ == 0 || is_remark(worst_))
        worst_ = why.code();
}

std::vector<failure> notes::take() {
    const std::scoped_lock lock(mutex_);
    if (more_ > 0)
        kept_.emplace_back(worst_,
                           fmt::format("{} more were left out", more_));
    bytes_ = more_ = 0;
    return std::exchange(kept_, {});
}

bool is_remark(const std::error_code& code) {
    return code == errc::not_sent || code == errc::grew;
}

} // namespace file_transfer
