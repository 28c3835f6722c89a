#include "judgement.hpp"

#include <algorithm>

namespace measure {

std::string to_string(verdict verdict) {
    switch (verdict) {
    case verdict::holds: return "holds";
    case verdict::holds_in_part: return "holds in part";
    case verdict::does_not_hold: return "does not hold";
    case verdict::inconclusive: return "inconclusive";
    }
    return "?";
}

//! [at_most]
answer at_most(const interval& ratio, double limit, const interval& noise) {
    if (!ratio.exact || !noise.exact)
        return answer::open;
    if (ratio.high <= limit * std::min(1.0, noise.low))
        return answer::yes;
    if (ratio.low > limit * std::max(1.0, noise.high))
        return answer::no;
    return answer::open;
}
//! [at_most]

answer at_least(const interval& ratio, double limit, const interval& noise) {
    if (!ratio.exact || !noise.exact)
        return answer::open;
    if (ratio.low >= limit * std::max(1.0, noise.high))
        return answer::yes;
    if (ratio.high < limit * std::min(1.0, noise.low))
        return answer::no;
    return answer::open;
}

answer within(const interval& value, double low, double high) {
    return both(at_least(value, low), at_most(value, high));
}

answer both(answer one, answer other) {
    if (one == answer::no || other == answer::no)
        return answer::no;
    return one == answer::yes ? other : answer::open;
}

answer in_every_run(std::size_t shown, std::size_t runs) {
    return runs == 0 ? answer::open : shown == runs ? answer::yes : answer::no;
}

//! [decided_by]
verdict decided_by(const std::vector<answer>& cases) {
    const auto some = [&](answer one) { return std::ranges::count(cases, one) > 0; };
    if (some(answer::no))
        return some(answer::yes) ? verdict::holds_in_part : verdict::does_not_hold;
    if (some(answer::yes) && !some(answer::open))
        return verdict::holds;
    return verdict::inconclusive;
}
//! [decided_by]

answer any_of(const std::vector<answer>& cases) {
    const auto number = [&](answer one) {
        return static_cast<std::size_t>(std::ranges::count(cases, one));
    };
    if (number(answer::yes) > 0)
        return answer::yes;
    return !cases.empty() && number(answer::no) == cases.size() ? answer::no : answer::open;
}

} // namespace measure
