#include "links.hpp"

#include <corpus.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

namespace file_transfer {

namespace fs = std::filesystem;
using netlab::host;

netlab::link_settings link_of(const std::string& name) {
    if (name == "loss")
        return netlab::symmetric(std::chrono::milliseconds(20),
                                 80'000'000, 0.01);
    for (const netlab::preset& one : netlab::presets())
        if (one.name == name)
            return one.link;
    throw std::invalid_argument("no link has the name " + name);
}

void make_content(const fs::path& where, std::size_t small,
                  std::size_t large_bytes) {
    using compression::kind;
    fs::create_directories(where / "small");
    const auto write = [](const fs::path& path, auto bytes) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    };
    constexpr std::array kinds{kind::json_log, kind::csv, kind::prose,
                               kind::code, kind::packed};
    for (const kind one : kinds)
        if (large_bytes > 0)
            write(where / std::string(name_of(one)),
                  compression::make_corpus(
                      one, large_bytes / kinds.size(), 1));
    for (std::size_t i = 0; i < small; ++i)
        write(where / "small" / std::to_string(i),
              compression::make_corpus(kinds[i % kinds.size()], 2000,
                                       i + 1));
}

namespace {

std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void require_same(const fs::path& sent, const fs::path& arrived) {
    for (const auto& one : fs::recursive_directory_iterator(sent))
        if (one.is_regular_file()) {
            const auto path = fs::relative(one.path(), sent);
            if (bytes_of(one.path()) != bytes_of(arrived / path))
                throw std::runtime_error(fmt::format(
                    "{} did not arrive as it was sent", path.string()));
        }
}

void await_listening(netlab::network& network, unsigned short port,
                     netlab::child& server) {
    for (int i = 0; i < 1000; ++i) {
        const auto ports = network.listening(host::server);
        if (std::ranges::count(ports, port) > 0)
            return;
        if (const auto code = server.wait(std::chrono::milliseconds(10)))
            throw std::runtime_error(
                fmt::format("the server ended with {}", *code));
    }
    throw std::runtime_error("the server does not listen");
}

netlab::command shell(const std::string& text) {
    netlab::command one;
    one.arguments = {"sh", "-c", text};
    one.output = 2;
    return one;
}

} // namespace

transfer_lab::transfer_lab(const std::string& link,
                           const std::filesystem::path& content)
    : network_(link_of(link)), content_(content) {
    std::string form = fs::temp_directory_path() / "lab-XXXXXX";
    if (!::mkdtemp(form.data()))
        throw std::system_error(errno, std::system_category(), form);
    base_ = form;
}

transfer_lab::~transfer_lab() {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
}

measure::counters transfer_lab::run(const std::string& server,
                                    const std::string& client,
                                    bool ends) {
    const fs::path root = base_ / "root";
    fs::remove_all(root);
    fs::create_directory(root);
    ++port_;
    const std::string names = fmt::format(
        "ROOT='{}'; BASE='{}'; CONTENT='{}'; PORT={}; ", root.string(),
        base_.string(), content_.string(), port_);
    auto serving =
        network_.run(host::server, shell(names + server + " >&2"));
    await_listening(network_, port_, serving);
    const auto before = network_.counters();
    const auto begin = std::chrono::steady_clock::now();
    auto sending = network_.run(host::client, shell(names + client));
    const auto code = sending.wait(std::chrono::minutes(2));
    if (ends)
        serving.wait(std::chrono::minutes(1));
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - begin;
    const auto after = network_.counters();
    serving.signal(SIGTERM);
    serving.wait(std::chrono::seconds(5));
    if (!code || *code != 0)
        throw std::runtime_error(
            fmt::format("it failed: {}", code ? *code : -1));
    require_same(content_, root / content_.filename());
    return {
        {"seconds", time.count()},
        {"wire_bytes", static_cast<double>(after.to_server.bytes_sent -
                                           before.to_server.bytes_sent +
                                           after.to_client.bytes_sent -
                                           before.to_client.bytes_sent)}};
}

} // namespace file_transfer
