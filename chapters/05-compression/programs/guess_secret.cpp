// Reads a secret from the lengths of compressed requests.
#include "attacks/guessing.hpp"

#include "common/program/command_line.hpp"

#include <fmt/format.h>

using namespace compression;

namespace {

void print(const std::vector<guess>& guesses, const std::string& secret) {
    fmt::print("bytes of a request, by the next digit that is tried\n\n"
               "{:<10}",
               "known");
    for (const auto& [digit, length] : guesses.front().lengths)
        fmt::print(" {:>3}", digit);
    fmt::print("  shortest\n");
    std::string guessed;
    for (const guess& one : guesses) {
        fmt::print("{:<10}", one.known);
        for (const auto& [digit, length] : one.lengths)
            fmt::print(" {:>3}", length);
        const bool decided = one.shortest.size() == 1;
        fmt::print("  {}\n", decided ? one.shortest : "not one alone");
        if (decided)
            guessed += one.shortest;
    }
    fmt::print("\n{} requests: {} of {} digits guessed{}\n",
               guesses.size() * guesses.front().lengths.size(),
               guessed.size(), secret.size(),
               guessed == secret ? ", and the secret is " + guessed : "");
}

} // namespace

int main(int argc, char** argv) {
    program::command_line line(
        "Guesses a secret token from the lengths of compressed "
        "requests, on this machine and against itself alone.",
        "guess_secret");
    std::string secret = "7c2e91b04d";
    bool same_stream = false;
    line.parsed(
            "--secret", "DIGITS",
            [&](const std::string& text) {
                if (text.empty() || text.size() > 10 ||
                    text.find_first_not_of("0123456789abcdef") !=
                        std::string::npos)
                    throw std::invalid_argument(fmt::format(
                        "\"{}\" is not 1 to 10 hexadecimal digits",
                        text));
                secret = text;
            },
            "1 to 10 hexadecimal digits")
        .default_text(secret);
    line.flag("--same-stream", same_stream,
              "compress the secret together with the attacker's text; "
              "without it each has a stream of its own");

    return line.run(argc, argv, [&] {
        const auto length =
            same_stream ? length_in_one_stream : length_in_two_streams;
        print(guess_secret(
                  [&](std::string_view text) {
                      return length(secret, text);
                  },
                  secret.size()),
              secret);
    });
}
