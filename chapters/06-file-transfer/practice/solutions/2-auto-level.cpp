#include "practice/exercises/2-auto-level.hpp"

#include <algorithm>
#include <cstdint>

namespace exercise {

namespace {

// Every so many blocks a neighbour of the best level is tried again.
constexpr std::uint64_t look_again = 20;

class learning_choice : public level_choice {
public:
    int next() override {
        if (blocks_++ == 0)
            return levels[1]; // a block at it is cheap, and tells most
        if (const std::size_t other = worth_a_try())
            return levels[other];
        return levels[best()];
    }

    void learn(const sent_block& block) override {
        const auto here = static_cast<std::size_t>(
            std::ranges::find(levels, block.level) - levels.begin());
        const auto bytes = static_cast<double>(block.bytes);
        const auto sent = static_cast<double>(block.sent);
        link_ = static_cast<double>(block.sending.count()) / sent;
        if (here == 0)
            return;
        level& known = known_[here];
        const double ratio = sent / bytes, other = ratio / known.ratio;
        // Other data: what was seen of the others before changes
        // likewise.
        for (level& one : known_)
            if (one.tried > 0 && one.tried < known.tried)
                one.ratio = std::min(1.0, one.ratio * other);
        known = {static_cast<double>(block.packing.count()) / bytes,
                 ratio, blocks_};
    }

private:
    struct level {
        double ns = 0;           // of packing a byte
        double ratio = 1;        // bytes out for a byte in
        std::uint64_t tried = 0; // at this block; 0: never
    };

    double cost(const level& one) const {
        return std::max(one.ns, one.ratio * link_);
    }

    std::size_t best() const {
        std::size_t found = 0;
        for (std::size_t i = 1; i < known_.size(); ++i)
            if (known_[i].tried > 0 &&
                cost(known_[i]) < cost(known_[found]))
                found = i;
        return found;
    }

    // A level that could beat the best, as far as one can know: it is no
    // faster than the one below, and shrinks by a fifth more at most.
    std::size_t worth_a_try() const {
        const std::size_t now = best();
        for (std::size_t i = 1; i < known_.size(); ++i) {
            const level& one = known_[i];
            const bool stale = blocks_ - one.tried > look_again;
            const level hoped{std::max(one.ns, known_[i - 1].ns),
                              one.tried > 0 && i > 1
                                  ? one.ratio * 0.9
                                  : known_[i - 1].ratio * 0.8};
            const bool neighbour = i == now + 1 || i + 1 == now;
            if ((one.tried == 0 || (stale && neighbour)) &&
                cost(hoped) < cost(known_[now]))
                return i;
            if (one.tried == 0)
                break;
        }
        return 0;
    }

    std::array<level, levels.size()> known_{};
    double link_ = 0; // ns for a byte
    std::uint64_t blocks_ = 0;
};

} // namespace

std::unique_ptr<level_choice> make_level_choice() {
    return std::make_unique<learning_choice>();
}

} // namespace exercise
