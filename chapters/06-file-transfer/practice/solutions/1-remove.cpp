#include "practice/exercises/1-remove.hpp"

#include "disk/locked_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace exercise {

using namespace file_transfer;

namespace {

// A file that may be removed; while it has a part, nobody writes that.
class doomed {
public:
    doomed(const root& where, const std::string& path)
        : path_(path), name_(split(path).name),
          folder_(open_folder_of(where, path)) {
        // O_NONBLOCK: opening a FIFO would wait for who writes into it.
        const descriptor file = where.open(path, O_RDONLY | O_NONBLOCK);
        struct stat facts {};
        if (::fstat(file.get(), &facts) != 0)
            throw storage_failure(errno, "stat", path);
        if (!S_ISREG(facts.st_mode))
            throw failure(errc::bad_path, fmt::format("{} is not a file",
                                                      in_quotes(path)));
        size_ = static_cast<std::uint64_t>(facts.st_size);
        part_ = locked_file::open(folder_.get(), part_name(name_),
                                  locked_file::purpose::write, path);
    }

    void remove() const {
        if (::unlinkat(folder_.get(), name_.c_str(), 0) != 0)
            throw storage_failure(errno, "remove", path_);
    }
    void synchronize() const {
        if (::fsync(folder_.get()) != 0)
            throw storage_failure(errno, "fsync the folder of", path_);
    }
    std::uint64_t size() const { return size_; }

private:
    static descriptor open_folder_of(const root& where,
                                     const std::string& path) {
        check_path(path);
        return where.open(split(path).folder, O_RDONLY | O_DIRECTORY);
    }

    std::string path_, name_;
    descriptor folder_;
    std::uint64_t size_ = 0;
    std::optional<locked_file> part_; // none: nobody writes it
};

} // namespace

totals remove_files(const root& where, byte_view payload) {
    std::vector<std::unique_ptr<doomed>> files;
    for (const std::string& path : decode_paths(payload))
        files.push_back(std::make_unique<doomed>(where, path));
    totals gone;
    for (const auto& one : files) {
        one->remove();
        ++gone.entries;
        gone.bytes += one->size();
    }
    for (const auto& one : files)
        one->synchronize();
    return gone;
}

} // namespace exercise
