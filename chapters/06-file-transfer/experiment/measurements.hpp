/// @file
/// The chapter's measurements, one file each, and what they share.
#pragma once

#include "content.hpp"
#include "links.hpp"
#include "plan.hpp"

#include <string>
#include <vector>

namespace file_transfer {

/// All nine. A claim asks for each what was measured over it.
const std::vector<std::string>& all_links();

/// From home outwards: those where the wire decides.
const std::vector<std::string>& slow_links();

/// The links of a run: home in a smoke run, @p some, or with `--full`
/// all.
std::vector<std::string> links_of(run_scope much,
                                  const std::vector<std::string>& some);

/// Of a comparison: ten at least, for the best of up to 25 decides, and
/// more where one run differs from the next.
int repetitions_over(const std::string& link);

/// One transfer, as a measurement. Content and labs are made at their
/// first use and kept. A smoke run sends a little of the content.
measure::measurement transfer(const std::string& link,
                              const content& what,
                              const transfer_method& how);

/// By this chapter's programs, without fsync.
transfer_method ours(const std::string& client_options = "",
                     const std::string& server_options = "--no-fsync");

/// The path of a program of this chapter, which lies beside this one, as
/// a word for a shell.
std::string beside(const std::string& program);

/// Cases, to be measured one right after the other.
using cases = std::vector<std::pair<std::string, measure::measurement>>;

/// Adds cases that run a race: one that is out leaves no further rows.
void add_race(cases& together, cases running);

/// How many times as long one case took as another, run by run.
/// @param comparisons out of so many the deciding one was chosen.
measure::interval times_as_long(const measure::results& measured,
                                const std::string& one,
                                const std::string& other,
                                std::size_t comparisons = 1);
/// The case with the least time among PREFIX + each name, and of how many
/// that were measured; none: empty. A case that was run less often than
/// others has lost a race and is none.
struct best_case {
    std::string name;
    std::size_t of = 0;
};
best_case fastest(const measure::results& measured,
                  const std::string& prefix,
                  const std::vector<std::string>& names);
/// "CPU 31 + 12 ms, theirs 80 + 22 ms": of the client's host and the
/// server's, in the median run.
std::string processors(const measure::results& measured,
                       const std::string& own, const std::string& other);
/// Adds to the words of a figure, after a comma.
void append_words(std::string& figure, const std::string& words);
/// A headline: "kept on 3 of 7 links, 2 undecided".
std::string shown(const std::string& what,
                  const std::vector<measure::answer>& answers,
                  const std::string& of);

/// What each technique is worth on each link.
void measure_ablation(measurement_plan& plan);
/// One file of 1 GiB on loopback, by everyone; and with fsync.
void measure_large(measurement_plan& plan);
/// Others on the links: a folder, one file, one that does not compress,
/// and many small ones.
void measure_peers(measurement_plan& plan);
/// A folder that is there already, or all but one file of it.
void measure_changed(measurement_plan& plan);
/// auto against each level.
void measure_levels(measurement_plan& plan);
/// One connection against several.
void measure_connections(measurement_plan& plan);
/// Honest clients while others attack.
void measure_attack(measurement_plan& plan);
/// The server's memory with all connections taken.
void measure_memory(measurement_plan& plan);

} // namespace file_transfer
