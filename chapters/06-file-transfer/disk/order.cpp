#include "order.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace file_transfer {

namespace {

// Of the paths that wait, so that long ones take no more than short ones.
constexpr std::size_t path_bytes = 64 << 10;

std::string_view extension_of(const std::string& path) {
    const std::size_t name = path.rfind('/') + 1; // npos + 1 is 0
    const std::size_t dot = path.rfind('.');
    if (dot == std::string::npos || dot <= name) // `.profile` has none
        return {};
    return std::string_view(path).substr(dot);
}

struct look_ahead {
    next_file from;
    std::vector<sent_file> files;
    std::size_t at = 0;

    void refill() {
        files.clear();
        at = 0;
        std::size_t bytes = 0;
        while (files.size() < files_put_together && bytes < path_bytes) {
            auto one = from();
            if (!one)
                break;
            bytes += one->about.path.size();
            files.push_back(std::move(*one));
        }
        put_kinds_together(files);
    }
};

} // namespace

//! [put_kinds_together]
void put_kinds_together(std::span<sent_file> files) {
    std::ranges::stable_sort(files, {}, [](const sent_file& one) {
        const bool folder = one.about.what == entry::kind::folder;
        return std::pair(!folder, folder ? std::string_view()
                                         : extension_of(one.about.path));
    });
}
//! [put_kinds_together]

next_file kinds_together(next_file from) {
    const auto ahead = std::make_shared<look_ahead>();
    ahead->from = std::move(from);
    return [ahead]() -> std::optional<sent_file> {
        if (ahead->at == ahead->files.size())
            ahead->refill();
        if (ahead->at == ahead->files.size())
            return std::nullopt;
        return std::move(ahead->files[ahead->at++]);
    };
}

std::size_t ordering_memory() {
    return files_put_together * sizeof(sent_file) + path_bytes +
           path_limit;
}

} // namespace file_transfer
