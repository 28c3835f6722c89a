#include "descriptor_limit.hpp"

#include <sys/resource.h>

namespace async_io {

//! [raise_descriptor_limit]
std::size_t raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}
//! [raise_descriptor_limit]

} // namespace async_io
