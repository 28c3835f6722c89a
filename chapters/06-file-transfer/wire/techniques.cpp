#include "techniques.hpp"

#include "protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace file_transfer {

namespace {

constexpr std::array technique_list{
    std::pair{"gather", technique::gather},
    std::pair{"nodelay", technique::nodelay},
    std::pair{"overlap", technique::overlap},
    std::pair{"compress", technique::compress},
    std::pair{"async", technique::async},
    std::pair{"buffer", technique::buffer},
    std::pair{"autotune", technique::autotune},
    std::pair{"group", technique::group},
    std::pair{"order", technique::order}};

} // namespace

std::size_t switches::block_size() const {
    return has(technique::buffer) ? block_limit : 1024;
}

switches parse_without(const std::string& names) {
    switches result;
    for (std::size_t begin = 0; begin < names.size();) {
        const std::size_t end =
            std::min(names.find(',', begin), names.size());
        const std::string name = names.substr(begin, end - begin);
        begin = end + 1;
        bool known = false;
        for (const auto& [text, one] : technique_list)
            if (name == text || name == "all") {
                result.off |= static_cast<std::uint32_t>(one);
                known = true;
            }
        if (!known)
            throw std::invalid_argument(fmt::format(
                "\"{}\" is none of {}", name, technique_names()));
    }
    return result;
}

std::string technique_names() {
    std::string all;
    for (const auto& each : technique_list)
        all += fmt::format("{}{}", all.empty() ? "" : ",", each.first);
    return all;
}

} // namespace file_transfer
