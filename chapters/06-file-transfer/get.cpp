#include "checksum.hpp"
#include "client.hpp"
#include "receiving.hpp"
#include "tree.hpp"

#include <unistd.h>

namespace file_transfer {

namespace {

// Names on the server, and what they are called below the local folder:
// `get a/b` makes `b`, and `get a/b/c` makes `c`, as cp -r would.
class naming {
public:
    explicit naming(const std::vector<std::string>& asked)
        : asked_(asked) {}

    std::string local(const std::string& path) const {
        for (const std::string& each : asked_)
            if (each.empty() || path == each ||
                path.starts_with(each + '/'))
                return path.substr(split(each).folder.empty()
                                       ? 0
                                       : split(each).folder.size() + 1);
        throw failure(errc::bad_message,
                      fmt::format("the server sends {}, which nobody has "
                                  "asked for",
                                  quoted(path)));
    }

private:
    const std::vector<std::string>& asked_;
};

// Renames, counts, and hands on.
class fetched : public record_sink {
public:
    fetched(std::unique_ptr<record_sink> to, naming names,
            progress_counts& progress)
        : to_(std::move(to)), names_(std::move(names)),
          progress_(progress) {}

    void begin(const entry& one) override {
        entry renamed = one;
        renamed.path = names_.local(one.path);
        if (one.size != unknown_size)
            progress_.total_bytes += one.size - one.offset;
        ++progress_.entries;
        to_->begin(renamed);
    }
    void content(byte_view bytes) override {
        to_->content(bytes);
        progress_.bytes += bytes.size();
    }
    void summed_content(byte_view bytes, std::uint32_t sum) override {
        to_->summed_content(bytes, sum);
        progress_.bytes += bytes.size();
    }
    void complete(std::uint32_t checksum) override {
        to_->complete(checksum);
    }
    void give_up() override { to_->give_up(); }

private:
    std::unique_ptr<record_sink> to_;
    naming names_;
    progress_counts& progress_;
};

// Standard output has no name to publish: what is wrong shows in the exit
// code, after the bytes.
class output_sink : public record_sink {
public:
    void begin(const entry& one) override {
        if (one.what != entry::kind::file || begun_)
            throw failure(errc::bad_path,
                          "only one file goes to standard output");
        begun_ = true;
    }
    void content(byte_view bytes) override {
        checksum_ = crc32(checksum_, bytes);
        while (!bytes.empty()) {
            const ssize_t written =
                ::write(STDOUT_FILENO, bytes.data(), bytes.size());
            if (written == -1 && errno != EINTR)
                throw storage_failure(errno, "write", "standard output");
            if (written > 0)
                bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }
    void complete(std::uint32_t checksum) override {
        if (checksum != checksum_)
            throw failure(errc::bad_checksum, "it arrived damaged");
    }
    void give_up() override {
        throw failure(errc::changed, "the server gave the file up");
    }

private:
    std::uint32_t checksum_ = 0;
    bool begun_ = false;
};

class download {
public:
    download(const client_options& options,
             const std::vector<std::string>& paths, std::string into,
             progress_counts& progress, transfer_report& report)
        : options_(options), paths_(paths), into_(std::move(into)),
          pool_(pool_threads), progress_(progress), report_(report) {
        if (into_ != "-")
            where_.emplace(into_);
    }
    ~download() { pool_.join(); }

    asio::awaitable<void> run();

private:
    asio::awaitable<void> attempt(bool resume);
    receiving_end make_end();
    std::vector<holding> what_is_here() const;

    const client_options& options_;
    const std::vector<std::string>& paths_;
    std::string into_;
    asio::thread_pool pool_;
    progress_counts& progress_;
    transfer_report& report_;
    std::optional<root> where_;
    path_locks locks_;
    std::shared_ptr<connection> server_;
    store* store_ = nullptr; // of this attempt, inside its sink
};

asio::awaitable<void> download::run() {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    unsigned in_vain = 0;
    for (bool again = false;; again = true) {
        std::exception_ptr thrown;
        const std::uint64_t before = progress_.bytes;
        try {
            co_await attempt(again || options_.resume);
        } catch (...) {
            thrown = std::current_exception();
        }
        if (server_) {
            report_.wire_sent += server_->bytes_sent();
            report_.wire_received += server_->bytes_received();
            server_->drop();
        }
        if (!thrown)
            co_return;
        in_vain = progress_.bytes > before ? 0 : in_vain + 1;
        if (in_vain > options_.retries || into_ == "-" ||
            !may_be_tried_again(thrown))
            std::rethrow_exception(thrown);
        ++report_.retries;
        pause.expires_after(
            std::chrono::milliseconds(100 << std::min(in_vain, 6u)));
        co_await pause.async_wait(as_value);
    }
}

receiving_end download::make_end() {
    if (into_ == "-")
        return {std::make_shared<fetched>(std::make_unique<output_sink>(),
                                          naming(paths_), progress_),
                [] {}, [] { return totals{}; }};
    auto files = std::make_unique<store>(*where_, locks_, options_.store);
    store* const arriving = store_ = files.get();
    const auto sink = std::make_shared<fetched>(
        std::move(files), naming(paths_), progress_);
    return {sink, [sink, arriving] { arriving->publish(); },
            [sink, arriving] { return arriving->arrived(); }};
}

std::vector<holding> download::what_is_here() const {
    std::vector<holding> all;
    std::size_t bytes = 0;
    for (const std::string& path : paths_) {
        const auto [above, name] = split(path);
        if (!name.empty()) { // a part has no name to walk from
            holding file = store::look(*where_, name);
            file.path = path;
            if (file.what != holding::state::nothing)
                all.push_back(std::move(file));
        }
        try {
            tree_walk walk(*where_, name, true);
            while (const auto one = walk.next()) {
                if (one->what == entry::kind::folder || one->path == name)
                    continue;
                holding here = store::look(*where_, one->path);
                if (!above.empty())
                    here.path = above + '/' + here.path;
                bytes += here.path.size() + 32;
                if (bytes > blocking_echo::frame_payload_limit / 2)
                    return all; // the rest comes again
                all.push_back(std::move(here));
            }
        } catch (const failure& missing) {
            if (!missing.is(errc::not_found))
                throw;
        }
    }
    return all;
}

asio::awaitable<void> download::attempt(bool resume) {
    server_.reset();
    const auto request = std::make_shared<wanted>();
    request->paths = paths_;
    request->level = static_cast<std::uint8_t>(options_.level);
    const auto executor = co_await asio::this_coro::executor;
    if (resume && where_) {
        background looking(executor, pool_, [this, request] {
            request->have = what_is_here();
        });
        co_await looking.end();
    }
    server_ = co_await open_connection(options_);
    const auto question = encode(*request);
    co_await server_->write(message::get, question);
    frame_space space;
    co_await read_hello(*server_, space, options_);
    const receiving_end end = make_end();
    std::exception_ptr thrown;
    try {
        co_await receive_blocks(*server_, end, pool_, options_.times.idle,
                                false);
    } catch (...) {
        thrown = std::current_exception();
    }
    const totals arrived = end.arrived();
    report_.entries += arrived.entries;
    report_.bytes += arrived.bytes;
    if (store_ && store_->given_up() > 0 && !thrown)
        report_.problems.push_back(
            fmt::format("the server gave up {} files that changed",
                        store_->given_up()));
    store_ = nullptr;
    if (thrown && !is_broken(thrown)) {
        const failure why = as_failure(thrown);
        co_await server_->tell(why);
    }
    if (thrown)
        std::rethrow_exception(thrown);
    server_->drop();
}

} // namespace

transfer_report get_files(const client_options& options,
                          const std::vector<std::string>& paths,
                          const std::string& into,
                          progress_counts& progress) {
    transfer_report report;
    asio::io_context context{1};
    download one(options, paths, into, progress, report);
    run_alone(context, one.run());
    if (into == "-") {
        report.entries = progress.entries;
        report.bytes = progress.bytes;
    }
    return report;
}

} // namespace file_transfer
