#include "measurements.hpp"
#include "race.hpp"

#include "common/measure/shell_word.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <system_error>

#include <stdlib.h>

namespace file_transfer {

namespace fs = std::filesystem;

namespace {

// Content and links, made once, at their first use.
class made_once {
public:
    made_once() {
        std::string form = measured_folder() / "content-XXXXXX";
        if (!::mkdtemp(form.data()))
            throw std::system_error(errno, std::system_category(), form);
        base_ = form;
    }
    ~made_once() {
        labs_.clear();
        std::error_code ignored;
        fs::remove_all(base_, ignored);
    }

    transfer_lab& lab(const std::string& link) {
        auto& one = labs_[link];
        if (!one)
            one = std::make_unique<transfer_lab>(link);
        return *one;
    }

    void forget(const std::string& link) { labs_.erase(link); }

    const fs::path& content_of(const content& what) {
        auto& path = folders_[what];
        if (path.empty()) {
            path = base_ / fmt::format("content{}", folders_.size());
            make_content(path, what);
        }
        return path;
    }

private:
    fs::path base_;
    std::map<content, fs::path> folders_;
    std::map<std::string, std::unique_ptr<transfer_lab>> labs_;
};

made_once& shared_by_cases() {
    static made_once one;
    return one;
}

} // namespace

const std::vector<std::string>& all_links() {
    static const std::vector<std::string> all{
        "loopback",      "lan",       "home",      "lte", "continent",
        "transatlantic", "antipodes", "satellite", "loss"};
    return all;
}

const std::vector<std::string>& slow_links() {
    static const std::vector<std::string> slow(all_links().begin() + 2,
                                               all_links().end());
    return slow;
}

std::vector<std::string> links_of(run_scope much,
                                  const std::vector<std::string>& some) {
    if (much.smoke)
        return {"home"};
    return much.full ? all_links() : some;
}

int repetitions_over(const std::string& link) {
    return link == "loss" ? 15 : 10;
}

measure::measurement transfer(const std::string& link,
                              const content& what,
                              const transfer_method& how) {
    return [=](bool smoke) {
        content some = what;
        if (smoke) {
            some.bytes = std::min<std::uint64_t>(some.bytes, 50'000);
            some.files = std::min<std::size_t>(some.files, 5);
        }
        made_once& shared = shared_by_cases();
        auto row = shared.lab(link).run(how, shared.content_of(some));
        if (row.back().first == "stopped")
            shared.forget(link);
        return row;
    };
}

std::string beside(const std::string& program) {
    return measure::shell_word(
        fs::read_symlink("/proc/self/exe").parent_path() / program);
}

transfer_method ours(const std::string& client_options,
                     const std::string& server_options) {
    return {.server = fmt::format("exec {} --root \"$ROOT\" --listen "
                                  "0.0.0.0:$PORT --allow-remote {}",
                                  beside("file_server"), server_options),
            .client = fmt::format(
                "{} put \"$CONTENT\" --connect $SERVER:$PORT {}",
                beside("file_client"), client_options)};
}

void add_race(cases& together, cases running) {
    const auto shared = std::make_shared<race>();
    for (auto& one : running) {
        auto runs = [shared, name = one.first,
                     body = std::move(one.second)](
                        bool smoke) -> measure::counters {
            if (!smoke && shared->is_out(name))
                return {};
            auto row = body(smoke);
            shared->note(name, row.front().second,
                         row.back().first == "stopped");
            return row;
        };
        together.emplace_back(one.first, std::move(runs));
    }
}

measure::interval times_as_long(const measure::results& measured,
                                const std::string& one,
                                const std::string& other,
                                std::size_t comparisons) {
    return measure::paired_ratio(measured.of(one, "seconds"),
                                 measured.of(other, "seconds"),
                                 comparisons);
}

best_case fastest(const measure::results& measured,
                  const std::string& prefix,
                  const std::vector<std::string>& names) {
    std::map<std::string, std::vector<double>> all;
    std::size_t most = 0;
    for (const std::string& name : names)
        if (measured.has(prefix + name)) {
            all[name] = measured.of(prefix + name, "seconds");
            most = std::max(most, all[name].size());
        }
    best_case best{.name = {}, .of = all.size()};
    double least = 0;
    for (const auto& [name, times] : all) {
        if (times.size() + 1 < most) // one may lack after Ctrl-C
            continue;
        if (best.name.empty() || measure::median(times) < least) {
            best.name = name;
            least = measure::median(times);
        }
    }
    return best;
}

std::string processors(const measure::results& measured,
                       const std::string& own, const std::string& other) {
    const auto both = [&](const std::string& name) -> std::string {
        if (measured.of(name, "client_cpu_ms").empty())
            return "not known"; // it was stopped
        return fmt::format("{:.0f} + {:.0f} ms",
                           measured.median_of(name, "client_cpu_ms"),
                           measured.median_of(name, "server_cpu_ms"));
    };
    return fmt::format("CPU {}, theirs {}", both(own), both(other));
}

void append_words(std::string& figure, const std::string& words) {
    figure += (figure.empty() ? "" : ", ") + words;
}

std::string shown(const std::string& what,
                  const std::vector<measure::answer>& answers,
                  const std::string& of) {
    const auto number = [&](measure::answer one) {
        return std::ranges::count(answers, one);
    };
    const auto open = number(measure::answer::open);
    return fmt::format("{} {} of {} {}", what,
                       number(measure::answer::yes), answers.size(), of) +
           (open > 0 ? fmt::format(", {} undecided", open) : "");
}

} // namespace file_transfer
