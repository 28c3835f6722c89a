/// @file
/// The helper's one loop: packets, requests and children.
#pragma once

#include "commands.hpp"
#include "forwarder.hpp"

#include "common/netlab/library/control.hpp"

namespace netlab {

/// Serves one library until it closes the control socket.
class loop {
public:
    /// @param control the helper's end, stays the caller's.
    /// @param signals a signalfd(2) of SIGCHLD, stays the caller's.
    loop(int control, int signals, const link_settings& link);

    void record_to(descriptor file, std::size_t most_bytes) {
        forwarder_.record_to(std::move(file), most_bytes);
    }

    /// What the library is told when the hosts stand.
    nlohmann::json facts() const { return client_.facts(); }

    /// Runs until the control socket ends.
    void run();

private:
    bool serve_request();
    nlohmann::json answer(message& request, std::vector<descriptor>& give);
    nlohmann::json start_command(const message& request, std::vector<descriptor>& give);
    const virtual_host& host_of(const nlohmann::json& body) const;
    void collect_children();

    int control_;
    int signals_;
    virtual_host client_;
    virtual_host server_;
    forwarder forwarder_;
    commands commands_;
};

} // namespace netlab
