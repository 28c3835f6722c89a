#include "practice/exercises/2-auto-level.hpp"

namespace exercise {

namespace {

// TODO: zlib's own choice, whatever the link.
class always_6 : public level_choice {
public:
    int next() override { return 6; }
    void learn(const sent_block&) override {}
};

} // namespace

std::unique_ptr<level_choice> make_level_choice() {
    return std::make_unique<always_6>();
}

} // namespace exercise
