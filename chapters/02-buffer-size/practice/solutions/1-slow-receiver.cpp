#include "practice/exercises/1-slow-receiver.hpp"

#include <vector>

namespace exercise {

std::string receive_all(arrived& connection) {
    std::vector<char> buffer(64 << 10); // one, and used again and again
    std::string all;
    while (const std::size_t size = connection.receive(buffer))
        all.append(buffer.data(), size); // doubles its room when full
    return all;
}

} // namespace exercise
