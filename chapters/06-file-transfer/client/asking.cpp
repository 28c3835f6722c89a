#include "asking.hpp"

#include "disk/prefix_checksum.hpp"
#include "line/slices.hpp"

#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace file_transfer {

using blocking_echo::frame_errc;

namespace {

using asked_files = std::vector<std::reference_wrapper<sent_file>>;

// What cannot be read is told when it is to be sent.
bool begins_with(sent_file& ours, const holding& theirs) {
    try {
        const descriptor file =
            ours.where->open(ours.local, O_RDONLY | O_NONBLOCK);
        struct stat facts {};
        if (::fstat(file.get(), &facts) != 0)
            return false;
        ours.compared = edition_before(facts);
        prefix_checksum sum(file.get(), theirs.size, ours.local);
        while (!sum.advance()) {
        }
        return sum.value() == theirs.checksum;
    } catch (const failure&) {
        return false;
    }
}

// What is there counts when it is the beginning of what is here.
void take(sent_file& ours, const holding& theirs,
          progress_counts& progress) {
    const bool whole = theirs.what == holding::state::all;
    if (theirs.what == holding::state::nothing || theirs.size == 0 ||
        theirs.size > ours.about.size ||
        (whole && theirs.size < ours.about.size) ||
        !begins_with(ours, theirs))
        return;
    ours.about.offset = theirs.size;
    ours.checksum = theirs.checksum;
    ours.is_there = whole;
    progress.bytes += theirs.size;
}

void take_answers(const asked_files& asked,
                  const std::vector<holding>& answers,
                  progress_counts& progress) {
    for (std::size_t i = 0; i < asked.size(); ++i)
        take(asked[i], answers[i], progress);
}

asio::awaitable<void> ask_some(connection& server, frame_space& space,
                               const client_options& options,
                               std::span<const std::string> paths,
                               std::vector<holding>& answers) {
    const auto question = encode(paths);
    co_await server.write(message::ask, question);
    time_without_progress idle(options.times.of_server());
    for (std::size_t told = 0; told < paths.size();) {
        co_await next_frame(server, space, options.times.idle,
                            idle.left(told));
        if (space.type() != message::answer)
            throw std::system_error(frame_errc::unexpected_type);
        for (holding& one : decode_holdings(space.payload())) {
            if (told == paths.size() || one.path != paths[told])
                throw failure(errc::bad_message,
                              "an answer nobody asked for");
            answers.push_back(std::move(one));
            ++told;
        }
    }
}

asked_files marked(std::vector<sent_file>& files) {
    asked_files asked;
    for (sent_file& one : files) {
        if (one.about.what == entry::kind::folder)
            continue;
        one.about.offset = 0;
        one.checksum = 0;
        one.is_there = false;
        if (one.is_asked && one.about.size != unknown_size)
            asked.emplace_back(one);
    }
    return asked;
}

} // namespace

asio::awaitable<bool> ask_what_is_there(connection& server,
                                        frame_space& space,
                                        const client_options& options,
                                        std::vector<sent_file>& files,
                                        worker_pool& pool,
                                        progress_counts& progress) {
    const auto asked = std::make_shared<const asked_files>(marked(files));
    const auto answers = std::make_shared<std::vector<holding>>();
    std::vector<std::string> some;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < asked->size(); ++i) {
        some.push_back((*asked)[i].get().about.path);
        bytes += some.back().size() + 16;
        if (bytes < ask_bytes && i + 1 < asked->size())
            continue;
        co_await ask_some(server, space, options, some, *answers);
        some.clear();
        bytes = 0;
    }
    const auto begin = slice_clock::now();
    background comparing(server.executor(), pool,
                         [asked, answers, &progress] {
                             take_answers(*asked, *answers, progress);
                         });
    co_await comparing.end();
    co_return slice_clock::now() - begin < kept_waiting;
}

} // namespace file_transfer
