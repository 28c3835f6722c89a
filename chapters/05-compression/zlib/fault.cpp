#include "fault.hpp"

#include "chapters/01-blocking-echo/frame/frame.hpp"

#include <string>

namespace compression {

namespace {

class fault_category : public std::error_category {
public:
    const char* name() const noexcept override { return "compression"; }

    std::string message(int value) const override {
        switch (static_cast<fault>(value)) {
        case fault::corrupt: return "the compressed data are corrupt";
        case fault::message_too_large:
            return "the message inflates beyond its limit";
        case fault::total_too_large:
            return "the stream inflates beyond its limit";
        case fault::truncated:
            return "the compressed stream ended before its end";
        case fault::trailing:
            return "bytes follow the end of the compressed stream";
        case fault::wrong_checksum:
            return "the CRC-32 does not match the inflated message";
        case fault::needs_dictionary:
            return "the stream needs a dictionary that is not here";
        case fault::wrong_state:
            return "a frame of this type is not expected in this "
                   "transfer";
        }
        return "unknown compression fault";
    }
};

} // namespace

std::error_code make_error_code(fault error) {
    static const fault_category category;
    return {static_cast<int>(error), category};
}

bool is_peers_fault(const std::error_code& code) {
    using blocking_echo::frame_errc;
    return code.category() == make_error_code(fault{}).category() ||
           code.category() == make_error_code(frame_errc{}).category();
}

} // namespace compression
