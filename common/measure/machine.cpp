#include "machine.hpp"

#include "shell_word.hpp"

#include <boost/version.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

namespace measure {

namespace {

std::string first_line(std::istream& in) {
    std::string line;
    std::getline(in, line);
    return line.empty() ? "unknown" : line;
}

std::string setting(const std::string& name) {
    std::ifstream in("/proc/sys/net/" + name);
    std::string line = first_line(in);
    for (char& c : line)
        if (c == '\t')
            c = ' ';
    return line;
}

// The text after `key` and its separator in a file of such lines.
std::string value_in(const std::string& file, const std::string& key, char separator) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.rfind(key, 0) != 0)
            continue;
        const auto start = line.find_first_not_of(" \t\"", line.find(separator) + 1);
        if (start == std::string::npos)
            break;
        return line.substr(start, line.find_last_not_of('"') + 1 - start);
    }
    return "unknown";
}

std::string kernel() {
    utsname name{};
    return ::uname(&name) == 0 ? name.release : "unknown";
}

std::string line_of(const std::string& command) {
    const auto close = [](std::FILE* pipe) { ::pclose(pipe); };
    const std::unique_ptr<std::FILE, decltype(close)> pipe(::popen(command.c_str(), "r"),
                                                           close);
    std::array<char, 128> line{};
    if (!pipe || !std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()))
        return "";
    std::string text = line.data();
    text.erase(text.find_last_not_of('\n') + 1);
    return text;
}

// The results of a chapter that has just been measured are no change of what measures.
std::string commit_of(const std::filesystem::path& directory) {
    const std::string git = fmt::format("git -C {} ", shell_word(directory.string()));
    const std::string commit = line_of(git + "describe --always 2>/dev/null");
    const bool changed = !line_of(git + "status --porcelain --untracked-files=no -- ':/' "
                                        "':(top,exclude,glob)**/results/*.json' 2>/dev/null")
                              .empty();
    return commit.empty() ? "unknown" : commit + (changed ? "-dirty" : "");
}

double memory_gib() {
    const auto bytes = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
                       static_cast<double>(::sysconf(_SC_PAGESIZE));
    return std::round(bytes / (1 << 30) * 10) / 10;
}

} // namespace

nlohmann::ordered_json machine_facts(const std::filesystem::path& directory) {
    return {{"date", fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)))},
            {"cpu", value_in("/proc/cpuinfo", "model name", ':')},
            {"cores", std::thread::hardware_concurrency()},
            {"memory_gib", memory_gib()},
            {"kernel", kernel()},
            {"distribution", value_in("/etc/os-release", "PRETTY_NAME", '=')},
            {"congestion_control", setting("ipv4/tcp_congestion_control")},
            {"tcp_rmem", setting("ipv4/tcp_rmem")},
            {"tcp_wmem", setting("ipv4/tcp_wmem")},
            {"rmem_max", setting("core/rmem_max")},
            {"wmem_max", setting("core/wmem_max")},
            {"compiler", COURSE_COMPILER},
            {"build", COURSE_BUILD},
            {"boost", fmt::format("{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000)},
            {"commit", commit_of(directory)}};
}

} // namespace measure
