#include "practice/exercises/1-which-program.hpp"

namespace exercise {

program who_made(const std::vector<tcp_nodelay::rung>& ladder) {
    // TODO: a ladder is judged by its length here, and that depends on
    // the link as well. What else do the packets tell?
    if (tcp_nodelay::whole_ms(ladder) > 40)
        return program::two_writes;
    return ladder.size() > 2 ? program::two_writes_with_option
                             : program::one_write;
}

} // namespace exercise
