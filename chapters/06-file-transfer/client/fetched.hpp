/// @file
/// What a client does with the files that it fetches.
#pragma once

#include "client.hpp"

namespace file_transfer {

/// Names on the server, and what they are called below the local folder:
/// `get a/b` makes `b`, and `get a/b/c` makes `c`, as cp -r would.
class naming {
public:
    /// @param asked what the user has asked for; must outlive it.
    /// @throws std::invalid_argument when two would get one name.
    explicit naming(const std::vector<std::string>& asked);

    /// @throws failure bad_message for what nobody has asked for.
    std::string local(const std::string& path) const;

private:
    const std::vector<std::string>& asked_;
};

/// Renames, counts, and hands on.
class fetched : public file_sink {
public:
    /// @param asked the paths of this request. @param options say how
    /// many folders' names may be kept.
    fetched(std::unique_ptr<file_sink> to, naming names,
            const std::vector<std::string>& asked,
            const client_options& options, progress_counts& progress)
        : to_(std::move(to)), names_(names),
          missing_(asked.begin(), asked.end()), folders_(options),
          progress_(progress) {
        missing_.erase(""); // all there is, which may be nothing
    }

    void begin(const entry& one) override;
    bool catch_up() override { return to_->catch_up(); }
    void content(byte_view bytes) override;
    void summed_content(const summed_bytes& piece) override;
    void complete(std::uint32_t checksum) override;
    void give_up() override;

    /// @throws failure bad_message when a path of the request has not
    /// come, or a file was given up.
    void require_all() const;

private:
    std::unique_ptr<file_sink> to_;
    naming names_;
    std::set<std::string> missing_;
    told_names folders_; // which are kept: they get times at the end
    std::string now_;    // the path on the server
    progress_counts& progress_;
};

/// Standard output has no name to publish: what is wrong shows in the
/// exit code, after the bytes.
class output_sink : public file_sink {
public:
    /// @throws failure bad_path for a folder, or a second file.
    void begin(const entry& one) override;
    void content(byte_view bytes) override;
    void complete(std::uint32_t checksum) override;
    void give_up() override;

private:
    std::uint32_t checksum_ = 0;
    bool begun_ = false;
};

} // namespace file_transfer
