#include "survey.hpp"

#include "locked_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace file_transfer {

survey::survey(const root& where, std::vector<holding> files)
    : where_(where), files_(std::move(files)), editions_(files_.size()) {}

bool survey::advance(slice_clock::time_point until) {
    for (std::size_t names = 0;
         names < slice_names && at_ < files_.size() &&
         (names == 0 || slice_clock::now() < until);
         ++names) {
        holding& one = files_[at_];
        check_path(one.path);
        try {
            if (!sum_)
                begin(one);
            if (sum_ && !sum_->advance())
                return false;
            end(one);
        } catch (const failure&) {
            one = {.path = std::move(one.path)};
        }
        sum_.reset();
        open_.reset();
        ++at_;
    }
    return at_ == files_.size();
}

void survey::begin(holding& one) {
    using enum holding::state;
    const auto [above, name] = split(one.path);
    is_question_ = one.what == nothing;
    if (is_question_ && open(above, part_name(name)))
        one.what = part;
    else if (!open(above, name))
        return;
    else if (is_question_)
        one.what = all;
    if (is_question_)
        one.size = size_;
    if (one.what == all ? one.size == size_ : one.size <= size_)
        sum_.emplace(open_->get(), one.size, one.path);
}

bool survey::open(const std::string& above, const std::string& name) {
    const descriptor folder = where_.open(above, O_RDONLY | O_DIRECTORY);
    open_.emplace(
        ::openat(folder.get(), name.c_str(),
                 O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    struct stat facts {};
    if (!*open_ || ::fstat(open_->get(), &facts) != 0 ||
        !S_ISREG(facts.st_mode))
        return false;
    if ((is_part_name(name) && facts.st_uid != ::geteuid()) ||
        (is_question_ && facts.st_nlink != 1))
        return false; // as locked_file sees it
    size_ = static_cast<std::uint64_t>(facts.st_size);
    editions_[at_] = edition_before(facts);
    return true;
}

void survey::end(holding& one) {
    const bool holds =
        sum_ &&
        (is_question_ || (one.size > 0 && one.checksum == sum_->value()));
    if (holds)
        one.checksum = sum_->value();
    else
        one = {.path = std::move(one.path)};
}

} // namespace file_transfer
