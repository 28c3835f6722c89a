#include "measurements.hpp"

#include "chapters/01-blocking-echo/socket/address.hpp"

#include "common/measure/child.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace tcp_nodelay {

namespace {

// Who writes in two parts, and where the option is set.
enum class writer { client, server, both };
enum class no_delay_set_on {
    nowhere,
    client,
    accepted,
    listening,
    everywhere
};

constexpr std::array writers{std::pair{"client_writes", writer::client},
                             std::pair{"server_writes", writer::server},
                             std::pair{"both_write", writer::both}};
constexpr std::array places{
    std::pair{"nowhere", no_delay_set_on::nowhere},
    std::pair{"client", no_delay_set_on::client},
    std::pair{"accepted", no_delay_set_on::accepted},
    std::pair{"listening", no_delay_set_on::listening},
    std::pair{"everywhere", no_delay_set_on::everywhere}};

std::string where_case(const char* who, const char* where) {
    return fmt::format("where/{}/{}", who, where);
}

bool has_no_delay(tcp::socket& socket) {
    tcp::no_delay option;
    socket.get_option(option);
    return option.value();
}

measure::counters measure_once(writer who, no_delay_set_on where,
                               bool smoke) {
    asio::io_context context;
    auto acceptor = blocking_echo::listen_on(context, "127.0.0.1", "0");
    if (where == no_delay_set_on::listening)
        set_no_delay(acceptor);
    tcp::socket client(context);
    client.connect(acceptor.local_endpoint());
    ends connection{std::move(client), acceptor.accept()};
    const bool all = where == no_delay_set_on::everywhere;
    const side_options of_client{
        .how =
            who == writer::server ? pattern::gathered : pattern::separate,
        .no_delay = all || where == no_delay_set_on::client};
    const side_options of_server{
        .how =
            who == writer::client ? pattern::gathered : pattern::separate,
        .no_delay = all || where == no_delay_set_on::accepted};
    const workload wanted{.client = of_client,
                          .requests = std::size_t{smoke ? 3u : 11u}};
    auto counted = row(run(connection, wanted, of_server));
    counted.emplace_back("on_accepted",
                         has_no_delay(connection.server) ? 1 : 0);
    return counted;
}

// The article's server, with the option on its listening socket, and a
// client that writes in two parts.
measure::counters in_python(const std::string& folder, bool option) {
    measure::child server(
        {"python3", folder + "/request_server.py", "--listen",
         "127.0.0.1:0",
         option ? "--nodelay-listening" : "--reply-size=4"});
    const std::string listening = server.read_line();
    measure::child client({"python3", folder + "/request_client.py",
                           "--connect",
                           listening.substr(listening.rfind(' ') + 1),
                           "--requests", "11", "--json"});
    const auto answer = nlohmann::json::parse(client.read_line());
    return {{"median_us", answer.at("median_us").get<double>()},
            {"first_us", answer.at("first_us").get<double>()}};
}

measure::finding decide_listening(const measure::results& measured) {
    const auto ms = [&](const char* who, const char* where) {
        return measured.median_of(where_case(who, where), "median_us") /
               1e3;
    };
    const auto inherited = measured.of(
        where_case("server_writes", "listening"), "on_accepted");
    if (inherited.empty() || ms("client_writes", "listening") == 0)
        return not_measured();
    const bool everywhere =
        std::ranges::all_of(inherited, [](double on) { return on == 1; });
    const auto figure = fmt::format(
        "the accepted socket {} the option; where the server writes in "
        "two parts, a request took {:.2f} ms without it and {:.2f} with "
        "it on the listening socket; where the client does, {:.2f} and "
        "{:.2f}; in Python {:.2f} and {:.2f}",
        everywhere ? "inherits" : "does not inherit",
        ms("server_writes", "nowhere"), ms("server_writes", "listening"),
        ms("client_writes", "nowhere"), ms("client_writes", "listening"),
        measured.median_of("where/python/nowhere", "median_us") / 1e3,
        measured.median_of("where/python/listening", "median_us") / 1e3);
    // A request has met the timer of 40 ms, or it has not.
    const auto frees = [&](const char* who) {
        const auto us =
            measured.of(where_case(who, "listening"), "median_us");
        return measure::in_every_run(
            static_cast<std::size_t>(std::ranges::count_if(
                us, [](double each) { return each < 20e3; })),
            us.size());
    };
    return {figure,
            measure::decided_by(
                {frees("server_writes"), frees("client_writes")}),
            fmt::format("server's {:.2f} ms, client's {:.2f} ms",
                        ms("server_writes", "listening"),
                        ms("client_writes", "listening"))};
}

} // namespace

void measure_where(measure::experiment& experiment,
                   const std::string& python, run_scope scope) {
    const bool smoke = scope == run_scope::smoke;
    for (const auto& [who_name, who] : writers)
        for (const auto& [where_name, where] : places) {
            if (smoke && where != no_delay_set_on::listening)
                continue;
            experiment.measure(where_case(who_name, where_name), 3,
                               [who, where](bool few) {
                                   return measure_once(who, where, few);
                               });
        }
    for (const bool option : {false, true})
        experiment.measure(
            where_case("python", option ? "listening" : "nowhere"), 3,
            [=](bool) { return in_python(python, option); });
    experiment.decide({"listening-socket-works",
                       "Setting TCP_NODELAY on the server's listening "
                       "socket works",
                       "2.3", decide_listening});
}

} // namespace tcp_nodelay
