#include "client.hpp"
#include "disk/tree.hpp"

#include <fmt/format.h>

#include <filesystem>

#include <unistd.h>

namespace file_transfer {

namespace {

std::string joined(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + '/' + name;
}

} // namespace

std::vector<sent_file> local_files(const std::string& path,
                                   const std::string& to) {
    namespace fs = std::filesystem;
    std::vector<sent_file> files;
    if (path == "-") {
        entry input;
        input.size = unknown_size;
        input.path = to;
        check_path(to);
        files.push_back({.about = input, .descriptor = STDIN_FILENO});
        return files;
    }
    fs::path given = fs::absolute(path).lexically_normal();
    if (!given.has_filename()) // `DIR/`
        given = given.parent_path();
    std::error_code error;
    const fs::path real = fs::canonical(given, error);
    if (error)
        throw std::system_error(error, fmt::format("open {}", path));
    const auto where =
        std::make_shared<const root>(real.parent_path().string());
    const std::string name = real.filename().string();
    const std::string sent_name = given.filename().string();
    tree_walk walk(*where, name);
    while (auto one = walk.next()) {
        const std::string local = one->path;
        one->path = joined(to, sent_name + local.substr(name.size()));
        check_path(one->path);
        files.push_back({.about = *one, .where = where, .local = local});
    }
    return files;
}

} // namespace file_transfer
