#include "records.hpp"

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
        ++so_far_.entries;
        return;
    }
    known_size_ = one.size != unknown_size;
    if (known_size_ && one.offset > one.size)
        throw failure(errc::bad_message, "a file begins behind its end");
    left_ = one.size - one.offset;
    sink_.begin(one);
    in_file_ = true;
}

void record_parser::count_content(std::size_t size) {
    require_file(true);
    if (known_size_ && size > left_)
        throw failure(errc::bad_message,
                      "more content than the file's size");
    left_ -= size;
    so_far_.bytes += size;
}

//! [parse]
bool record_parser::advance(slice_clock::time_point until) {
    while (!in_.empty()) {
        if (!sink_.catch_up())
            return false; // others have their turn
        parse_record();
        if (slice_clock::now() >= until)
            break;
    }
    return in_.empty();
}

void record_parser::parse_record() {
    switch (static_cast<char>(in_.number<std::uint8_t>())) {
    case 'E': begin(get_entry(in_)); break;
    case 'C': parse_content(); break;
    case 'Z': {
        const auto checksum = in_.number<std::uint32_t>();
        require_file(true);
        if (known_size_ && left_ > 0)
            throw failure(errc::bad_message,
                          "less content than the file's size");
        in_file_ = false;
        ++so_far_.entries;
        sink_.complete(checksum);
        break;
    }
    case 'X':
        require_file(true);
        in_file_ = false;
        ++so_far_.entries;
        sink_.give_up();
        break;
    default: throw failure(errc::bad_message, "an unknown record");
    }
}
//! [parse]

void record_parser::parse_content() {
    const byte_view bytes = in_.bytes(in_.number<std::uint32_t>());
    count_content(bytes.size());
    if (sums_.empty() || sums_[0].bytes.data() != bytes.data()) {
        sink_.content(bytes);
        return;
    }
    sink_.summed_content(sums_[0]);
    sums_ = sums_.subspan(1);
}

void record_parser::finish(const totals& sent) const {
    if (in_file_)
        throw failure(errc::bad_message, "the stream ends inside a file");
    if (sent != so_far_)
        throw failure(
            errc::bad_message,
            fmt::format("{} entries and {} bytes came, where {} "
                        "and {} were sent",
                        so_far_.entries, so_far_.bytes, sent.entries,
                        sent.bytes));
}

std::vector<summed_bytes> sum_content(byte_view block) {
    std::vector<summed_bytes> sums;
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
                sums.push_back({bytes, crc32(0, bytes)});
        }
    } catch (const failure&) { // the parser will say so
    }
    return sums;
}

} // namespace file_transfer
