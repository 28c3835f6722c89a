#include "records.hpp"

#include "disk/checksum.hpp"
#include "fields.hpp"

namespace file_transfer {

void record_parser::require_file(bool inside) const {
    if (in_file_ != inside)
        throw failure(errc::bad_message,
                      inside ? "content without a file"
                             : "a file begins inside another");
}

void record_parser::begin(const entry& one) {
    require_file(false);
    if (one.what == entry::kind::folder) {
        sink_.begin(one);
        return;
    }
    known_size_ = one.size != unknown_size;
    if (known_size_ && one.offset > one.size)
        throw failure(errc::bad_message, "a file begins behind its end");
    left_ = one.size - one.offset;
    sink_.begin(one);
    in_file_ = true;
}

void record_parser::content(byte_view bytes, const summed* known) {
    require_file(true);
    if (known_size_ && bytes.size() > left_)
        throw failure(errc::bad_message,
                      "more content than the file's size");
    left_ -= bytes.size();
    bytes_ += bytes.size();
    if (known)
        sink_.summed_content(bytes, known->checksum);
    else
        sink_.content(bytes);
}

//! [parse]
void record_parser::parse(byte_view block,
                          std::span<const summed> known) {
    wire_reader in(block);
    while (!in.empty()) {
        switch (static_cast<char>(in.number<std::uint8_t>())) {
        case 'E': begin(get_entry(in)); break;
        case 'C': {
            const byte_view bytes = in.bytes(in.number<std::uint32_t>());
            const bool summed_here =
                !known.empty() &&
                block.data() + known.front().at == bytes.data();
            content(bytes, summed_here ? &known.front() : nullptr);
            known = known.subspan(summed_here ? 1 : 0);
            break;
        }
        case 'Z': {
            const auto checksum = in.number<std::uint32_t>();
            require_file(true);
            if (known_size_ && left_ > 0)
                throw failure(errc::bad_message,
                              "less content than the file's size");
            in_file_ = false;
            sink_.complete(checksum);
            break;
        }
        case 'X':
            require_file(true);
            in_file_ = false;
            sink_.give_up();
            break;
        default: throw failure(errc::bad_message, "an unknown record");
        }
    }
}
//! [parse]

void record_parser::finish() const {
    if (in_file_)
        throw failure(errc::bad_message, "the stream ends inside a file");
}

std::vector<summed> sum_content(byte_view block) {
    std::vector<summed> sums;
    wire_reader in(block);
    try {
        while (!in.empty()) {
            const auto kind =
                static_cast<char>(in.number<std::uint8_t>());
            if (kind == 'E')
                get_entry(in);
            else if (kind == 'Z')
                in.number<std::uint32_t>();
            if (kind != 'C')
                continue;
            const byte_view bytes = in.bytes(in.number<std::uint32_t>());
            if (bytes.size() >= worth_joining)
                sums.push_back({static_cast<std::size_t>(bytes.data() -
                                                         block.data()),
                                bytes.size(), crc32(0, bytes)});
        }
    } catch (const failure&) { // the parser will say so
    }
    return sums;
}

} // namespace file_transfer
