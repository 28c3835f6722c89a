#include "disk/tree.hpp"
#include "session.hpp"

#include <map>

namespace file_transfer {

namespace {

// Walks what a client asks for.
class walk_of_wanted {
public:
    walk_of_wanted(const root& where, wanted request)
        : where_(where), walk_(where, std::move(request.paths)) {
        for (holding& one : request.have)
            have_.emplace(one.path, one);
    }

    std::optional<sent_file> next() {
        while (const auto one = walk_.next())
            if (auto file = without_known(*one))
                return file;
        return std::nullopt;
    }

private:
    std::optional<sent_file> without_known(const entry& one) {
        sent_file file{one};
        const auto known = have_.find(one.path);
        if (one.what == entry::kind::folder || known == have_.end())
            return file;
        const holding& theirs = known->second;
        if (theirs.size > one.size || theirs.size == 0)
            return file;
        if (theirs.what == holding::state::all && theirs.size < one.size)
            return file;
        if (checksum_of_start(where_, one.path, theirs.size) !=
            theirs.checksum)
            return file;
        if (theirs.what == holding::state::all)
            return std::nullopt; // the same file
        file.about.offset = theirs.size;
        file.checksum = theirs.checksum;
        return file;
    }

    const root& where_;
    walk_of_paths walk_;
    std::map<std::string, holding> have_;
};

} // namespace

next_file files_to_send(const root& where, wanted request) {
    const auto walk =
        std::make_shared<walk_of_wanted>(where, std::move(request));
    return [walk] { return walk->next(); };
}

} // namespace file_transfer
