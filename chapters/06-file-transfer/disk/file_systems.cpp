#include "file_systems.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

namespace file_transfer {

void file_systems::add(int folder) {
    struct stat facts {};
    if (::fstat(folder, &facts) != 0 || opened_.contains(facts.st_dev))
        return;
    descriptor kept(::fcntl(folder, F_DUPFD_CLOEXEC, 0));
    if (!kept)
        throw storage_failure(errno, "open", "a folder once more");
    opened_.emplace(facts.st_dev, std::move(kept));
}

void file_systems::sync(disk_calls& disk) const {
    for (const auto& [system, folder] : opened_)
        if (disk.syncfs(folder.get()) != 0)
            throw storage_failure(errno, "syncfs", "");
}

} // namespace file_transfer
