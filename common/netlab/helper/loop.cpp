#include "loop.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include <poll.h>
#include <sys/signalfd.h>

namespace netlab {

namespace {

// For ppoll: how long until then.
timespec until(time_point then) {
    const auto left = then - std::chrono::steady_clock::now();
    const auto ns = std::max<std::int64_t>(0, std::chrono::nanoseconds(left).count());
    return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

std::int64_t processor_time() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

host host_in(const nlohmann::json& body) {
    return body.at("host").get<std::string>() == "server" ? host::server : host::client;
}

// The library makes a std::system_error of it again, which adds the number's text itself.
nlohmann::json failure(int error, std::string text) {
    const std::string reason = ": " + std::generic_category().message(error);
    if (text.ends_with(reason))
        text.resize(text.size() - reason.size());
    return {{"errno", error}, {"error", text}};
}

} // namespace

loop::loop(int control, int signals, const link_settings& link)
    : control_(control), signals_(signals), client_(host::client, link),
      server_(host::server, link), forwarder_(link, client_, server_) {}

//! [run]
void loop::run() {
    std::array<pollfd, 4> watched{{{control_, POLLIN, 0},
                                   {signals_, POLLIN, 0},
                                   {client_.tun(), POLLIN, 0},
                                   {server_.tun(), POLLIN, 0}}};
    for (bool open = true; open;) {
        forwarder_.advance();
        const auto next = forwarder_.next();
        const timespec wait = next ? until(*next) : timespec{};
        if (::ppoll(watched.data(), watched.size(), next ? &wait : nullptr, nullptr) < 0 &&
            errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "ppoll");
        if (watched[2].revents != 0)
            forwarder_.take_from(host::client);
        if (watched[3].revents != 0)
            forwarder_.take_from(host::server);
        if (watched[1].revents != 0)
            collect_children();
        if (watched[0].revents != 0)
            open = serve_request();
    }
}
//! [run]

void loop::collect_children() {
    signalfd_siginfo facts;
    [[maybe_unused]] const ssize_t count = ::read(signals_, &facts, sizeof facts);
    commands_.reap();
}

bool loop::serve_request() {
    auto request = receive_message(control_);
    if (!request)
        return false;
    std::vector<descriptor> give;
    nlohmann::json reply;
    try {
        reply = answer(*request, give);
    } catch (const std::system_error& error) {
        reply = failure(error.code().value(), error.what());
    } catch (const std::exception& error) {
        reply = failure(EINVAL, error.what());
    }
    std::vector<int> numbers;
    for (const descriptor& one : give)
        numbers.push_back(one.get());
    send_message(control_, reply, numbers);
    return true;
}

nlohmann::json loop::answer(message& request, std::vector<descriptor>& give) {
    const nlohmann::json& body = request.body;
    const std::string what = body.at("do");
    if (what == "socket")
        give.push_back(host_of(body).create_socket(body.at("family"), body.at("type"),
                                                   body.at("protocol")));
    else if (what == "table")
        give.push_back(host_of(body).open_table(body.at("name")));
    else if (what == "run")
        return start_command(request, give);
    else if (what == "signal")
        commands_.signal(body.at("id"), body.at("number"));
    else if (what == "change")
        forwarder_.change(body.at("link"));
    else if (what == "counters")
        return {{"to_server", forwarder_.counters(host::server)},
                {"to_client", forwarder_.counters(host::client)},
                {"processor_ns", processor_time()}};
    else if (what == "flush")
        return {{"complete", forwarder_.flush()}};
    else
        throw std::invalid_argument("unknown request " + what);
    return nlohmann::json::object();
}

nlohmann::json loop::start_command(const message& request, std::vector<descriptor>& give) {
    command_line what;
    request.body.at("arguments").get_to(what.arguments);
    request.body.at("own_group").get_to(what.own_group);
    for (std::size_t i = 0; i < 3; ++i)
        what.standard[i] = request.descriptors.at(i).get();
    auto started = commands_.start(what, host_of(request.body), host_in(request.body));
    give.push_back(std::move(started.ended));
    return {{"id", started.id}};
}

const virtual_host& loop::host_of(const nlohmann::json& body) const {
    return host_in(body) == host::server ? server_ : client_;
}

} // namespace netlab
