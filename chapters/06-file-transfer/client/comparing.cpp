#include "comparing.hpp"

namespace file_transfer {

asio::awaitable<bool> comparing::compare_all(
    compared& all, std::vector<std::string> paths,
    std::function<void(const std::string& path, tree_sum&)> sum_of,
    notes& left_out, bool is_needed, const std::string& otherwise) {
    server_ = co_await open_connection(options_);
    try {
        all = co_await compare(*server_, space_, options_,
                               std::move(paths), std::move(sum_of),
                               left_out);
        co_return true;
    } catch (const cannot_compare& why) {
        if (is_needed)
            throw;
        report_.remarks.insert(std::string(why.what()) + ": all is " +
                               otherwise);
    }
    co_return false;
}

} // namespace file_transfer
