/// @file
/// The chapter's measurements, one file each, and what they share.
#pragma once

#include "exchange.hpp"
#include "wire.hpp"

#include "common/measure/experiment.hpp"
#include "common/netlab/library/network.hpp"

#include <functional>
#include <map>
#include <memory>

namespace tcp_nodelay {

/// Two ends of one connection.
struct ends {
    tcp::socket client;
    tcp::socket server;
};
ends on_loopback(asio::io_context& context);
ends over(netlab::network& net, asio::io_context& context);

/// What came of some requests.
struct outcome {
    std::vector<std::int64_t> times_ns; ///< of each request
    std::int64_t cpu_ns = 0;            ///< of both sides, for all
    wire_count wire;                    ///< of all, without the handshake
};

/// Sends the requests of @p wanted from one end, answers them with 4
/// bytes at the other, in a thread of its own, on a core of its own.
/// @param done is called when the last reply is there, before the
/// connection ends.
/// @throws when a byte differs or a request is not answered.
outcome run(
    ends& connection, const workload& wanted, const side_options& server,
    const std::function<void()>& done = [] {});

/// `first_us`, and of the others the percentiles; what each cost.
measure::counters row(const outcome& measured);

/// A link without a rate, of this round trip.
netlab::link_settings link_of(std::chrono::milliseconds round_trip);

/// A case of which netlab is part: does nothing where there is none.
void measure_on_netlab(measure::experiment& experiment,
                       const std::string& name, int repetitions,
                       const measure::measurement& body);

/// What is compared: how both ends behave, under its name in the results.
struct variant {
    std::string name;
    side_options client;
    side_options server = {};
};

/// How a case without figures is decided.
measure::finding not_measured();

/// The ways to write a request, the option and quick acknowledgements, on
/// loopback; the first requests of a connection.
void measure_patterns(measure::experiment& experiment);

/// Whether this is a smoke run, for which fewer cases do.
enum class run_scope { everything, smoke };

/// What Nagle's algorithm costs over a distance, and for which sizes.
void measure_distance(measure::experiment& experiment, run_scope scope);

/// Ladders as text, by name.
using ladder_texts = std::map<std::string, std::string>;

/// The packets of one request for each way, kept as rows in @p file (an
/// empty name keeps nothing) and, once measured, as text in what is
/// returned.
std::shared_ptr<const ladder_texts>
record_ladders(measure::experiment& experiment,
               const std::filesystem::path& file);

/// Packets and bytes for a request, and one-byte writes on a slow link.
void measure_wire(measure::experiment& experiment, run_scope scope);

/// On which socket the option must be set.
void measure_where(measure::experiment& experiment,
                   const std::string& python, run_scope scope);

/// How long a cork lasts.
void measure_cork(measure::experiment& experiment, run_scope scope);

/// What becomes of many small writes, what the kernel corks by itself,
/// and what the option does to a bulk transfer.
void measure_bulk(measure::experiment& experiment);

} // namespace tcp_nodelay
