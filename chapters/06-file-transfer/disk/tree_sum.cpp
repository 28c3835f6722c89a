#include "tree_sum.hpp"

#include "chapters/01-blocking-echo/frame/big_endian.hpp"

#include <boost/uuid/name_generator_sha1.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace file_transfer {

using blocking_echo::get_big_endian;
using blocking_echo::put_big_endian;

namespace {

// Names of nobody else's begin with it: 16 random bytes.
constexpr boost::uuids::uuid name_space{
    {0x5e, 0xa1, 0x3c, 0x0b, 0x8d, 0x27, 0x4f, 0x96, 0xa2, 0x7d, 0x31,
     0xc4, 0x90, 0x6e, 0xf8, 0x15}};

} // namespace

//! [tree_sum]
void tree_sum::add(const entry& one) {
    std::vector<std::byte> name(1 + 2 + 8 + 8 + one.path.size());
    const std::span all(name);
    all[0] = static_cast<std::byte>(one.what);
    put_big_endian(all.subspan(1, 2), one.mode);
    put_big_endian(all.subspan(3, 8),
                   static_cast<std::uint64_t>(one.modified_ns));
    put_big_endian(all.subspan(11, 8), one.size);
    std::ranges::copy(std::as_bytes(std::span(one.path)),
                      name.begin() + 19);
    const boost::uuids::name_generator_sha1 hash(name_space);
    const boost::uuids::uuid id = hash(name.data(), name.size());
    const auto bytes = std::as_bytes(std::span(id.begin(), id.size()));
    high += get_big_endian(bytes.first(8));
    low += get_big_endian(bytes.last(8));
    ++entries;
}
//! [tree_sum]

} // namespace file_transfer
