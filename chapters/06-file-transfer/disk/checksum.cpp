#include "checksum.hpp"

#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace file_transfer {

namespace {

std::uint32_t portable(std::uint32_t before,
                       std::span<const std::byte> more) {
    return static_cast<std::uint32_t>(
        ::crc32_z(before, reinterpret_cast<const Bytef*>(more.data()),
                  more.size()));
}

#if defined(__x86_64__)

// Gopal et al., "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction" (Intel, 2009): 64 bytes are folded onto the next
// 64, again and again; then 64 to 16 bytes, 16 to 8, and Barrett's
// reduction. The constants are powers of x modulo zlib's polynomial.
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
    __m128i part = _mm_clmulepi64_si128(rest, by16, 0x10);
    const parts zeros{};
    const auto down = reinterpret_cast<__m128i>(__builtin_shufflevector(
        reinterpret_cast<parts>(rest), zeros, 2, 3, 4, 5));
    rest = _mm_xor_si128(down, part);
    part = reinterpret_cast<__m128i>(__builtin_shufflevector(
        reinterpret_cast<parts>(rest), zeros, 1, 2, 3, 4));
    rest = _mm_clmulepi64_si128(_mm_and_si128(rest, mask), by8, 0x00);
    rest = _mm_xor_si128(rest, part);
    part = _mm_clmulepi64_si128(_mm_and_si128(rest, mask), barrett, 0x10);
    part = _mm_clmulepi64_si128(_mm_and_si128(part, mask), barrett, 0x00);
    return static_cast<std::uint32_t>(
        reinterpret_cast<parts>(_mm_xor_si128(rest, part))[1]);
}

// Of at least 64 bytes, and a multiple of 16.
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

#endif

} // namespace

std::uint32_t crc32(std::uint32_t before,
                    std::span<const std::byte> more) {
    if (more.empty())
        return before;
#if defined(__x86_64__)
    if (more.size() >= 64 && can_fold()) {
        const std::size_t whole = more.size() / 16 * 16;
        before = folded(before, more.first(whole));
        more = more.subspan(whole);
        if (more.empty())
            return before;
    }
#endif
    return portable(before, more);
}

std::uint32_t crc32_joined(std::uint32_t before, std::uint32_t more,
                           std::size_t size) {
    return static_cast<std::uint32_t>(
        ::crc32_combine(before, more, static_cast<z_off_t>(size)));
}

} // namespace file_transfer
