/// @file
/// Exercise 3: a cork that always comes out.
#pragma once

#include <boost/asio.hpp>

namespace exercise {

/// Corks a connection (TCP_CORK) for as long as it lives: what is written
/// meanwhile leaves in as few segments as it fits into, at the end of the
/// scope, also when that ends by an exception. A connection that was
/// corked before stays corked until the outer cork goes. Linux.
class cork {
public:
    /// @throws std::system_error "TCP_CORK: ...".
    explicit cork(boost::asio::ip::tcp::socket& socket);
    ~cork();
    cork(const cork&) = delete;
    cork& operator=(const cork&) = delete;

private:
    boost::asio::ip::tcp::socket& socket_;
    [[maybe_unused]] bool outer_ =
        true; // whether this one put the cork in
};

} // namespace exercise
