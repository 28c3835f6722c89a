/// @file
/// The network in a box, as a program uses it.
#pragma once

#include "one_way.hpp"
#include "record.hpp"
#include "refusal.hpp"
#include "settings.hpp"

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

/// Two hosts and a link on one machine.
namespace netlab {

using blocking_echo::descriptor;

/// What is noted of the packets, for a pcap file and a trace.
enum class keep { nothing, headers, everything };

/// What has crossed the link since it was made.
struct link_counters {
    way_counters to_server;
    way_counters to_client;
    std::chrono::nanoseconds processor_time{}; ///< that the helper has used, TCP's work at
                                               ///< arrivals included
};

/// What the kernel uses in both hosts; belongs beside every figure that is measured here.
struct host_facts {
    std::string congestion_control;
    std::string tcp_rmem; ///< three sizes in bytes, as in tcp(7)
    std::string tcp_wmem;
    bool ipv6 = false;
};

/// A program to start in a host.
struct command {
    std::vector<std::string> arguments; ///< the first is the program, found by PATH
    int input = -1;                     ///< its standard input; -1: nothing, an end at once
    int output = 1;                     ///< its standard output
    int error = 2;                      ///< its standard error
    bool own_group = true;              ///< Ctrl-C on the terminal does not reach it
};

class control_channel;

/// A program that runs in a host; killed when this goes. Not thread-safe, but several may be
/// used by several threads.
class child {
public:
    child(child&&) noexcept;
    child& operator=(child&&) noexcept;
    ~child();

    /// Waits until it ends. @returns its exit code, 128 + n when signal n ended it, or nothing
    /// when @p limit passed first. @throws std::runtime_error when the network is gone.
    std::optional<int> wait(std::chrono::milliseconds limit);

    /// Sends a signal, as kill(2), to it and to what it started. Nothing once it has ended.
    void signal(int number);

    /// Readable once it has ended, for poll(2).
    int ended() const { return ended_.get(); }

private:
    friend class network;
    child(std::shared_ptr<control_channel> control, pid_t id, descriptor ended);

    std::shared_ptr<control_channel> control_;
    pid_t id_;
    descriptor ended_;
    std::optional<int> code_;
};

/// Two hosts, `client` and `server`, with a link between them; both run the kernel's own TCP. A
/// process of its own moves the packets, so that what this process does delays none. When this
/// object goes, or the process ends in any way, everything inside ends with it.
///
/// A socket stays in the host in which it was created: one thread may hold both ends. All
/// functions may be called from several threads. Linux.
class network {
public:
    using tcp = boost::asio::ip::tcp;
    using udp = boost::asio::ip::udp;

    /// @throws unavailable when the system allows no such thing, with one line that says what
    /// to enable; std::system_error.
    explicit network(const link_settings& link, keep kept = keep::nothing);
    ~network();
    network(const network&) = delete;
    network& operator=(const network&) = delete;

    /// A new socket in a host, as socket(2). @throws std::system_error.
    descriptor create_socket(host where, int family, int type, int protocol = 0);

    /// The same for Asio, open and neither bound nor connected, for IPv4.
    tcp::socket tcp_socket(boost::asio::io_context& context, host where);

    /// A UDP socket, likewise.
    udp::socket udp_socket(boost::asio::io_context& context, host where);

    /// An acceptor that listens on all IPv4 addresses of a host; port 0 picks one.
    tcp::acceptor listen(boost::asio::io_context& context, host where, unsigned short port = 0);

    /// The IPv4 address of a host.
    static boost::asio::ip::address_v4 address(host where);

    /// Starts a program in a host, where the hosts have the names `client` and `server`, in the
    /// directory and with the environment that this process had when it made the network.
    /// @throws std::system_error: no_such_file_or_directory when there is no such program.
    child run(host where, const command& what);

    /// The TCP ports on which anything listens in a host, on all of its addresses or on one.
    std::vector<unsigned short> listening(host where);

    /// From now on the link is like this. What concerns the hosts (MTU, congestion control,
    /// buffers) and the seed stay as they were.
    void change(const link_settings& link);

    /// What has crossed the link so far.
    link_counters counters();

    /// What the kernel uses in both hosts; good for as long as the network lives.
    const host_facts& facts() const { return facts_; }

    /// The packets so far that have arrived or were dropped; empty when nothing is kept.
    /// @throws std::runtime_error when not all could be noted, as on a full disk.
    recording recorded();

private:
    void start_helper(descriptor control);
    void await_end();

    std::shared_ptr<control_channel> control_;
    descriptor notes_;
    pid_t helper_ = -1;
    host_facts facts_;
};

/// Why no network can be made here: one line; nothing when one can. Finds out once by making
/// one, and remembers. Thread-safe.
std::optional<std::string> why_unavailable();

} // namespace netlab
