#include "arguments.hpp"

#include <program/units.hpp>

namespace tcp_nodelay {

manner side_arguments::chosen() const {
    manner result = side;
    result.first_part = first_part;
    return result;
}

void add_side(CLI::App& app, side_arguments& into,
              const std::string& what) {
    app.add_option("--pattern", into.side.how,
                   "how a " + what + " is written")
        ->transform(CLI::CheckedTransformer(patterns()))
        ->option_text("separate|gathered|joined|corked|more|trickle, " +
                      to_string(into.side.how) + " by default");
    program::add_size(
        app, "--header-size", into.first_part, 1, most_payload,
        "bytes of a " + what + " in the first of two writes");
    app.add_flag("--nodelay", into.side.no_delay,
                 "set TCP_NODELAY on the connection");
    const std::vector<std::pair<std::string, quick_ack>> moments{
        {"once", quick_ack::once}, {"always", quick_ack::always}};
    app.add_option("--quickack", into.side.quick,
                   "set TCP_QUICKACK once or before each receive")
        ->transform(CLI::CheckedTransformer(moments))
        ->option_text("once|always");
}

} // namespace tcp_nodelay
