#include "refusal.hpp"

#include <string>

namespace async_io {

namespace {

class refusal_category : public std::error_category {
public:
    const char* name() const noexcept override { return "refusal"; }
    std::string message(int value) const override {
        return text_of(static_cast<refusal>(value));
    }
};

} // namespace

const char* text_of(refusal why) {
    switch (why) {
    case refusal::busy: return "busy: the connection limit is reached";
    case refusal::idle: return "idle: no message came for too long";
    case refusal::too_slow: return "too slow: a message took too long";
    case refusal::stopping: return "stopping: the server ends";
    case refusal::crowded:
        return "crowded: too many messages are half there";
    }
    return "?";
}

std::error_code make_error_code(refusal why) {
    static const refusal_category category;
    return {static_cast<int>(why), category};
}

} // namespace async_io
