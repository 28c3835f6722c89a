/// @file
/// What tests of stores and of their groups begin with.
#pragma once

#include "disk/checksum.hpp"
#include "disk/store.hpp"

#include "common/testing/loopback.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include <stdlib.h>

namespace file_transfer {

namespace fs = std::filesystem;

/// A folder that goes with the test, and a secret beside it.
class files_test : public testing::Test {
protected:
    files_test() {
        std::string form = fs::temp_directory_path() / "transfer-XXXXXX";
        base_ = ::mkdtemp(form.data());
        fs::create_directory(base_ / "root");
        fs::create_directory(base_ / "root-secret");
        write(base_ / "root-secret/key", "secret");
        where_.emplace((base_ / "root").string());
    }
    ~files_test() override { fs::remove_all(base_); }

    static void write(const fs::path& path, const std::string& text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    static std::string read(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    fs::path at(const std::string& path) const {
        return base_ / "root" / path;
    }

    static entry about(const std::string& path, std::uint64_t size,
                       std::uint64_t offset = 0) {
        entry one;
        one.path = path;
        one.size = size;
        one.offset = offset;
        return one;
    }
    /// A whole file into the store.
    static void give(store& to, const std::string& path,
                     const std::string& text, std::uint64_t offset = 0) {
        const auto content = testing_support::bytes(text);
        to.begin(about(path, text.size(), offset));
        to.content(byte_view(content).subspan(offset));
        to.complete(crc32(0, content));
    }
    static std::error_code code_of(const std::function<void()>& fails) {
        try {
            fails();
        } catch (const failure& known) {
            return known.code();
        }
        return {};
    }

    fs::path base_;
    std::optional<root> where_;
    store_options quick_{.durable = false};
};

} // namespace file_transfer
