/// @file
/// For libFuzzer: the seeds go into the first folder that is named on the
/// command line, where it looks for them.
#pragma once

#include "fuzz.hpp"
#include "fuzz_seeds.hpp"

#include <fmt/format.h>

#include <fstream>

namespace file_transfer {

inline void write_seeds(int count, char** arguments,
                        const inputs& seeds) {
    for (int i = 1; i < count; ++i) {
        const std::string folder = arguments[i];
        if (folder.starts_with("-"))
            continue;
        std::filesystem::create_directories(folder);
        for (std::size_t n = 0; n < seeds.size(); ++n)
            std::ofstream(fmt::format("{}/seed-{}", folder, n),
                          std::ios::binary)
                .write(reinterpret_cast<const char*>(seeds[n].data()),
                       static_cast<std::streamsize>(seeds[n].size()));
        return;
    }
}

} // namespace file_transfer
