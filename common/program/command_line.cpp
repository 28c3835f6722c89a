#include "command_line.hpp"

#include "log.hpp"
#include "terminal.hpp"
#include "units.hpp"

#include <CLI/CLI.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>

#include <fcntl.h>

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

// CLI11 takes a word in brackets for a list: "[2024]" would become "2024". No word of a command
// line holds a NUL, so one behind the bracket keeps it a word, until plain() takes it away.
std::vector<std::string> reversed_words(int argc, char** argv) {
    std::vector<std::string> words;
    for (int i = argc - 1; i > 0; --i) {
        words.emplace_back(argv[i]);
        if (words.back().ends_with(']'))
            words.back() += '\0';
    }
    return words;
}

// Whether a command's option takes the word behind it.
bool takes_a_word(CLI::App& app, const std::string& option) {
    for (const CLI::App* command : app.get_subcommands({})) {
        const CLI::Option* known = command->get_option_no_throw(option);
        if (known && known->get_items_expected_max() > 0)
            return true;
    }
    return false;
}

// The options of a command may stand before it: it goes to the front.
// @param words the last first.
std::vector<std::string> command_first(CLI::App& app, std::vector<std::string> words) {
    const auto is_command = [&](const std::string& word) {
        const auto all = app.get_subcommands({});
        return std::ranges::find(
                   all, word, [](const CLI::App* one) { return one->get_name(); }) != all.end();
    };
    for (auto word = words.rbegin(); word != words.rend(); ++word) {
        if (is_command(*word)) {
            std::rotate(words.rbegin(), word, std::next(word));
            break;
        }
        if (!word->starts_with("--"))
            break;
        if (takes_a_word(app, *word) && std::next(word) != words.rend())
            ++word;
    }
    return words;
}

std::string plain(std::string word) {
    std::erase(word, '\0');
    return word;
}

int failed(const CLI::App& app, const std::string& why, int code) {
    log("{}: {}", app.get_name(), one_line(why));
    return code;
}

// A standard descriptor that was closed would be the number of the next file or socket, and
// what is printed would go there. One that may not be read or written takes its place, so that
// the error is still told; standard error alone may vanish.
void fill_standard_descriptors() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(number, F_GETFD) == -1 && errno == EBADF)
            ::open("/dev/null", number == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
}

// 0, or 1 when not all that was printed has arrived.
int flush_output(const CLI::App& app) {
    if (std::fflush(stdout) != 0)
        return failed(app, fmt::format("standard output: {}", std::strerror(errno)), 1);
    if (std::ferror(stdout))
        return failed(app, "standard output: not all could be written", 1);
    return 0;
}

// Help as wide as the terminal; a command has that of its program.
class fitting_formatter : public CLI::Formatter {
public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override {
        return wrapped_help(CLI::Formatter::make_help(app, name, mode),
                            width_of(STDOUT_FILENO));
    }
};

// What reads a text as a value within bounds; `write` says them as a user would.
template <class T>
std::function<void(const std::string&)> within(T least, T most, auto parse, auto write,
                                               auto store) {
    return [=](const std::string& text) {
        const T value = parse(text);
        if (!(value >= least && value <= most))
            throw std::invalid_argument(
                fmt::format("\"{}\" is not from {} to {}", text, write(least), write(most)));
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
    : owned_(std::make_unique<CLI::App>(about, name)), app_(*owned_) {
    app_.formatter(std::make_shared<fitting_formatter>());
}

command_line::command_line(CLI::App& command) : app_(command) {}

command_line::~command_line() = default;

namespace {

std::function<void(const std::string&)>
checked(const std::string& name, std::function<void(const std::string&)> read) {
    return [name, read = std::move(read)](const std::string& text) {
        try {
            read(plain(text));
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError(name, error.what());
        }
    };
}

} // namespace

option command_line::parsed(const std::string& name, const std::string& type,
                            std::function<void(const std::string&)> read,
                            const std::string& help) {
    return option(
        *app_.add_option_function<std::string>(name, checked(name, std::move(read)), help)
             ->type_name(type));
}

option command_line::each(const std::string& name, const std::string& type,
                          std::function<void(const std::string&)> read,
                          const std::string& help) {
    const auto all = [read = checked(name, std::move(read))](
                         const std::vector<std::string>& words) {
        std::ranges::for_each(words, read);
    };
    return option(*app_.add_option_function<std::vector<std::string>>(name, all, help)
                       ->type_name(type)
                       ->allow_extra_args(false));
}

option command_line::flag(const std::string& name, bool& target, const std::string& help) {
    return option(*app_.add_flag(name, target, help));
}

option command_line::text(const std::string& name, std::string& target, const std::string& help,
                          const std::string& type) {
    return parsed(
               name, type, [&target](const std::string& text) { target = text; }, help)
        .default_text(target);
}

option command_line::texts(const std::string& name, std::vector<std::string>& target,
                           const std::string& help) {
    const auto store = [&target](const std::vector<std::string>& words) {
        target.clear();
        std::ranges::transform(words, std::back_inserter(target), plain);
    };
    return option(*app_.add_option_function<std::vector<std::string>>(name, store, help));
}

option command_line::address(const std::string& name, host_port& target,
                             const std::string& help) {
    return parsed(
               name, "HOST:PORT",
               [&target](const std::string& text) { target = parse_host_port(text); }, help)
        .default_text(to_string(target));
}

void command_line::connect(host_port& target, std::chrono::milliseconds& timeout,
                           const std::string& who) {
    using namespace std::chrono_literals;
    address("--connect", target, who);
    this->timeout("--connect-timeout", timeout, 1s, 1h,
                  "how long each of its addresses may take to answer");
}

void command_line::idle(std::chrono::milliseconds& timeout, const std::string& who) {
    using namespace std::chrono_literals;
    this->timeout(
        "--idle", timeout, 10ms, 24h,
        fmt::format("give up when {} keeps a send or a receive waiting this long", who));
}

void command_line::timeout(const std::string& name, std::chrono::milliseconds& target,
                           std::chrono::nanoseconds least, std::chrono::nanoseconds most,
                           const std::string& help) {
    const auto store = [&target](std::chrono::nanoseconds time) {
        target = std::chrono::ceil<std::chrono::milliseconds>(time);
    };
    parsed(name, "TIME", within(least, most, parse_duration, duration_text, store), help)
        .default_text(duration_text(target));
}

option command_line::size(const std::string& name, std::uint64_t& target, std::uint64_t least,
                          std::uint64_t most, const std::string& help) {
    const auto store = [&target](std::uint64_t bytes) { target = bytes; };
    return parsed(name, "SIZE", within(least, most, parse_size, size_text, store), help)
        .default_text(size_text(target));
}

option command_line::duration(const std::string& name, std::chrono::nanoseconds& target,
                              std::chrono::nanoseconds least, std::chrono::nanoseconds most,
                              const std::string& help) {
    const auto store = [&target](std::chrono::nanoseconds time) { target = time; };
    return parsed(name, "TIME", within(least, most, parse_duration, duration_text, store), help)
        .default_text(duration_text(target));
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
    fill_standard_descriptors();
    try {
        app_.parse(command_first(app_, reversed_words(argc, argv)));
    } catch (const CLI::Success& asked_for_help) {
        const int code = app_.exit(asked_for_help);
        return code ? code : flush_output(app_);
    } catch (const CLI::ParseError& error) {
        return failed(app_, plain(error.what()), 2);
    }
    try {
        body();
    } catch (const usage_error& error) {
        return failed(app_, error.what(), 2);
    } catch (const std::system_error& error) {
        // fmt's own says "cannot write to file", not which.
        return failed(app_,
                      std::ferror(stdout) ? "standard output: " + error.code().message()
                                          : describe(error),
                      1);
    } catch (const std::exception& error) {
        return failed(app_, describe(error), 1);
    }
    return flush_output(app_);
}

} // namespace program
