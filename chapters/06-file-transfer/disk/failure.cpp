#include "failure.hpp"

namespace file_transfer {

namespace {

class transfer_category : public std::error_category {
public:
    const char* name() const noexcept override { return "transfer"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
        case errc::bad_message: return "the message breaks the protocol";
        case errc::bad_version: return "the version is not spoken here";
        case errc::bad_path:
            return "the path names nothing below the root";
        case errc::not_found: return "there is no such file";
        case errc::in_use: return "the file is being written";
        case errc::wrong_offset: return "the part has another length";
        case errc::bad_checksum: return "the file arrived damaged";
        case errc::bad_block: return "the block is damaged";
        case errc::too_large: return "the file is above the limit";
        case errc::storage: return "the disk is full or failed";
        case errc::changed: return "the file changed while it was read";
        case errc::no_access: return "permission denied";
        case errc::misfit: return "something else has this name";
        case errc::not_sent: return "neither a file nor a folder";
        case errc::grew: return "the file grew while it was read";
        case errc::root_gone: return "the server's folder is gone";
        }
        return "unknown transfer error";
    }
};

} // namespace

std::error_code make_error_code(errc error) {
    static const transfer_category category;
    return {static_cast<int>(error), category};
}

} // namespace file_transfer
