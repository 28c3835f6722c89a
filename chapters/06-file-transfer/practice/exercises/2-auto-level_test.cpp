#include "2-auto-level.hpp"

#include "common/testing/steps.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace exercise {
namespace {

using testing_support::steps;

constexpr std::size_t level_count = level_choice::levels.size();
constexpr std::size_t block_bytes = 256 << 10;

// What a compressor makes of some data, by level: nanoseconds for a byte,
// and bytes out for a byte in.
struct data_kind {
    const char* name;
    std::array<double, level_count> ns, ratio;
};
constexpr data_kind text{
    "a log", {0, 9, 13, 22, 60}, {1, .25, .23, .21, .205}};
constexpr data_kind program{
    "a program", {0, 12, 18, 38, 90}, {1, .55, .5, .4, .39}};
// The same on other processors: how fast one is, only learn() tells.
constexpr data_kind slow_program{"a program, on a slow processor",
                                 {0, 60, 90, 190, 450},
                                 {1, .55, .5, .4, .39}};
constexpr data_kind fast_program{"a program, on a fast processor",
                                 {0, 2, 3, 6, 15},
                                 {1, .55, .5, .4, .39}};
constexpr data_kind noise{
    "photographs", {0, 25, 27, 30, 30}, {1, 1, 1, 1, 1}};

// Blocks that are alike.
struct stretch {
    const data_kind& data;
    double link_ns; // for a byte
    std::string_view advice;
    int blocks = 400;
    int small = 0; // of so many blocks the last is a small one; 0: none

    std::size_t bytes_of(int block) const {
        return small > 0 && (block + 1) % small == 0 ? block_bytes / 16
                                                     : block_bytes;
    }
    // Nanoseconds for a byte.
    double pack_ns(std::size_t level) const { return data.ns[level]; }
    double send_ns(std::size_t level) const {
        return data.ratio[level] * link_ns;
    }
    double cost(std::size_t level) const {
        return std::max(pack_ns(level), send_ns(level));
    }
    std::size_t best() const {
        std::size_t found = 0;
        for (std::size_t i = 1; i < level_count; ++i)
            if (cost(i) < cost(found))
                found = i;
        return found;
    }
};

// What a choice did in a stretch.
struct outcome {
    std::array<int, level_count> blocks{};
    double ns = 0, bytes = 0;

    std::string used() const {
        std::string all;
        for (std::size_t i = 0; i < level_count; ++i)
            if (blocks[i] > 0)
                all += fmt::format("{}{} at level {}",
                                   all.empty() ? "" : ", ", blocks[i],
                                   level_choice::levels[i]);
        return all;
    }
};

// Milliseconds of a large block.
double ms(double ns_for_a_byte) {
    return ns_for_a_byte * block_bytes / 1e6;
}

class auto_level : public testing::Test {
protected:
    std::unique_ptr<level_choice> made() {
        auto choice = make_level_choice();
        if (!choice)
            story_.wrong("make_level_choice returned nothing",
                         "Make an object of a class that derives from "
                         "level_choice: std::make_unique.");
        return choice;
    }

    void send(const std::vector<stretch>& stretches) {
        const auto choice = made();
        for (const stretch& one : stretches) {
            story_.did("sent {} blocks of {} over a link of {:g} MB/s{}",
                       one.blocks, one.data.name, 1000 / one.link_ns,
                       one.small == 0   ? ""
                       : one.small == 1 ? ", each of 16 KiB"
                                        : ", every other one of 16 KiB");
            outcome done;
            for (int i = 0; i < one.blocks; ++i)
                send(*choice, one, i, done);
            judge(one, done);
        }
    }

    // The next block, and what it took.
    void send(level_choice& choice, const stretch& one, int block,
              outcome& done) {
        const int level = choice.next();
        const auto here = static_cast<std::size_t>(
            std::ranges::find(level_choice::levels, level) -
            level_choice::levels.begin());
        if (here == level_count)
            story_.wrong(fmt::format("next() answered {}", level),
                         "It is to be a level, one of 0, 1, 3, 6 and 9, "
                         "and not its place in the array.");
        const std::size_t bytes = one.bytes_of(block);
        const auto all = static_cast<double>(bytes);
        const auto ns = [&](double of_a_byte) {
            return std::chrono::nanoseconds(
                static_cast<std::int64_t>(of_a_byte * all));
        };
        choice.learn(
            {level, bytes,
             static_cast<std::size_t>(all * one.data.ratio[here]),
             ns(one.pack_ns(here)), ns(one.send_ns(here))});
        ++done.blocks[here];
        done.ns += one.cost(here) * all;
        done.bytes += all;
    }

    void judge(const stretch& one, const outcome& done) {
        story_.did("it took {:.2f} s: {}", done.ns / 1e9, done.used());
        const std::size_t best = one.best();
        const double right = one.cost(best) * done.bytes;
        if (done.ns <= 1.25 * right)
            return;
        const std::string what = fmt::format(
            "at level {} all of them would have taken {:.2f} s: it took "
            "{:.2f} times as long, and a quarter longer is allowed",
            level_choice::levels[best], right / 1e9, done.ns / right);
        story_.wrong(what, one.advice.empty() ? advice(one, done)
                                              : std::string(one.advice));
    }

private:
    static std::string advice(const stretch& one, const outcome& done) {
        const std::size_t best = one.best();
        const auto most = static_cast<std::size_t>(
            std::ranges::max_element(done.blocks) - done.blocks.begin());
        if (best == 0 && most != 0)
            return fmt::format(
                "At level {} a block is packed in {:.1f} ms and sent in "
                "{:.1f}; as it is, at level 0, it is sent in {:.1f}. The "
                "link waits for the compressor. Is level 0 among those "
                "that you compare?",
                level_choice::levels[most], ms(one.pack_ns(most)),
                ms(one.send_ns(most)), ms(one.send_ns(0)));
        if (done.blocks[best] == 0)
            return fmt::format(
                "Level {} was not tried once. What a level makes of "
                "these data, learn() hears only after next() has chosen "
                "it.",
                level_choice::levels[best]);
        if (most != best)
            return fmt::format(
                "At level {} a block is packed in {:.1f} ms and sent in "
                "{:.1f}; at level {} in {:.1f} and {:.1f}. The next "
                "block is packed while one is sent: it takes the longer "
                "of the two, not their sum, and the fewest bytes are no "
                "aim in themselves.",
                level_choice::levels[most], ms(one.pack_ns(most)),
                ms(one.send_ns(most)), level_choice::levels[best],
                ms(one.pack_ns(best)), ms(one.send_ns(best)));
        std::size_t dear = best;
        for (std::size_t i = 0; i < level_count; ++i)
            if (done.blocks[i] * (one.cost(i) - one.cost(best)) >
                done.blocks[dear] * (one.cost(dear) - one.cost(best)))
                dear = i;
        return fmt::format(
            "The best level was found, and trying others cost the time: "
            "{} {} at level {}, of {:.1f} ms each in place of {:.1f}. "
            "Try seldom, and only what could win: a level packs no "
            "faster than the one below it.",
            done.blocks[dear],
            done.blocks[dear] == 1 ? "block" : "blocks",
            level_choice::levels[dear], ms(one.cost(dear)),
            ms(one.cost(best)));
    }

protected:
    steps story_{"next() and learn() only compute: is there a loop that "
                 "looks for a level and finds none?"};
};

TEST_F(auto_level, compresses_hard_for_a_slow_link) {
    send({{text, 800, ""}});
    send({{program, 800, ""}});
}

TEST_F(auto_level, does_not_compress_for_a_link_as_fast_as_memory) {
    send({{text, 1, ""}});
    send({{program, 1, ""}});
}

TEST_F(auto_level, finds_the_level_that_keeps_up_with_the_link) {
    send({{text, 80, ""}});
    send({{program, 100, ""}});
    send({{program, 20, ""}});
}

TEST_F(auto_level, leaves_alone_what_does_not_shrink) {
    send({{noise, 10, ""}});
    send({{noise, 1, ""}});
    send({{noise, 800, ""}});
}

TEST_F(auto_level, follows_a_link_that_changes) {
    constexpr std::string_view advice =
        "The link has changed, and with it which level is best. Compute "
        "the link's time for a byte from each block anew, or let old "
        "values fade; do not average over all that was ever sent.";
    send({{text, 800, ""}, {text, 1, advice}, {text, 800, advice}});
}

TEST_F(auto_level, follows_data_that_change) {
    constexpr std::string_view to_noise =
        "The data have changed: these no longer shrink. The first block "
        "shows it. Let what a level makes of the newest block count, and "
        "not the mean of all.";
    constexpr std::string_view to_text =
        "The data have changed: these shrink again. A level that is not "
        "used any more teaches nothing; one of them has to be tried from "
        "time to time, where it could win.";
    send({{program, 100, ""},
          {noise, 20, to_noise},
          {program, 100, to_text}});
}

TEST_F(auto_level, learns_how_fast_this_processor_is) {
    send({{slow_program, 100, ""}});
    send({{slow_program, 800, ""}});
    send({{fast_program, 20, ""}});
}

TEST_F(auto_level, compares_blocks_of_every_size) {
    constexpr std::string_view advice =
        "A small block is packed and sent sooner than a large one, "
        "whatever its level. Compare the time for a byte, not for a "
        "block.";
    for (const int small : {2, 1}) {
        send({{text, 1, advice, 400, small}});
        for (const double link_ns : {20, 100, 800})
            send({{program, link_ns, advice, 400, small},
                  {program, link_ns, advice, 400, 0}});
    }
}

TEST_F(auto_level, two_transfers_at_a_time_do_not_teach_each_other) {
    constexpr std::string_view advice =
        "What was learned belongs to one transfer: keep it in the "
        "object. A variable outside of it, or a static one, is shared "
        "by all.";
    const stretch slow{text, 800, advice}, quick{program, 1, advice};
    const auto one = made(), other = made();
    story_.did("sent blocks of {} over a link of 1.25 MB/s, and in turn "
               "with them blocks of {} over one of 1000 MB/s, each by a "
               "choice of its own",
               slow.data.name, quick.data.name);
    outcome of_one, of_other;
    for (int i = 0; i < slow.blocks; ++i) {
        send(*one, slow, i, of_one);
        send(*other, quick, i, of_other);
    }
    judge(slow, of_one);
    judge(quick, of_other);
}

TEST_F(auto_level, stands_a_clock_that_shows_no_time) {
    constexpr data_kind unseen{"", {}, {1, .5, .5, .5, .5}};
    const stretch none{unseen, 0, ""};
    const auto choice = made();
    story_.did("sent 50 blocks that were packed and sent within one tick "
               "of the clock: it shows 0 ns for each");
    outcome done;
    for (int i = 0; i < 50; ++i)
        send(*choice, none, i, done);
}

} // namespace
} // namespace exercise
