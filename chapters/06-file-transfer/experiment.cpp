// What chapter 6 measures: which technique pays off on which link, and
// what others make of the same files. `--full` adds links.
#include "links.hpp"
#include "protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include <unistd.h>

using namespace file_transfer;

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> short_set{"loopback", "lan", "home",
                                         "transatlantic", "loss"};
const std::vector<std::string> full_set{
    "loopback",      "lan",       "home", "lte",
    "transatlantic", "satellite", "loss"};

// Without one technique each; then without any.
const std::vector<std::string> left_out{"gather",   "nodelay", "overlap",
                                        "compress", "async",   "buffer",
                                        "autotune", "group",   "all"};

// How others send a folder, where they are installed.
struct peer {
    std::string name, needs, server, client;
};
const std::vector<peer> peers{
    {"tar_nc", "nc", "nc -l 0.0.0.0 $PORT </dev/null | tar x -C $ROOT",
     "cd $(dirname $CONTENT) && tar c $(basename $CONTENT) | "
     "nc -N server $PORT"},
    {"tar_gzip_nc", "nc",
     "nc -l 0.0.0.0 $PORT </dev/null | gzip -d | tar x -C $ROOT",
     "cd $(dirname $CONTENT) && tar c $(basename $CONTENT) | gzip | "
     "nc -N server $PORT"},
    {"rsync", "rsync",
     "printf 'use chroot = no\\nuid = 0\\ngid = 0\\n[root]\\n"
     "path = %s\\nread only = no\\n' $ROOT > $BASE/conf; "
     "exec rsync --daemon --no-detach --port=$PORT --config=$BASE/conf",
     "rsync -rt $CONTENT rsync://server:$PORT/root/"},
    {"rsync_z", "rsync",
     "printf 'use chroot = no\\nuid = 0\\ngid = 0\\n[root]\\n"
     "path = %s\\nread only = no\\n' $ROOT > $BASE/conf; "
     "exec rsync --daemon --no-detach --port=$PORT --config=$BASE/conf",
     "rsync -rtz $CONTENT rsync://server:$PORT/root/"}};

bool installed(const std::string& program) {
    return std::system(fmt::format("command -v {} >/dev/null", program)
                           .c_str()) == 0;
}

// The programs lie beside this one.
std::string beside(const char* program) {
    return fs::read_symlink("/proc/self/exe").parent_path() / program;
}

// Content and links are made once, at their first use.
class laboratory {
public:
    transfer_lab& of(const std::string& link, bool many, bool smoke) {
        const auto key = link + (many ? "/small" : "");
        auto& lab = labs_[key];
        if (!lab)
            lab = std::make_unique<transfer_lab>(link,
                                                 content(many, smoke));
        return *lab;
    }
    ~laboratory() {
        labs_.clear();
        std::error_code ignored;
        if (!base_.empty())
            fs::remove_all(base_, ignored);
    }

private:
    fs::path content(bool many, bool smoke) {
        if (base_.empty()) {
            std::string form =
                fs::temp_directory_path() / "content-XXXXXX";
            base_ = ::mkdtemp(form.data());
        }
        const fs::path where = base_ / (many ? "many" : "mixed");
        if (!fs::exists(where)) {
            if (many)
                make_content(where, smoke ? 20 : 1000, 0);
            else
                make_content(where, smoke ? 5 : 25,
                             smoke ? 50'000 : 3'000'000);
        }
        return where;
    }

    fs::path base_;
    std::map<std::string, std::unique_ptr<transfer_lab>> labs_;
};

laboratory& the_laboratory() {
    static laboratory one;
    return one;
}

measure::measurement ours(const std::string& link, bool many,
                          const std::string& options) {
    return [=](bool smoke) {
        return the_laboratory()
            .of(link, many, smoke)
            .run(
                beside("file_server") +
                    " --root $ROOT --listen 0.0.0.0:$PORT --allow-remote "
                    "--no-fsync 2>/dev/null",
                beside("file_client") +
                    " put $CONTENT --connect server:$PORT "
                    "2>/dev/null " +
                    options);
    };
}

measure::measurement theirs(const std::string& link, bool many,
                            const peer& one) {
    return [=](bool smoke) {
        return the_laboratory()
            .of(link, many, smoke)
            .run(one.server, one.client, one.needs == "nc");
    };
}

using cases = std::vector<std::pair<std::string, measure::measurement>>;

void add_peers(cases& together, const std::string& prefix,
               const std::string& link, bool many) {
    for (const peer& one : peers)
        if (installed(one.needs))
            together.emplace_back(prefix + one.name,
                                  theirs(link, many, one));
}

// Interval of how many times as long one takes as the other.
measure::interval ratio(const measure::results& measured,
                        const std::string& one,
                        const std::string& other) {
    return measure::paired_ratio(measured.of(one, "seconds"),
                                 measured.of(other, "seconds"));
}

measure::finding decide_fast(const measure::results& measured,
                             const std::vector<std::string>& links) {
    std::string figure;
    bool faster_on_all = true, ever = false;
    for (const std::string& link : links) {
        const auto of = [&](const char* what) {
            return fmt::format("mixed/{}/{}", link, what);
        };
        if (measured.of(of("with_all"), "seconds").empty())
            return {"not measured", measure::verdict::inconclusive};
        const auto times =
            ratio(measured, of("without_all"), of("with_all"));
        const auto same =
            ratio(measured, of("with_all_again"), of("with_all"));
        const bool faster = times.low > std::max(1.0, same.high);
        faster_on_all = faster_on_all && faster;
        ever = ever || faster;
        figure +=
            fmt::format("{}{} {:.1f} times", figure.empty() ? "" : ", ",
                        link, times.value);
    }
    return {"with all techniques against none: " + figure,
            faster_on_all ? measure::verdict::holds
            : ever        ? measure::verdict::holds_in_part
                          : measure::verdict::does_not_hold};
}

measure::finding decide_peers(const measure::results& measured,
                              const std::vector<std::string>& links,
                              const std::string& kind) {
    std::string figure;
    bool all = true, any = false;
    for (const std::string& link : links) {
        const auto name = [&](const std::string& what) {
            return fmt::format("{}/{}/{}", kind, link, what);
        };
        double best = 0;
        std::string who;
        for (const peer& one : peers) {
            const double time =
                measured.median_of(name(one.name), "seconds");
            if (time > 0 && (who.empty() || time < best)) {
                best = time;
                who = one.name;
            }
        }
        if (who.empty() ||
            measured.of(name("with_all"), "seconds").empty())
            continue;
        const auto times = ratio(measured, name(who), name("with_all"));
        const bool faster = times.low > 1;
        all = all && faster;
        any = any || faster;
        figure += fmt::format("{}{} {:.2f} times {}",
                              figure.empty() ? "" : ", ", link,
                              times.value, who);
    }
    if (figure.empty())
        return {"no other program was measured",
                measure::verdict::inconclusive};
    return {"speed against the best of the others: " + figure,
            all   ? measure::verdict::holds
            : any ? measure::verdict::holds_in_part
                  : measure::verdict::does_not_hold};
}

void add_link(measure::experiment& experiment, const std::string& link) {
    const std::string mixed = "mixed/" + link + "/";
    cases together{{mixed + "with_all", ours(link, false, "")},
                   {mixed + "with_all_again", ours(link, false, "")}};
    for (const std::string& name : left_out)
        together.emplace_back(mixed + "without_" + name,
                              ours(link, false, "--without " + name));
    add_peers(together, mixed, link, false);
    experiment.measure_together(3, std::move(together));
}

void add_small(measure::experiment& experiment, const std::string& link) {
    const std::string many = "small/" + link + "/";
    cases together{{many + "with_all", ours(link, true, "")}};
    add_peers(together, many, link, true);
    experiment.measure_together(3, std::move(together));
}

} // namespace

int main(int argc, char** argv) {
    std::vector<char*> arguments(argv, argv + argc);
    const bool full = std::erase_if(arguments, [](const char* one) {
                          return std::strcmp(one, "--full") == 0;
                      }) > 0;
    const bool smoke =
        std::ranges::any_of(arguments, [](const char* one) {
            return std::strcmp(one, "--smoke") == 0;
        });
    const auto links = smoke  ? std::vector<std::string>{"home"}
                       : full ? full_set
                              : short_set;
    const auto small_links =
        smoke ? links
              : std::vector<std::string>{"lan", "home", "transatlantic"};
    measure::experiment experiment("file-transfer", COURSE_CHAPTER_DIR);
    if (const auto reason = netlab::why_unavailable()) {
        fmt::print(stderr, "experiment: no links: {}\n", *reason);
    } else {
        for (const std::string& link : links)
            add_link(experiment, link);
        for (const std::string& link : small_links)
            add_small(experiment, link);
    }
    experiment.decide({"transfer-is-fast",
                       "With these techniques transfer is fast", "3",
                       [=](const measure::results& r) {
                           return decide_fast(r, links);
                       }});
    experiment.decide(
        {"faster-than-others",
         "A folder of mixed files arrives before that of other programs",
         "-", [=](const measure::results& r) {
             return decide_peers(r, links, "mixed");
         }});
    experiment.decide({"small-files",
                       "1,000 small files arrive before those of other "
                       "programs",
                       "-", [=](const measure::results& r) {
                           return decide_peers(r, small_links, "small");
                       }});
    experiment.headline("^mixed/[a-z]+/with(out)?_all(_again)?$", 2);
    arguments.push_back(nullptr);
    return experiment.run(static_cast<int>(arguments.size()) - 1,
                          arguments.data());
}
