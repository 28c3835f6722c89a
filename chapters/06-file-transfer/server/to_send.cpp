#include "disk/tree.hpp"
#include "session.hpp"

#include <map>

namespace file_transfer {

namespace {

// Walks what a client asks for.
class walk_of_wanted {
public:
    walk_of_wanted(const root& where, wanted request,
                   std::shared_ptr<notes> left_out)
        : where_(where),
          walk_(where, std::move(request.paths), std::move(left_out)) {
        for (holding& one : request.have)
            have_.emplace(one.path, one);
    }

    std::optional<sent_file> next() {
        const auto one = walk_.next();
        return one ? std::optional(without_known(*one)) : std::nullopt;
    }

private:
    sent_file without_known(const entry& one) {
        sent_file file{one};
        const auto known = have_.find(one.path);
        if (one.what == entry::kind::folder || known == have_.end())
            return file;
        const holding& theirs = known->second;
        if (theirs.size > one.size || theirs.size == 0)
            return file;
        if (theirs.what == holding::state::all && theirs.size < one.size)
            return file;
        if (!begins_with(one.path, theirs))
            return file;
        file.about.offset = theirs.size;
        file.checksum = theirs.checksum;
        file.is_there = theirs.what == holding::state::all;
        return file;
    }

    // What cannot be read is told when it is its turn.
    bool begins_with(const std::string& path, const holding& theirs) {
        try {
            return checksum_of_start(where_, path, theirs.size) ==
                   theirs.checksum;
        } catch (const failure&) {
            return false;
        }
    }

    const root& where_;
    walk_of_paths walk_;
    std::map<std::string, holding> have_;
};

} // namespace

next_file files_to_send(const root& where, wanted request,
                        std::shared_ptr<notes> left_out) {
    const auto walk = std::make_shared<walk_of_wanted>(
        where, std::move(request), std::move(left_out));
    return [walk] { return walk->next(); };
}

} // namespace file_transfer
