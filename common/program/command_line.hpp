/// @file
/// What every main of the course does the same way: options, exit codes, error lines. CLI11
/// does the work, in one file, for its header takes a compiler some seconds.
#pragma once

#include "host_port.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

/// Arguments, exit codes and error lines of the course's programs.
namespace program {

/// An option that has been added. A handle: it lives as long as its command line.
class option {
public:
    /// Without it the program does not run.
    option& required();
    /// It means nothing without the @p other.
    option& needs(const option& other);
    /// Not both.
    option& excludes(const option& other);
    /// What the help says that it is without the option; empty: nothing.
    option& default_text(const std::string& text);

private:
    friend class command_line;
    explicit option(CLI::Option& made) : option_(&made) {}

    CLI::Option* option_;
};

/// A mistake that only all options together show: run() gives it exit code 2.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The options of a program. Each is kept in a variable of the caller, which lives longer and
/// whose value is the default. A name with dashes is an option's; one without is a positional
/// argument's. Not thread-safe.
class command_line {
public:
    /// @param about a sentence or two for `--help`. @param name the program's, for error lines.
    command_line(const std::string& about, const std::string& name);
    ~command_line();
    command_line(const command_line&) = delete;
    command_line& operator=(const command_line&) = delete;

    /// Given or not.
    option flag(const std::string& name, bool& target, const std::string& help);
    /// Any words, as they are. @param type what the help calls them.
    option text(const std::string& name, std::string& target, const std::string& help,
                const std::string& type = "TEXT");
    /// All words that are left.
    option texts(const std::string& name, std::vector<std::string>& target,
                 const std::string& help);
    /// `HOST:PORT`.
    option address(const std::string& name, host_port& target, const std::string& help);
    /// `--connect HOST:PORT` and `--connect-timeout`: a server, and how long each of its
    /// addresses may take to answer. @param who the help calls it.
    void connect(host_port& target, std::chrono::milliseconds& timeout, const std::string& who);
    /// `--idle`: how long whoever is at the other end may keep a send or a receive waiting.
    /// @param who the help calls it.
    void idle(std::chrono::milliseconds& timeout, const std::string& who);
    /// Bytes, as parse_size() reads them.
    option size(const std::string& name, std::uint64_t& target, std::uint64_t least,
                std::uint64_t most, const std::string& help);
    /// A time, as parse_duration() reads it.
    option duration(const std::string& name, std::chrono::nanoseconds& target,
                    std::chrono::nanoseconds least, std::chrono::nanoseconds most,
                    const std::string& help);
    /// An option whose text @p read keeps somewhere.
    /// @param type what the help calls it, such as `RATE`. @param read throws
    /// std::invalid_argument, whose text becomes the error line.
    option parsed(const std::string& name, const std::string& type,
                  std::function<void(const std::string&)> read, const std::string& help);

    /// The same for one that may be given again; each takes one word.
    option each(const std::string& name, const std::string& type,
                std::function<void(const std::string&)> read, const std::string& help);

    /// A number, whole when @p target is.
    template <class T>
    option number(const std::string& name, T& target, std::type_identity_t<T> least,
                  std::type_identity_t<T> most, const std::string& help) {
        const auto store = [&target](auto value) { target = static_cast<T>(value); };
        if constexpr (std::is_floating_point_v<T>)
            return real(name, target, least, most, store, help);
        else
            return whole(name, static_cast<std::int64_t>(target),
                         static_cast<std::int64_t>(least), static_cast<std::int64_t>(most),
                         store, help);
    }

    /// One of some names. @param values pairs of a name and what @p target becomes by it.
    template <class T, class Values>
    option choice(const std::string& name, T& target, const Values& values,
                  const std::string& help) {
        std::vector<std::string> names;
        std::vector<T> known;
        for (const auto& [one, value] : values) {
            names.emplace_back(one);
            known.push_back(value);
        }
        const auto now = static_cast<std::size_t>(
            std::distance(known.begin(), std::ranges::find(known, target)));
        return one_of(
            name, names, now, [known, &target](std::size_t which) { target = known[which]; },
            help);
    }

    /// A command: a word with options of its own, which may stand before or behind it. Once
    /// there is one, the user must give one.
    command_line& command(const std::string& name, const std::string& about);
    /// Whether the user has given this command.
    bool is_chosen() const;

    /// What `--help` says at its end.
    void footer(const std::string& text);

    /// Parses the arguments, runs @p body, and gives main its exit code: 0; 1 when the body
    /// throws, with the exception's text as one line on standard error; 2 for a wrong argument.
    int run(int argc, char** argv, const std::function<void()>& body);

private:
    explicit command_line(CLI::App& command);
    void timeout(const std::string& name, std::chrono::milliseconds& target,
                 std::chrono::nanoseconds least, std::chrono::nanoseconds most,
                 const std::string& help);
    option whole(const std::string& name, std::int64_t now, std::int64_t least,
                 std::int64_t most, std::function<void(std::int64_t)> store,
                 const std::string& help);
    option real(const std::string& name, double now, double least, double most,
                std::function<void(double)> store, const std::string& help);
    option one_of(const std::string& name, std::vector<std::string> names, std::size_t now,
                  std::function<void(std::size_t)> store, const std::string& help);

    std::unique_ptr<CLI::App> owned_;
    CLI::App& app_;
    std::vector<std::unique_ptr<command_line>> commands_;
};

} // namespace program
