/// @file
/// Moves packets between the two hosts.
#pragma once

#include "host.hpp"

#include "common/netlab/library/one_way.hpp"
#include "common/netlab/library/record.hpp"

#include <optional>

namespace netlab {

/// The link between two hosts: both ways, and the notes of what passed.
class forwarder {
public:
    /// @param client and @param server live longer than this.
    forwarder(const link_settings& link, const virtual_host& client,
              const virtual_host& server);

    /// From now on notes every packet in @p file.
    void record_to(descriptor file, std::size_t most_bytes);

    void change(const link_settings& link);

    /// Takes in what the host @p from has sent, some dozens of packets at most.
    void take_from(host from);

    /// Lets everything arrive that is due.
    void advance();

    /// When `advance` should be called next.
    std::optional<time_point> next() const;

    /// What has crossed to @p to.
    way_counters counters(host to) const;

    /// Writes out the notes so far. @returns false when not all could be written.
    bool flush();

private:
    void end(const packet& packet, host to, fate how, time_point now);
    one_way& way_to(host to) { return to == host::server ? to_server_ : to_client_; }

    const virtual_host& client_;
    const virtual_host& server_;
    one_way to_server_;
    one_way to_client_;
    descriptor file_;
    std::optional<record_writer> notes_;
    std::vector<std::byte> buffer_;
};

} // namespace netlab
