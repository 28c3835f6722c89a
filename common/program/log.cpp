#include "log.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <new>

#include <pthread.h>
#include <unistd.h>

namespace program {

namespace {

// C0, DEL, and in UTF-8 the C1 characters (c2 80 to c2 9f), which some terminals obey too.
std::string escaped(std::string_view text) {
    std::string line;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 = byte == 0xc2 && i + 1 < text.size() &&
                        static_cast<unsigned char>(text[i + 1]) - 0x80u < 0x20;
        if (byte < 0x20 || byte == 0x7f || c1)
            line += fmt::format("\\x{:02x}", byte);
        else
            line += text[i];
        if (c1)
            line += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    }
    return line;
}

// A write into a pipe that nobody reads raises SIGPIPE, and without MSG_NOSIGNAL, which is for
// sockets, this thread has to hold it back itself.
class without_sigpipe {
public:
    without_sigpipe() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }

    ~without_sigpipe() {
        const timespec at_once{};
        if (!was_pending_)
            ::sigtimedwait(&pipe_, nullptr, &at_once);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

    without_sigpipe(const without_sigpipe&) = delete;
    without_sigpipe& operator=(const without_sigpipe&) = delete;

private:
    sigset_t pipe_{}, before_{};
    bool was_pending_ = false;
};

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
        if (count == -1 && errno != EINTR)
            return;
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
}

// "cannot open directory: Permission denied [/root]" with the path where a reader looks for it.
std::string describe(const std::filesystem::filesystem_error& error) {
    std::string text = error.what();
    constexpr std::string_view label = "filesystem error: ";
    if (text.starts_with(label))
        text.erase(0, label.size());
    const std::string reason = error.code().message();
    const std::string operation = text.substr(0, text.find(": " + reason));
    const std::string path = error.path1().string();
    return fmt::format("{}{}{}: {}", operation, path.empty() ? "" : " ", path, reason);
}

std::string describe(const boost::system::system_error& error) {
    std::string text = error.what();
    const auto code = error.code();
    const auto from = text.rfind(fmt::format(" [{}:{}", code.category().name(), code.value()));
    return text.substr(0, from);
}

} // namespace

void log_line(std::string_view text) noexcept {
    const int error = errno;
    try {
        const std::string line = escaped(text) + '\n';
        const without_sigpipe held;
        write_all(line);
    } catch (...) {
        // No memory for the line: it is lost, as on a full disk.
    }
    errno = error;
}

std::string describe(const std::exception& error) {
    if (const auto* files = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
        return describe(*files);
    if (const auto* boosts = dynamic_cast<const boost::system::system_error*>(&error))
        return describe(*boosts);
    if (dynamic_cast<const std::bad_alloc*>(&error))
        return "out of memory";
    std::string text = error.what();
    if (text.starts_with("[json.exception."))
        text.erase(0, text.find("] ") + 2);
    return text;
}

} // namespace program
