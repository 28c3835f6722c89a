#include "shares.hpp"

#include <algorithm>
#include <vector>

namespace file_transfer {

//! [shares]
std::vector<std::vector<sent_file>> shares(std::vector<sent_file> files,
                                           std::size_t count) {
    if (count == 1)
        return {std::move(files)};
    std::ranges::stable_sort(
        files, std::greater{}, [](const sent_file& f) {
            return f.about.what == entry::kind::folder ? unknown_size
                                                       : f.about.size;
        });
    std::vector<std::vector<sent_file>> all(count);
    std::vector<std::uint64_t> sizes(count);
    for (sent_file& one : files) {
        const auto least = static_cast<std::size_t>(
            std::ranges::min_element(sizes) - sizes.begin());
        sizes[least] +=
            std::min<std::uint64_t>(one.about.size, 1ull << 50) + 4096;
        all[least].push_back(std::move(one));
    }
    return all;
}
//! [shares]

} // namespace file_transfer
