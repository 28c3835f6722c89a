/// @file
/// One host: a network namespace with a TUN device, its addresses and its TCP settings.
#pragma once

#include "chapters/01-blocking-echo/socket/descriptor.hpp"

#include "common/netlab/library/settings.hpp"

#include <nlohmann/json_fwd.hpp>

namespace netlab {

using blocking_echo::descriptor;

/// A host of the network. Linux only.
class virtual_host {
public:
    /// Makes it. @throws unavailable.
    virtual_host(host which, const link_settings& link);

    /// Packets that the host sends are read from here, one at a time, and packets that are
    /// written arrive there. Does not block.
    int tun() const { return tun_.get(); }

    /// Moves this process (which must have one thread) into the host's network namespace.
    void enter() const;

    /// A socket that lives in this host. Where the process is afterwards does not matter to it.
    /// @throws std::system_error.
    descriptor create_socket(int family, int type, int protocol) const;

    /// Opens /proc/net/@p name of this host for reading. @throws std::system_error.
    descriptor open_table(const std::string& name) const;

    /// What the kernel in fact uses: congestion control, tcp_rmem, tcp_wmem, IPv6 or not.
    nlohmann::json facts() const;

private:
    void bring_up();
    void bring_up_v6(const char* own);
    void set_tcp(const link_settings& link);
    void set_congestion_control(const std::string& name);
    void name_on_every_route(const std::string& name) const;

    host which_;
    unsigned mtu_;
    unsigned index_ = 0; // of the device
    unsigned loopback_ = 0;
    bool v6_ = false;
    std::string congestion_control_;
    descriptor namespace_;
    descriptor tun_;
};

} // namespace netlab
