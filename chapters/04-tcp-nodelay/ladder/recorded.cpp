#include "recorded.hpp"

#include "common/netlab/library/capture.hpp"
#include "common/netlab/library/network.hpp"

#include <nlohmann/json.hpp>

#include <future>

namespace tcp_nodelay {

using netlab::host;

std::vector<rung> record_request(const recorded_request& wanted) {
    netlab::network net(netlab::symmetric(wanted.round_trip),
                        netlab::keep::headers);
    asio::io_context context;
    auto acceptor = net.listen(context, host::server);
    auto client = net.tcp_socket(context, host::client);
    client.connect(
        {net.address(host::server), acceptor.local_endpoint().port()});
    auto server = acceptor.accept();

    auto answered = std::async(std::launch::async, [&] {
        return answer_requests(server, wanted.server, wanted.reply);
    });
    time_requests(client,
                  {.client = wanted.client,
                   .requests = wanted.number,
                   .body = wanted.body},
                  wanted.reply);
    const auto trace = netlab::make_trace(net.recorded());
    client.shutdown(tcp::socket::shutdown_send);
    answered.get();

    constexpr std::size_t header = blocking_echo::frame_header_size;
    return cut_request(trace, wanted.number,
                       {.header = wanted.client.first_part,
                        .request = header + wanted.body,
                        .reply = header + wanted.reply});
}

} // namespace tcp_nodelay
