// What a client asks before it sends only what changed, and what it has
// removed afterwards.
#include "session.hpp"

#include "disk/removal.hpp"
#include "disk/tree_sum.hpp"
#include "wire/error_frame.hpp"

namespace file_transfer {

namespace {

// Adds up what is below some paths, a slice at a time.
class summing {
public:
    summing(const root& where, std::vector<std::string> paths,
            std::shared_ptr<notes> left_out)
        : where_(where),
          walk_(where, std::move(paths), std::move(left_out), systems_) {}

    bool advance(slice_clock::time_point until) {
        for (std::size_t names = 0;
             names < slice_names && !is_done() &&
             (names == 0 || slice_clock::now() < until);
             ++names)
            step();
        return is_done();
    }

    // What has been told to be there may be younger than the last sync.
    void make_safe() const { systems_->sync(where_.disk()); }

    const tree_sum& sum() const { return sum_; }
    std::uint64_t parts() const { return parts_ + walk_.parts(); }
    std::vector<std::string> take_paths() { return walk_.take_paths(); }

private:
    const std::vector<std::string>& paths() const {
        return walk_.paths();
    }
    bool is_done() const {
        return walk_.is_at_end() && at_ == paths().size();
    }
    void step() {
        if (walk_.is_at_end()) // of a file, beside those in folders
            parts_ += has_part(where_, paths()[at_++]);
        else if (const auto one = walk_.step())
            sum_.add(*one);
    }

    const root& where_;
    const std::shared_ptr<file_systems> systems_ =
        std::make_shared<file_systems>();
    walk_of_paths walk_;
    tree_sum sum_;
    std::size_t at_ = 0;
    std::uint64_t parts_ = 0;
};

} // namespace

//! [compare]
asio::awaitable<void> session::compare(byte_view payload) {
    comparison theirs = decode_comparison(payload);
    check_paths(theirs.paths);
    request_ = {}; // all of it is decoded
    const auto left_out = std::make_shared<notes>(notes_memory);
    const auto ours = std::make_shared<summing>(
        shared_.where, std::move(theirs.paths), left_out);
    const some_work add_up = [ours](slice_clock::time_point until) {
        return ours->advance(until);
    };
    for (bool all = false; !all;)
        all = co_await on_disk(add_up);
    comparison_result result;
    result.is_same = ours->sum() == theirs.sum;
    result.parts = ours->parts();
    if (result.is_same) {
        co_await tell(*left_out);
    } else {
        left_out->take(); // the second walk says it again
        result.entries = co_await tell_there(ours->take_paths());
    }
    const some_work make_safe = [ours](slice_clock::time_point) {
        ours->make_safe();
        return true;
    };
    if (shared_.options.store.durable)
        co_await slice(*connection_, shared_.pools.writing, make_safe);
    const auto last = encode(result);
    co_await connection_->write(message::compared, last);
}
//! [compare]

asio::awaitable<std::uint64_t>
session::tell_there(std::vector<std::string> paths) {
    const auto left_out = std::make_shared<notes>(notes_memory);
    const auto walk = std::make_shared<walk_of_paths>(
        shared_.where, std::move(paths), left_out);
    walk->give_others();
    const auto some = std::make_shared<std::vector<entry>>();
    const some_work go_on = [walk, some](slice_clock::time_point until) {
        return walk->take_some(*some, until);
    };
    std::uint64_t told = 0;
    for (bool all = false; !all;) {
        all = co_await on_disk(go_on);
        co_await tell(*left_out);
        const auto part = encode_there(*some);
        if (!some->empty())
            co_await connection_->write(message::there, part);
        told += some->size();
    }
    co_return told;
}

asio::awaitable<void> session::remove(byte_view payload) {
    const server_options& options = shared_.options;
    if (options.read_only || options.store.keep_what_is_there)
        throw failure(errc::no_access,
                      options.read_only
                          ? "this server deletes nothing: --read-only"
                          : "this server deletes nothing: "
                            "--no-overwrite");
    std::vector<entry> entries = decode_removal(payload);
    for (const entry& one : entries)
        check_path(one.path);
    request_ = {}; // all of it is decoded
    const auto left_out = std::make_shared<notes>(notes_memory);
    const auto going =
        std::make_shared<removal>(shared_.where, std::move(entries),
                                  options.store.durable, left_out);
    const some_work go_on = [going](slice_clock::time_point until) {
        return going->advance(until);
    };
    std::size_t told = 0;
    for (bool all = false; !all;) {
        all = co_await slice(*connection_, shared_.pools.writing, go_on);
        co_await tell(*left_out);
        const auto& gone = going->gone();
        const auto some = encode_removed(
            {gone.begin() + static_cast<std::ptrdiff_t>(told),
             gone.end()});
        told = gone.size();
        co_await connection_->write(message::removed, some);
    }
    const auto last = encode(going->removed());
    co_await connection_->write(message::end, last);
}

} // namespace file_transfer
