#include "compare.hpp"

#include "line/slices.hpp"
#include "wire/error_frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace file_transfer {

using blocking_echo::frame_errc;

bool is_at_or_below(const std::string& path, const std::string& top) {
    return top.empty() || path == top ||
           (path.size() > top.size() && path[top.size()] == '/' &&
            path.starts_with(top));
}

const std::string* top_of(const std::string& path,
                          const std::set<std::string>& tops) {
    for (std::string above = path;; above = split(above).folder) {
        const auto found = tops.find(above);
        if (found != tops.end())
            return &*found;
        if (above.empty())
            return nullptr;
    }
}

bool looks_same(const entry& one, const entry& other) {
    return one.what == other.what && one.mode == other.mode &&
           one.modified_ns == other.modified_ns &&
           (one.what == entry::kind::folder || one.size == other.size);
}

std::vector<std::string> tops_of(std::span<const sent_file> files) {
    std::vector<std::string> tops;
    for (const sent_file& one : files)
        if (one.descriptor == -1 &&
            (tops.empty() ||
             !is_at_or_below(one.about.path, tops.back())))
            tops.push_back(one.about.path);
    return tops;
}

namespace {

void require_asked(const std::vector<entry>& told,
                   const std::set<std::string>& tops) {
    for (const entry& one : told) {
        check_path(one.path);
        if (!top_of(one.path, tops))
            throw failure(errc::bad_message,
                          fmt::format("the server tells of {}, which "
                                      "nobody has asked for",
                                      in_quotes(one.path)));
    }
}

// @returns whether the sums are the same.
asio::awaitable<bool> read_result(connection& server, frame_space& space,
                                  const client_options& options,
                                  const std::vector<std::string>& paths,
                                  compared& all, told_names& names,
                                  notes& left_out) {
    const std::size_t before = all.there.size();
    const std::set<std::string> tops(paths.begin(), paths.end());
    time_without_progress idle(options.times.of_server());
    for (;;) {
        co_await next_frame(server, space, options.times.idle,
                            idle.left(all.there.size()));
        if (space.type() == message::problem) {
            const peer_failure told = told_by(space.payload());
            all.is_whole = all.is_whole && is_remark(told.code());
            left_out.add(told);
            continue;
        }
        if (space.type() == message::compared)
            break;
        if (space.type() != message::there)
            throw std::system_error(frame_errc::unexpected_type);
        auto some = decode_there(space.payload());
        require_asked(some, tops);
        for (const entry& one : some)
            names.keep(one);
        std::ranges::move(some, std::back_inserter(all.there));
    }
    const auto result = decode_comparison_result(space.payload());
    all.parts += result.parts;
    if (result.entries != all.there.size() - before)
        throw failure(errc::bad_message,
                      fmt::format("{} entries came, where {} are there",
                                  all.there.size() - before,
                                  result.entries));
    co_return result.is_same;
}

// @returns the paths of which something is here. What both sides have
// nothing of is no file that is there already.
std::vector<std::string>
add_up(comparison& question,
       const std::function<void(const std::string&, tree_sum&)>& sum_of) {
    std::vector<std::string> here;
    for (const std::string& path : question.paths) {
        const std::uint64_t before = question.sum.entries;
        sum_of(path, question.sum);
        if (question.sum.entries > before)
            here.push_back(path);
    }
    return here;
}

// As many of the last ones as fit into one frame.
std::vector<std::string> take_some(std::vector<std::string>& paths) {
    std::vector<std::string> some;
    for (std::size_t bytes = 0; !paths.empty() && bytes < ask_bytes;) {
        bytes += paths.back().size() + 16;
        some.push_back(std::move(paths.back()));
        paths.pop_back();
    }
    return some;
}

// That a server of an earlier edition knows no such frame.
bool is_unknown(const peer_failure& told) {
    return told.code() == frame_errc::unexpected_type;
}

} // namespace

asio::awaitable<compared>
compare(connection& server, frame_space& space,
        const client_options& options, std::vector<std::string> what,
        std::function<void(const std::string& path, tree_sum&)> sum_of,
        notes& left_out) {
    compared all;
    told_names names(options);
    bool greeted = false;
    while (!what.empty()) {
        comparison question{.paths = take_some(what), .sum = {}};
        const std::vector<std::string> here = add_up(question, sum_of);
        const auto payload = encode(question);
        co_await server.write(message::compare, payload);
        if (!std::exchange(greeted, true))
            co_await read_hello(server, space, options);
        try {
            if (co_await read_result(server, space, options,
                                     question.paths, all, names,
                                     left_out))
                all.same.insert(here.begin(), here.end());
        } catch (const peer_failure& told) {
            if (is_unknown(told))
                throw cannot_compare(
                    "the server is of an edition that cannot compare");
            throw;
        }
    }
    co_return all;
}

std::vector<entry>
extra_entries(std::span<const entry> destination,
              const std::function<bool(const entry&)>& has,
              const std::function<bool(const entry&)>& stays) {
    std::vector<entry> extra;
    std::set<std::string> needed; // folders of what stays
    for (const entry& one : destination) {
        if (one.what == entry::kind::other || has(one))
            continue;
        if (!stays(one)) {
            extra.push_back(one);
            continue;
        }
        for (std::string above = split(one.path).folder;
             !above.empty() && needed.insert(above).second;)
            above = split(above).folder;
    }
    std::erase_if(extra, [&](const entry& one) {
        return needed.contains(one.path);
    });
    std::ranges::sort(extra, std::greater{}, &entry::path);
    return extra;
}

bool is_excluded_below(const exclusions& all, const entry& one,
                       const std::string& top) {
    const bool folder = one.what == entry::kind::folder;
    if (one.path == top)
        return !folder && all.exclude(split(top).name, false);
    return all.exclude(one.path.substr(top.empty() ? 0 : top.size() + 1),
                       folder);
}

} // namespace file_transfer
