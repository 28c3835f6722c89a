/// @file
/// Who of several cases takes the least time, without measuring the
/// others as often as it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace file_transfer {

/// Who is still in the running. A case whose better of two runs took 1.3
/// times the leader's median is out for good, one that was stopped after
/// its first. Not thread-safe.
class race {
public:
    bool is_out(const std::string& name) const {
        return out_.contains(name);
    }

    /// A run has ended. @param stopped it would have taken longer.
    void note(const std::string& name, double seconds, bool stopped);

private:
    double least_median() const;

    std::map<std::string, std::vector<double>> times_;
    std::set<std::string> stopped_, out_;
};

} // namespace file_transfer
