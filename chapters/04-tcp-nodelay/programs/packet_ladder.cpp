// Draws the packets of one request over netlab, as text.
#include "arguments.hpp"
#include "ladder/recorded.hpp"

#include "common/netlab/library/refusal.hpp"
#include "common/program/command_line.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace tcp_nodelay;

int main(int argc, char** argv) {
    program::command_line line(
        "Sends requests from one host of netlab to the other and "
        "prints the packets of the last one.",
        "packet_ladder");
    side_arguments client{.asked = {.how = pattern::separate}};
    recorded_request wanted;
    bool json = false;
    add_side_options(line, client, "request");
    line.duration("--rtt", wanted.round_trip, std::chrono::nanoseconds(0),
                  std::chrono::seconds(2), "round trip of the link");
    line.number("--request", wanted.number, 1, 1000,
                "which request of the connection, from 1")
        .default_text("");
    std::uint64_t body = wanted.body;
    line.size("--size", body, 0, most_payload,
              "bytes of payload in a request");
    line.flag("--json", json,
              "print the packets as rows, as the figure has them");

    return line.run(argc, argv, [&] {
        wanted.client = client.chosen();
        wanted.body = body;
        const auto rungs = record_request(wanted);
        if (json)
            fmt::print(
                "{}\n",
                to_rows(to_string(wanted.client.how), rungs, 5).dump());
        else
            fmt::print("{}", to_text(rungs));
    });
}
