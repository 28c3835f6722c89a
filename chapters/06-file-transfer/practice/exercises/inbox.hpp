/// @file
/// What the tests of this chapter's exercises share: a root with files in
/// it, and beside it what nobody may reach.
#pragma once

#include "disk/root.hpp"
#include "wire/protocol.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include <stdlib.h>

namespace exercise {

namespace fs = std::filesystem;

/// A folder `inbox`, and beside it `secret/key`. Goes with the test.
class inbox {
public:
    inbox() {
        std::string form = fs::temp_directory_path() / "exercise-XXXXXX";
        base_ = fs::canonical(::mkdtemp(form.data()));
        fs::create_directory(base_ / "inbox");
        fs::create_directory(base_ / "secret");
        write(base_ / "secret/key", "a secret");
        where_.emplace((base_ / "inbox").string());
    }
    ~inbox() {
        std::error_code ignored;
        fs::remove_all(base_, ignored);
    }
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;

    const file_transfer::root& where() const { return *where_; }
    fs::path at(const std::string& path) const {
        return base_ / "inbox" / path;
    }
    fs::path secret() const { return base_ / "secret/key"; }
    bool has(const std::string& path) const {
        return fs::exists(fs::symlink_status(at(path)));
    }
    void add(const std::string& path, const std::string& text) const {
        fs::create_directories(at(path).parent_path());
        write(at(path), text);
    }
    std::string text_of(const std::string& path) const {
        std::ifstream file(at(path), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    static void write(const fs::path& path, const std::string& text) {
        std::ofstream(path, std::ios::binary) << text;
    }

    fs::path base_;
    std::optional<file_transfer::root> where_;
};

/// The name of an error of the protocol.
inline std::string name_of(const std::error_code& code) {
    using file_transfer::errc;
    constexpr std::array names{
        std::pair{errc::bad_message, "bad_message"},
        std::pair{errc::bad_version, "bad_version"},
        std::pair{errc::bad_path, "bad_path"},
        std::pair{errc::not_found, "not_found"},
        std::pair{errc::in_use, "in_use"},
        std::pair{errc::wrong_offset, "wrong_offset"},
        std::pair{errc::bad_checksum, "bad_checksum"},
        std::pair{errc::bad_block, "bad_block"},
        std::pair{errc::too_large, "too_large"},
        std::pair{errc::storage, "storage"},
        std::pair{errc::changed, "changed"},
        std::pair{errc::no_access, "no_access"},
        std::pair{errc::misfit, "misfit"}};
    for (const auto& [one, name] : names)
        if (code == one)
            return name;
    return code.message();
}

/// Calls a function that is to fail.
/// @returns the failure; none when it returned. @param name of the
/// function, for the reader.
template <class Function>
std::optional<file_transfer::failure>
failure_of(testing_support::steps& story, std::string_view name,
           Function&& function) {
    try {
        function();
        return std::nullopt;
    } catch (const file_transfer::failure& told) {
        return told;
    } catch (const std::exception& error) {
        story.wrong(
            fmt::format("{} threw an exception: {}", name,
                        testing_support::reason(error)),
            "The session tells its client only what is thrown as a "
            "failure with a code: failure.hpp has them, and "
            "storage_failure makes one of errno.");
    }
}

} // namespace exercise
