#include "sample.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include <sys/stat.h>

namespace compression {

namespace {

using file_handle = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

[[noreturn]] void fail(const char* operation, const std::string& name) {
    throw std::system_error(errno, std::generic_category(),
                            std::string(operation) + " " + name);
}

// Reads up to `most` bytes to the end of `data`.
void append(byte_vector& data, std::FILE* file, const std::string& name,
            std::size_t most) {
    const std::size_t before = data.size();
    data.resize(before + most);
    const std::size_t size =
        std::fread(data.data() + before, 1, most, file);
    if (std::ferror(file))
        fail("read", name);
    data.resize(before + size);
}

} // namespace

sample take_sample(const std::string& name, std::size_t most) {
    const file_handle file(std::fopen(name.c_str(), "rb"), std::fclose);
    if (!file)
        fail("open", name);
    struct stat status {};
    if (::fstat(::fileno(file.get()), &status) != 0)
        fail("stat", name);
    sample taken;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (S_ISREG(status.st_mode) && size > 0) // in /proc the size is 0
        taken.file_bytes = size;
    if (!taken.file_bytes || size <= most) {
        append(taken.data, file.get(), name, most);
        if (!taken.file_bytes && taken.data.size() < most)
            taken.file_bytes = taken.data.size(); // the end was seen
        return taken;
    }
    constexpr std::uint64_t pieces = 8;
    const std::size_t piece = most / pieces;
    for (std::uint64_t i = 0; i < pieces; ++i) {
        const std::uint64_t at = (size - piece) / (pieces - 1) * i;
        if (::fseeko(file.get(), static_cast<off_t>(at), SEEK_SET) != 0)
            fail("seek", name);
        append(taken.data, file.get(), name, piece);
    }
    return taken;
}

} // namespace compression
