#include "folded_crc32.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace file_transfer {

#if defined(__x86_64__)

namespace {

// Gopal et al., "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction" (Intel, 2009).
//
// The bytes are one long polynomial, each bit a coefficient, and their
// CRC-32 is its remainder by a polynomial P of degree 32. A remainder
// stays the same when a piece A, which stands n bits before the end, is
// taken away and A * (x^n mod P) is added at the end: the number to be
// divided becomes shorter by A. Addition is xor; a product of 64 bits
// by 64, without carries, is one instruction.
//
//     | a | b | c | d |    16 bytes each
//       |   |   |   |
//       v   v   v   v      a * (x^512 mod P) is added to e, b's to f,
//     | e | f | g | h |    c's to g, d's to h; then these to the next
//
// So it goes 64 bytes at a time, in four chains that do not wait for
// each other. What is left of the four is folded to 16 bytes, these to 8,
// and Barrett's reduction divides the rest. A piece has two halves of 64
// bits, and so each constant has two powers of x. zlib's bits are in
// reverse, and the constants with them.
#define COURSE_FOLDS __attribute__((target("pclmul,sse4.1")))

// The four parts of a value, moved down by some; zeros follow.
typedef int parts __attribute__((vector_size(16)));

COURSE_FOLDS __m128i load(const std::byte* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

COURSE_FOLDS __m128i fold(__m128i from, __m128i by, __m128i onto) {
    const __m128i low = _mm_clmulepi64_si128(from, by, 0x00);
    const __m128i high = _mm_clmulepi64_si128(from, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

COURSE_FOLDS std::uint32_t reduce(__m128i rest, __m128i by16) {
    const __m128i mask = _mm_setr_epi32(~0, 0, ~0, 0);
    const __m128i by8 = _mm_setr_epi32(0x63cd6124, 1, 0, 0);
    const __m128i barrett = _mm_set_epi64x(0x1f7011641, 0x1db710641);
    __m128i product = _mm_clmulepi64_si128(rest, by16, 0x10);
    const parts zeros{};
    const auto down = reinterpret_cast<__m128i>(__builtin_shufflevector(
        reinterpret_cast<parts>(rest), zeros, 2, 3, 4, 5));
    rest = _mm_xor_si128(down, product);
    product = reinterpret_cast<__m128i>(__builtin_shufflevector(
        reinterpret_cast<parts>(rest), zeros, 1, 2, 3, 4));
    rest = _mm_clmulepi64_si128(_mm_and_si128(rest, mask), by8, 0x00);
    rest = _mm_xor_si128(rest, product);
    product =
        _mm_clmulepi64_si128(_mm_and_si128(rest, mask), barrett, 0x10);
    product =
        _mm_clmulepi64_si128(_mm_and_si128(product, mask), barrett, 0x00);
    return static_cast<std::uint32_t>(
        reinterpret_cast<parts>(_mm_xor_si128(rest, product))[1]);
}

// Of at least 64 bytes, and a multiple of 16. zlib's CRC-32 begins with
// all bits set and is inverted at the end.
COURSE_FOLDS std::uint32_t folded(std::uint32_t before,
                                  std::span<const std::byte> more) {
    const __m128i by64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i by16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    const std::byte* at = more.data();
    std::size_t left = more.size() - 64;
    __m128i a = _mm_xor_si128(
        load(at), _mm_cvtsi32_si128(static_cast<int>(~before)));
    __m128i b = load(at + 16), c = load(at + 32), d = load(at + 48);
    for (at += 64; left >= 64; at += 64, left -= 64) {
        a = fold(a, by64, load(at));
        b = fold(b, by64, load(at + 16));
        c = fold(c, by64, load(at + 32));
        d = fold(d, by64, load(at + 48));
    }
    __m128i rest = fold(fold(fold(a, by16, b), by16, c), by16, d);
    for (; left >= 16; at += 16, left -= 16)
        rest = fold(rest, by16, load(at));
    return ~reduce(rest, by16);
}

bool can_fold() {
    static const bool can = __builtin_cpu_supports("pclmul") &&
                            __builtin_cpu_supports("sse4.1");
    return can;
}

} // namespace

std::size_t fold_crc32(std::uint32_t& checksum,
                       std::span<const std::byte> bytes) {
    if (bytes.size() < 64 || !can_fold())
        return 0;
    const std::size_t whole = bytes.size() / 16 * 16;
    checksum = folded(checksum, bytes.first(whole));
    return whole;
}

#else

std::size_t fold_crc32(std::uint32_t&, std::span<const std::byte>) {
    return 0;
}

#endif

} // namespace file_transfer
