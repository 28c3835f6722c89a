#include "prefix_checksum.hpp"

#include "checksum.hpp"
#include "root.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <unistd.h>

namespace file_transfer {

namespace {

// So many bytes are read at a time.
constexpr std::uint64_t read_size = 256 << 10;

} // namespace

bool prefix_checksum::advance() {
    const std::uint64_t end = std::min(size_, at_ + slice_bytes);
    const std::uint64_t most = std::min(read_size, end - at_);
    const auto space = std::make_unique_for_overwrite<std::byte[]>(most);
    while (at_ < end) {
        const ssize_t got =
            ::pread(file_, space.get(), std::min(most, end - at_),
                    static_cast<off_t>(at_));
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            throw storage_failure(errno, "read", path_);
        if (got == 0)
            throw failure(errc::changed, fmt::format("{} became shorter",
                                                     in_quotes(path_)));
        const auto size = static_cast<std::size_t>(got);
        value_ = crc32(value_, {space.get(), size});
        at_ += size;
    }
    return at_ == size_;
}

} // namespace file_transfer
