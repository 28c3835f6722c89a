/// @file
/// What the server has below some paths, when it is another than here.
#pragma once

#include "client.hpp"
#include "wire/protocol.hpp"

#include <functional>

namespace file_transfer {

/// What came of a comparison.
struct compared {
    /// The paths of which that holds; none of which nothing is here.
    std::set<std::string> same;
    std::vector<entry> there; ///< of the server, below the others
    std::uint64_t parts = 0;  ///< that the server has
    bool is_whole = true;     ///< nothing was left out of it
};

/// What is said when a server has not learnt to compare.
class cannot_compare : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Compares what is here and there below some paths: the question goes
/// out with the greeting, so that folders that are the same take one
/// round trip beside that of connecting, whatever their size. With more
/// paths than fit into a question there are several.
/// @param server has just been opened. @param what the paths.
/// @param sum_of what is here below one of them; or the sum of nothing,
/// to hear in any case what is there. @param left_out gets what the
/// server leaves out.
/// @throws cannot_compare; what connection::read() throws; failure for
/// an answer that breaks the protocol.
asio::awaitable<compared>
compare(connection& server, frame_space& space,
        const client_options& options, std::vector<std::string> what,
        std::function<void(const std::string& path, tree_sum&)> sum_of,
        notes& left_out);

/// Whether both sides say the same of themselves.
bool looks_same(const entry& one, const entry& other);

/// The paths of which all others are below, in the order of a walk.
std::vector<std::string> tops_of(std::span<const sent_file> files);

/// Whether a path is this one, or below it; all are below an empty one.
bool is_at_or_below(const std::string& path, const std::string& top);

/// The one of these paths that another is at or below; none: nullptr.
const std::string* top_of(const std::string& path,
                          const std::set<std::string>& tops);

/// What a destination has, and its source has not.
/// @param has whether the source has a path. @param stays what is left
/// where it is all the same; so are the folders above it.
/// @returns what is in a folder before the folder.
std::vector<entry>
extra_entries(std::span<const entry> destination,
              const std::function<bool(const entry&)>& has,
              const std::function<bool(const entry&)>& stays);

/// A path below the folder that it was named with, as patterns see it.
bool is_excluded_below(const exclusions& all, const entry& one,
                       const std::string& top);

} // namespace file_transfer
