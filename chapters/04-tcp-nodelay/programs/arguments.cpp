#include "arguments.hpp"

namespace tcp_nodelay {

side_options side_arguments::chosen() const {
    side_options result = asked;
    result.first_part = first_part;
    return result;
}

void add_side_options(program::command_line& line, side_arguments& into,
                      const std::string& what) {
    line.choice("--pattern", into.asked.how, patterns(),
                "how a " + what + " is written");
    line.size("--header-size", into.first_part, 1, most_payload,
              "bytes of a " + what + " in the first of two writes");
    line.flag("--nodelay", into.asked.no_delay,
              "set TCP_NODELAY on the connection");
    const std::vector<std::pair<std::string, quick_ack>> moments{
        {"once", quick_ack::once}, {"always", quick_ack::always}};
    line.choice("--quickack", into.asked.quick, moments,
                "set TCP_QUICKACK once or before each receive");
}

} // namespace tcp_nodelay
