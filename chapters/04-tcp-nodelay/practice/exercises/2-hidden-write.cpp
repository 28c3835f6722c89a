#include "practice/exercises/2-hidden-write.hpp"

namespace exercise {

void send_text_request(
    boost::asio::ip::tcp::iostream& peer,
    const std::vector<std::pair<std::string, std::string>>& header,
    std::string_view body) {
    // TODO: this looks like one write, at the flush. How many are there?
    for (const auto& [key, value] : header)
        peer << key << ' ' << value << "\r\n";
    peer << "\r\n" << body << std::flush;
}

} // namespace exercise
