#include "common/program/command_line.hpp"
#include "common/program/log.hpp"

#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

// What a program with some options did with some words.
struct outcome {
    int code = 0;
    std::string out, err;
};

struct program_under_test {
    program::command_line line{"Does nothing.", "nothing"};
    bool loud = false;
    std::uint64_t size = 64;
    std::size_t clients = 32;
    double rate = 0.5;
    std::chrono::nanoseconds idle = 1500us;
    program::host_port listen{"127.0.0.1", "1234"};
    int level = -1;
    std::vector<std::string> words;

    program_under_test() {
        line.flag("--loud", loud, "say more");
        line.size("--size", size, 1, 4096, "bytes");
        line.number("--clients", clients, 1, 100, "at a time");
        line.number("--rate", rate, 0.0, 1.0, "a share");
        line.duration("--idle", idle, 1ms, 24h, "wait");
        line.address("--listen", listen, "where");
        line.choice("--level", level,
                    std::vector<std::pair<std::string, int>>{{"auto", -1}, {"off", 0}}, "how");
        line.texts("WORDS", words, "the rest");
    }

    outcome run(
        std::vector<std::string> said, const std::function<void()>& body = [] {}) {
        said.insert(said.begin(), "nothing");
        std::vector<char*> pointers;
        for (std::string& word : said)
            pointers.push_back(word.data());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        outcome seen;
        seen.code = line.run(static_cast<int>(pointers.size()), pointers.data(), body);
        seen.out = testing::internal::GetCapturedStdout();
        seen.err = testing::internal::GetCapturedStderr();
        return seen;
    }
};

TEST(command_line, keeps_what_is_said_and_leaves_the_rest) {
    program_under_test one;
    EXPECT_EQ(one.run({"--loud", "--size", "2K", "--clients", "7", "--idle", "2s", "--level",
                       "off", "a", "b"})
                  .code,
              0);
    EXPECT_TRUE(one.loud);
    EXPECT_EQ(one.size, 2048u);
    EXPECT_EQ(one.clients, 7u);
    EXPECT_EQ(one.rate, 0.5);
    EXPECT_EQ(one.idle, 2s);
    EXPECT_EQ(one.listen.port, "1234");
    EXPECT_EQ(one.level, 0);
    EXPECT_EQ(one.words, (std::vector<std::string>{"a", "b"}));
}

TEST(command_line, answers_a_wrong_value_in_one_line_that_says_what_is_right) {
    for (const auto& [words, answer] :
         std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"--size", "0"}, "nothing: --size: \"0\" is not from 1 to 4K\n"},
             {{"--size", "8K"}, "nothing: --size: \"8K\" is not from 1 to 4K\n"},
             {{"--idle", "1us"}, "nothing: --idle: \"1us\" is not from 1ms to 86400s\n"},
             {{"--clients", "0"}, "nothing: --clients: \"0\" is not from 1 to 100\n"},
             {{"--clients", "101"}, "nothing: --clients: \"101\" is not from 1 to 100\n"},
             {{"--clients", "1.5"}, "nothing: --clients: \"1.5\" is not a whole number\n"},
             {{"--rate", "2"}, "nothing: --rate: \"2\" is not from 0 to 1\n"},
             {{"--rate", "nan"}, "nothing: --rate: \"nan\" is not a number\n"},
             {{"--level", "10"}, "nothing: --level: \"10\" is none of auto, off\n"},
             {{"--listen", "1234"}, "nothing: --listen: \"1234\" is not HOST:PORT\n"}}) {
        program_under_test one;
        bool ran = false;
        const outcome seen = one.run(words, [&] { ran = true; });
        EXPECT_EQ(seen.code, 2);
        EXPECT_EQ(seen.err, answer);
        EXPECT_FALSE(ran);
    }
}

TEST(command_line, help_names_each_value_its_form_and_its_default) {
    program_under_test one;
    const outcome seen = one.run({"--help"});
    EXPECT_EQ(seen.code, 0);
    for (const char* part :
         {"--size SIZE", "64", "--clients NUMBER", "32", "--rate NUMBER", "0.5", "--idle TIME",
          "1.5ms", "--listen HOST:PORT", "127.0.0.1:1234", "--level auto|off"})
        EXPECT_NE(seen.out.find(part), seen.out.npos) << part << " in\n" << seen.out;
}

TEST(command_line, a_client_says_whom_it_connects_to_and_for_how_long) {
    program_under_test one;
    program::host_port server{"127.0.0.1", "1234"};
    std::chrono::milliseconds timeout = 10s;
    one.line.connect(server, timeout, "the server");
    EXPECT_EQ(one.run({"--connect", "[::1]:7", "--connect-timeout", "1.5s"}).code, 0);
    EXPECT_EQ(server.host, "::1");
    EXPECT_EQ(timeout, 1500ms);
    EXPECT_EQ(one.run({"--connect-timeout", "1ms"}).code, 2);
}

TEST(command_line, a_client_says_how_long_it_may_be_kept_waiting) {
    program::command_line line("Waits.", "waits");
    std::chrono::milliseconds timeout = 30s;
    line.idle(timeout, "the server");
    const auto code_of = [&](std::vector<std::string> said) {
        std::vector<char*> pointers;
        for (std::string& word : said)
            pointers.push_back(word.data());
        return line.run(static_cast<int>(pointers.size()), pointers.data(), [] {});
    };
    EXPECT_EQ(code_of({"waits", "--idle", "1.5s"}), 0);
    EXPECT_EQ(timeout, 1500ms);
    EXPECT_EQ(code_of({"waits", "--idle", "1ms"}), 2);
}

TEST(command_line, help_says_which_of_some_names_is_the_default) {
    program_under_test one;
    const std::string names = "--level auto|off", help = one.run({"--help"}).out;
    const auto behind = help.substr(help.find(names) + names.size());
    EXPECT_NE(behind.substr(0, behind.find('\n')).find("auto"), behind.npos) << help;
}

TEST(command_line, what_the_body_throws_is_a_line_and_an_exit_code) {
    const auto fail = [] { throw std::runtime_error("send: broken\npipe\n"); };
    const auto complain = [] { throw program::usage_error("a and b do not go together"); };
    program_under_test one;
    const outcome failed = one.run({}, fail);
    EXPECT_EQ(failed.code, 1);
    EXPECT_EQ(failed.err, "nothing: send: broken pipe\n");
    EXPECT_EQ(one.run({}, complain).code, 2);
}

// Another file, or none, in place of a standard descriptor, until this goes.
class replaced {
public:
    replaced(int number, int other)
        : number_(number), aside_(::fcntl(number, F_DUPFD_CLOEXEC, 3)) {
        if (other == -1)
            ::close(number);
        else
            ::dup2(other, number);
    }
    ~replaced() {
        ::dup2(aside_, number_);
        ::close(aside_);
    }
    replaced(const replaced&) = delete;
    replaced& operator=(const replaced&) = delete;

private:
    int number_, aside_;
};

// Runs a program that prints `out` while its standard descriptor `number` is `other`.
int code_of_printing(const std::string& out, int number, int other) {
    char name[] = "nothing";
    char* words[] = {name};
    program::command_line line{"Does nothing.", "nothing"};
    std::fflush(stdout);
    const replaced for_now(number, other);
    const int code = line.run(1, words, [&] { fmt::print("{}", out); });
    std::clearerr(stdout);
    return code;
}

TEST(command_line, a_result_that_cannot_be_written_is_a_line_and_exit_code_1) {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    for (const std::string& out : {std::string("short"), std::string(100'000, 'l')})
        for (const int other : {full, -1}) {
            testing::internal::CaptureStderr();
            EXPECT_EQ(code_of_printing(out, STDOUT_FILENO, other), 1);
            const std::string err = testing::internal::GetCapturedStderr();
            EXPECT_TRUE(err.starts_with("nothing: standard output: ")) << err;
            EXPECT_EQ(std::ranges::count(err, '\n'), 1) << err;
        }
    ::close(full);
}

TEST(command_line, without_a_standard_error_an_exit_code_is_told_all_the_same) {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    for (const int other : {full, -1}) {
        program_under_test one;
        char name[] = "nothing";
        char* words[] = {name};
        const replaced for_now(STDERR_FILENO, other);
        EXPECT_EQ(one.line.run(1, words, [] { throw std::runtime_error("x"); }), 1);
    }
    ::close(full);
}

TEST(command_line, a_closed_descriptor_is_not_the_next_files_number) {
    int first = -1;
    program_under_test one;
    char name[] = "nothing";
    char* words[] = {name};
    const replaced for_now(STDIN_FILENO, -1);
    one.line.run(1, words, [&] {
        first = ::open("/dev/null", O_RDONLY);
        ::close(first);
    });
    EXPECT_GT(first, 2);
}

TEST(command_line, a_word_in_brackets_stays_a_word) {
    program_under_test one;
    std::string to;
    one.line.text("--to", to, "where");
    EXPECT_EQ(one.run({"--to", "[a,b]", "[2024]", "[a,b]", "[]", "[[x]]", "x]"}).code, 0);
    EXPECT_EQ(to, "[a,b]");
    EXPECT_EQ(one.words, (std::vector<std::string>{"[2024]", "[a,b]", "[]", "[[x]]", "x]"}));
    EXPECT_EQ(program_under_test().run({"--size", "[1]"}).err,
              "nothing: --size: \"[1]\" is not a size, such as 1500, 64K, 8M or 1G\n");
}

TEST(log, a_line_holds_no_control_character_of_a_stranger) {
    testing::internal::CaptureStderr();
    program::log("{}: {}", "127.0.0.1:1", "\x1b[31mred\nnext\xc2\x9b \x7f ä");
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "127.0.0.1:1: \\x1b[31mred\\x0anext\\xc2\\x9b \\x7f ä\n");
}

TEST(log, a_pipe_that_nobody_reads_ends_nothing) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ::close(ends[0]);
    {
        const replaced for_now(STDERR_FILENO, ends[1]);
        program::log("unheard");
    }
    ::close(ends[1]);
}

TEST(describe, leaves_out_what_a_library_tells_its_own_developers) {
    namespace sys = boost::system;
    constexpr auto here = BOOST_CURRENT_LOCATION;
    const sys::error_code gone(ENOTCONN, sys::system_category(), &here);
    EXPECT_EQ(program::describe(sys::system_error(gone, "remote_endpoint")),
              "remote_endpoint: Transport endpoint is not connected");
    EXPECT_EQ(program::describe(std::system_error(ENOTCONN, std::system_category(), "x")),
              "x: Transport endpoint is not connected");
    try {
        std::filesystem::directory_iterator nowhere("/no/such");
    } catch (const std::exception& error) {
        EXPECT_TRUE(program::describe(error).ends_with("/no/such: No such file or directory"))
            << program::describe(error);
    }
    EXPECT_EQ(program::describe(std::bad_alloc()), "out of memory");
    EXPECT_EQ(program::describe(
                  std::runtime_error("[json.exception.parse_error.101] parse error at line 1")),
              "parse error at line 1");
}

TEST(command_line, options_require_need_and_exclude_others) {
    const auto code_of = [](std::vector<std::string> words) {
        program_under_test one;
        bool a = false, b = false, c = false;
        std::string file;
        one.line.text("--file", file, "a file").required();
        const auto first = one.line.flag("--first", a, "");
        one.line.flag("--second", b, "").needs(first);
        one.line.flag("--third", c, "").excludes(first);
        return one.run(std::move(words)).code;
    };
    EXPECT_EQ(code_of({}), 2);
    EXPECT_EQ(code_of({"--file", "f"}), 0);
    EXPECT_EQ(code_of({"--file", "f", "--second"}), 2);
    EXPECT_EQ(code_of({"--file", "f", "--second", "--first"}), 0);
    EXPECT_EQ(code_of({"--file", "f", "--third", "--first"}), 2);
}

TEST(command_line, a_command_is_one_of_those_there_are_and_has_its_own_options) {
    const auto chosen = [](std::vector<std::string> words) {
        program_under_test one;
        std::string to;
        auto& putting = one.line.command("put", "send");
        putting.text("--to", to, "where");
        auto& getting = one.line.command("get", "fetch");
        const int code = one.run(std::move(words)).code;
        return code != 0             ? "code " + std::to_string(code)
               : putting.is_chosen() ? "put to " + to
               : getting.is_chosen() ? std::string("get")
                                     : std::string("none");
    };
    EXPECT_EQ(chosen({"put", "--to", "x"}), "put to x");
    EXPECT_EQ(chosen({"get"}), "get");
    EXPECT_EQ(chosen({"get", "--to", "x"}), "code 2");
    EXPECT_EQ(chosen({}), "code 2");
}

TEST(command_line, the_options_of_a_command_may_stand_before_it) {
    const auto chosen = [](std::vector<std::string> words) {
        program_under_test one;
        std::string to;
        bool json = false;
        std::vector<std::string> paths;
        auto& putting = one.line.command("put", "send");
        putting.text("--to", to, "where");
        putting.flag("--json", json, "print an object");
        putting.texts("PATH", paths, "what");
        one.line.command("get", "fetch");
        const int code = one.run(std::move(words)).code;
        return fmt::format("{} {} {} {}", code, to, json, fmt::join(paths, " "));
    };
    EXPECT_EQ(chosen({"--json", "--to", "x", "put", "a", "b"}), "0 x true a b");
    EXPECT_EQ(chosen({"--to", "get", "put", "a"}), "0 get false a");
    EXPECT_EQ(chosen({"--to=get", "put", "get"}), "0 get false get");
    EXPECT_EQ(chosen({"a", "put"}), "0  false "); // a word before it is the program's own
}

TEST(command_line, help_fits_80_columns_without_a_terminal_and_breaks_no_word) {
    program_under_test one;
    one.line.flag("--told", one.loud,
                  "what this does takes a sentence of many words, more than one line of a "
                  "terminal has room for");
    const std::string help = one.run({"--help"}).out;
    EXPECT_NE(help.find("\n                              more than one line of a terminal has room for\n"),
              std::string::npos)
        << help;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80u) << line;
}

} // namespace
