#include "client.hpp"
#include "compare.hpp"
#include "disk/tree.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>

#include <unistd.h>

namespace file_transfer {

namespace fs = std::filesystem;

namespace {

std::string without_dots(std::string path) {
    while (path.starts_with("./"))
        path.erase(0, 2);
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    return path == "." || path == "/" ? "" : path;
}

std::string joined(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + '/' + name;
}

// A path that a user has given.
struct source {
    std::string given;
    std::string name; // that it gets
    fs::path real;    // without links
};

sent_file standard_input(const std::string& to) {
    if (to.empty())
        throw std::invalid_argument(
            "put - needs --to PATH: the name that it gets");
    check_path(to);
    entry input;
    input.size = unknown_size;
    input.path = to;
    return {.about = input, .descriptor = STDIN_FILENO};
}

source find_source(const std::string& path) {
    if (path.empty())
        throw std::invalid_argument("put: an empty path names nothing");
    fs::path given = fs::absolute(path).lexically_normal();
    if (!given.has_filename()) // `DIR/`
        given = given.parent_path();
    std::error_code error;
    const fs::path real = fs::canonical(given, error);
    if (error)
        throw storage_failure(error.value(), "open", path);
    return {path, given.filename().string(), real};
}

bool is_below_another(const fs::path& path,
                      const std::map<fs::path, std::string>& all) {
    for (fs::path above = path; above != above.parent_path();) {
        above = above.parent_path();
        if (all.contains(above))
            return true;
    }
    return false;
}

// Without those that are inside another, or the same as an earlier one.
std::vector<source> without_overlap(std::vector<source> all) {
    std::map<fs::path, std::string> given;
    std::erase_if(all, [&](const source& one) {
        return !given.emplace(one.real, one.given).second;
    });
    std::erase_if(all, [&](const source& one) {
        return is_below_another(one.real, given);
    });
    return all;
}

void require_different_names(const std::vector<source>& all) {
    std::map<std::string, std::string> taken;
    for (const source& one : all) {
        const auto [at, fresh] = taken.emplace(one.name, one.given);
        if (!fresh)
            throw std::invalid_argument(
                fmt::format("{} and {} would get the same name there",
                            in_quotes(at->second), in_quotes(one.given)));
    }
}

void add_files(const source& from, const std::string& to,
               const exclusions& excluded,
               const std::shared_ptr<notes>& left_out,
               std::vector<sent_file>& files) {
    const auto where =
        std::make_shared<const root>(from.real.parent_path().string());
    const std::string name = from.real.filename().string();
    tree_walk walk(*where, name, left_out);
    while (auto one = walk.next()) {
        try {
            const std::string local = one->path;
            if (is_excluded_below(excluded, *one, name)) {
                walk.skip_folder();
                continue;
            }
            one->path = joined(to, from.name + local.substr(name.size()));
            check_path(one->path);
            files.push_back(
                {.about = *one, .where = where, .local = local});
        } catch (const failure& why) {
            left_out->add(failure(
                why.code(),
                fmt::format("{}: {}", in_quotes(one->path), why.what())));
        }
    }
}

} // namespace

std::vector<sent_file>
local_files(const std::vector<std::string>& paths, const std::string& to,
            const exclusions& excluded,
            const std::shared_ptr<notes>& left_out) {
    std::vector<sent_file> files;
    std::vector<source> sources;
    for (const std::string& path : paths) {
        try {
            if (path != "-")
                sources.push_back(find_source(path));
            else if (files.empty()) // once
                files.push_back(standard_input(to));
        } catch (const failure& why) {
            left_out->add(why);
        }
    }
    sources = without_overlap(std::move(sources));
    require_different_names(sources);
    for (const source& one : sources) {
        try {
            add_files(one, without_dots(to), excluded, left_out, files);
        } catch (const failure& why) {
            left_out->add(why);
        } catch (const std::system_error& why) { // a root that went away
            left_out->add(failure(errc::storage, why.what()));
        }
    }
    return files;
}

std::vector<std::string>
remote_paths(const std::vector<std::string>& asked) {
    std::map<fs::path, std::string> given;
    std::vector<std::string> paths;
    for (const std::string& path : asked) {
        std::string clean = without_dots(path);
        if (clean.empty())
            return {""};
        if (given.emplace(clean, clean).second)
            paths.push_back(std::move(clean));
    }
    std::erase_if(paths, [&](const std::string& path) {
        return is_below_another(path, given);
    });
    return paths;
}

} // namespace file_transfer
