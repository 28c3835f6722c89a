#include "fetched.hpp"

#include "disk/checksum.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <map>

#include <unistd.h>

namespace file_transfer {

naming::naming(const std::vector<std::string>& asked) : asked_(asked) {
    std::map<std::string, std::string> taken;
    for (const std::string& each : asked) {
        const auto [at, fresh] = taken.emplace(split(each).name, each);
        if (!fresh)
            throw std::invalid_argument(
                fmt::format("{} and {} would get the same name here",
                            in_quotes(at->second), in_quotes(each)));
    }
}

std::string naming::local(const std::string& path) const {
    for (const std::string& each : asked_)
        if (each.empty() || path == each || path.starts_with(each + '/'))
            return path.substr(split(each).folder.empty()
                                   ? 0
                                   : split(each).folder.size() + 1);
    throw failure(errc::bad_message,
                  fmt::format("the server sends {}, which nobody has "
                              "asked for",
                              in_quotes(path)));
}

void fetched::begin(const entry& one) {
    entry renamed = one;
    renamed.path = names_.local(one.path);
    now_ = one.path;
    missing_.erase(now_);
    if (one.size != unknown_size)
        progress_.total_bytes += one.size - one.offset;
    if (one.what == entry::kind::folder) {
        folders_.keep(one);
        ++progress_.entries;
    }
    to_->begin(renamed);
}

void fetched::content(byte_view bytes) {
    to_->content(bytes);
    progress_.bytes += bytes.size();
}

void fetched::summed_content(const summed_bytes& piece) {
    to_->summed_content(piece);
    progress_.bytes += piece.bytes.size();
}

void fetched::complete(std::uint32_t checksum) {
    to_->complete(checksum);
    ++progress_.entries;
}

void fetched::give_up() {
    if (missing_.empty()) // one of them is enough to name
        missing_.insert(now_);
    to_->give_up();
}

void fetched::require_all() const {
    if (!missing_.empty())
        throw unanswered(*missing_.begin());
}

void output_sink::begin(const entry& one) {
    if (one.what != entry::kind::file || begun_)
        throw failure(errc::bad_path,
                      "only one file goes to standard output");
    begun_ = true;
}

void output_sink::content(byte_view bytes) {
    checksum_ = crc32(checksum_, bytes);
    while (!bytes.empty()) {
        const ssize_t written =
            ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written == -1 && errno != EINTR)
            throw storage_failure(errno, "write", "standard output");
        if (written > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void output_sink::complete(std::uint32_t checksum) {
    if (checksum != checksum_)
        throw failure(errc::bad_checksum, "it arrived damaged");
}

void output_sink::give_up() {
    // The server tells why, or require_all() asks.
}

} // namespace file_transfer
