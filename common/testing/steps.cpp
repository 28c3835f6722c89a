#include "steps.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

// AddressSanitizer's, where the program is built with it.
extern "C" [[gnu::weak]] int __asan_report_present();

namespace testing_support {

std::string reason(const std::exception& error) {
    const std::string_view text = error.what();
    return std::string(text.substr(0, std::min(text.find(" [system:"), text.find(" [asio."))));
}

steps::steps(std::string_view when_stuck, std::chrono::seconds limit) : deadline_(limit) {
    say("stuck", when_stuck);
}

void steps::wrong(std::string_view what, std::string_view advice) {
    // The answer's thread has crashed and is still writing its report, which says more. It ends
    // the process, and else the deadline does.
    if (__asan_report_present && __asan_report_present() != 0)
        for (;;)
            ::pause();
    say("wrong", what);
    say("advice", advice);
    std::_Exit(1);
}

// One line each: ./course check reads them.
void steps::say(const char* kind, std::string_view text) {
    fmt::print("{}: {}\n", kind, text);
    std::fflush(stdout);
}

std::string shown(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string result = "\"";
    for (const char c : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            result += "\\n";
        else if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\')
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    result += '"';
    if (text.size() > most)
        result += fmt::format(" and so on, {}", count_of(text.size()));
    return result;
}

std::string count_of(std::size_t bytes) {
    const std::string digits = std::to_string(bytes);
    std::string grouped;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0)
            grouped += ',';
        grouped += digits[i];
    }
    return grouped + (bytes == 1 ? " byte" : " bytes");
}

std::size_t first_difference(std::string_view one, std::string_view other) {
    const auto size = std::min(one.size(), other.size());
    const auto end = one.begin() + static_cast<std::ptrdiff_t>(size);
    return static_cast<std::size_t>(std::mismatch(one.begin(), end, other.begin()).first -
                                    one.begin());
}

} // namespace testing_support
