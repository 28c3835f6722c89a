#include "disk/tree.hpp"
#include "session.hpp"

#include <algorithm>
#include <functional>

namespace file_transfer {

namespace {

// What is there of the client's, by its path.
class what_is_known {
public:
    explicit what_is_known(const std::shared_ptr<survey>& all) {
        for (const holding& one : all->found())
            if (one.what != holding::state::nothing)
                sorted_.push_back(&one);
        std::ranges::sort(sorted_, {}, path);
    }

    const holding* find(const std::string& wanted) const {
        const auto at =
            std::ranges::lower_bound(sorted_, wanted, {}, path);
        return at != sorted_.end() && (*at)->path == wanted ? *at
                                                            : nullptr;
    }

private:
    static const std::string& path(const holding* one) {
        return one->path;
    }
    std::vector<const holding*> sorted_;
};

} // namespace

next_file files_to_send(const root& where, std::vector<std::string> paths,
                        const std::shared_ptr<survey>& known,
                        std::shared_ptr<notes> left_out) {
    const auto walk = std::make_shared<walk_of_paths>(
        where, std::move(paths), std::move(left_out));
    return [walk, known, all = what_is_known(known)]() {
        std::optional<sent_file> next;
        if (auto one = walk->next())
            next = sent_file{std::move(*one)};
        const holding* theirs = nullptr;
        if (next && next->about.what == entry::kind::file)
            theirs = all.find(next->about.path);
        if (theirs && theirs->size <= next->about.size) {
            next->about.offset = theirs->size;
            next->checksum = theirs->checksum;
            next->is_there = theirs->what == holding::state::all;
            next->compared = known->edition_of(*theirs);
        }
        return next;
    };
}

} // namespace file_transfer
