#include "practice/exercises/2-hidden-write.hpp"

#include <sstream>

namespace exercise {

void send_text_request(
    boost::asio::ip::tcp::iostream& peer,
    const std::vector<std::pair<std::string, std::string>>& header,
    std::string_view body) {
    // tcp::iostream has std::unitbuf set: each insertion is a send. So
    // the text comes together elsewhere, and is inserted once.
    std::ostringstream text;
    for (const auto& [key, value] : header)
        text << key << ' ' << value << "\r\n";
    text << "\r\n" << body;
    peer << text.str();
}

} // namespace exercise
