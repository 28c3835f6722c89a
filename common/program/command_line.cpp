#include "command_line.hpp"

#include "units.hpp"

#include <CLI/CLI.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace program {

namespace {

// An error is one line, whatever the library or the peer put into its text.
std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    for (char& c : text)
        if (c == '\n')
            c = ' ';
    return text;
}

int failed(const CLI::App& app, const std::exception& error, int code) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), one_line(error.what()));
    return code;
}

// What reads a text as a value within bounds.
template <class T>
std::function<void(const std::string&)> within(T least, T most, auto parse, auto store) {
    return [=](const std::string& text) {
        const T value = parse(text);
        if (!(value >= least && value <= most))
            throw std::invalid_argument(
                fmt::format("\"{}\" is not from {} to {}", text, least, most));
        store(value);
    };
}

} // namespace

option& option::required() {
    option_->required()->default_str("");
    return *this;
}

option& option::needs(const option& other) {
    option_->needs(other.option_);
    return *this;
}

option& option::excludes(const option& other) {
    option_->excludes(other.option_);
    return *this;
}

option& option::default_text(const std::string& text) {
    option_->default_str(text);
    return *this;
}

command_line::command_line(const std::string& about, const std::string& name)
    : owned_(std::make_unique<CLI::App>(about, name)), app_(*owned_) {}

command_line::command_line(CLI::App& command) : app_(command) {}

command_line::~command_line() = default;

option command_line::parsed(const std::string& name, const std::string& type,
                            std::function<void(const std::string&)> read,
                            const std::string& help) {
    const auto checked = [name, read = std::move(read)](const std::string& text) {
        try {
            read(text);
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError(name, error.what());
        }
    };
    return option(*app_.add_option_function<std::string>(name, checked, help)->type_name(type));
}

option command_line::flag(const std::string& name, bool& target, const std::string& help) {
    return option(*app_.add_flag(name, target, help));
}

option command_line::text(const std::string& name, std::string& target, const std::string& help,
                          const std::string& type) {
    return option(*app_.add_option(name, target, help)->type_name(type)->capture_default_str());
}

option command_line::texts(const std::string& name, std::vector<std::string>& target,
                           const std::string& help) {
    return option(*app_.add_option(name, target, help));
}

option command_line::address(const std::string& name, host_port& target,
                             const std::string& help) {
    return parsed(
               name, "HOST:PORT",
               [&target](const std::string& text) { target = parse_host_port(text); }, help)
        .default_text(to_string(target));
}

option command_line::size(const std::string& name, std::uint64_t& target, std::uint64_t least,
                          std::uint64_t most, const std::string& help) {
    const auto store = [&target](std::uint64_t bytes) { target = bytes; };
    return parsed(name, "SIZE", within(least, most, parse_size, store), help)
        .default_text(std::to_string(target));
}

option command_line::duration(const std::string& name, std::chrono::nanoseconds& target,
                              std::chrono::nanoseconds least, std::chrono::nanoseconds most,
                              const std::string& help) {
    const auto store = [&target](std::chrono::nanoseconds time) { target = time; };
    const double ms = std::chrono::duration<double, std::milli>(target).count();
    return parsed(name, "TIME", within(least, most, parse_duration, store), help)
        .default_text(fmt::format("{}ms", ms));
}

option command_line::whole(const std::string& name, std::int64_t now, std::int64_t least,
                           std::int64_t most, std::function<void(std::int64_t)> store,
                           const std::string& help) {
    const auto read = [=](const std::string& text) { store(parse_number(text, least, most)); };
    return parsed(name, "NUMBER", read, help).default_text(std::to_string(now));
}

option command_line::real(const std::string& name, double now, double least, double most,
                          std::function<void(double)> store, const std::string& help) {
    const auto read = [=](const std::string& text) { store(parse_number(text, least, most)); };
    return parsed(name, "NUMBER", read, help).default_text(fmt::format("{}", now));
}

option command_line::one_of(const std::string& name, std::vector<std::string> names,
                            std::size_t now, std::function<void(std::size_t)> store,
                            const std::string& help) {
    const std::string type = fmt::format("{}", fmt::join(names, "|"));
    const std::string default_name = now < names.size() ? names[now] : "";
    const auto read = [names, store](const std::string& text) {
        const auto found = std::ranges::find(names, text);
        if (found == names.end())
            throw std::invalid_argument(
                fmt::format("\"{}\" is none of {}", text, fmt::join(names, ", ")));
        store(static_cast<std::size_t>(found - names.begin()));
    };
    return parsed(name, type, read, help).default_text(default_name);
}

command_line& command_line::command(const std::string& name, const std::string& about) {
    app_.require_subcommand(1);
    commands_.push_back(
        std::unique_ptr<command_line>(new command_line(*app_.add_subcommand(name, about))));
    return *commands_.back();
}

bool command_line::is_chosen() const {
    return app_.parsed();
}

void command_line::footer(const std::string& text) {
    app_.footer(text);
}

int command_line::run(int argc, char** argv, const std::function<void()>& body) {
    try {
        app_.parse(argc, argv);
    } catch (const CLI::Success& asked_for_help) {
        return app_.exit(asked_for_help);
    } catch (const CLI::ParseError& error) {
        return failed(app_, error, 2);
    }
    try {
        body();
        return 0;
    } catch (const usage_error& error) {
        return failed(app_, error, 2);
    } catch (const std::exception& error) {
        return failed(app_, error, 1);
    }
}

} // namespace program
