#include "file_queue.hpp"

#include "shares.hpp"

#include <iterator>

namespace file_transfer {

std::optional<sent_file> file_queue::next() {
    const std::scoped_lock lock(mutex_);
    if (at_ == files_.size())
        return std::nullopt;
    return files_[at_++];
}

namespace {

bool is_second(const sent_file& one) {
    return one.about.what == entry::kind::folder && one.is_there;
}

} // namespace

file_queue::parts file_queue::share_out(std::size_t count) {
    const std::scoped_lock lock(mutex_);
    const auto first = files_.begin() + static_cast<std::ptrdiff_t>(at_);
    auto end = files_.end();
    while (end != first && is_second(*std::prev(end)))
        --end;
    if (end - first < static_cast<std::ptrdiff_t>(count))
        return {};
    parts all;
    all.begun = at_;
    std::vector<sent_file> left(std::make_move_iterator(first),
                                std::make_move_iterator(end));
    all.second.assign(std::make_move_iterator(end),
                      std::make_move_iterator(files_.end()));
    files_.erase(first, files_.end());
    all.shares = shares(std::move(left), count);
    files_.insert(files_.end(), all.shares[0].begin(),
                  all.shares[0].end());
    return all;
}

} // namespace file_transfer
