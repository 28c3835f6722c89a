/// @file
/// Of the files that are to be fetched, those that are not here.
#pragma once

#include "comparing.hpp"
#include "disk/file_systems.hpp"
#include "fetched.hpp"

namespace file_transfer {

/// Looks what is here, compares it with the server's, through as many
/// connections as it takes, and looks again at what differs. Where
/// nothing is here there is nothing to compare, and everything comes.
class get_changes : public comparing {
public:
    /// @param asked the paths, which @p names are about.
    get_changes(const client_options& chosen, const root& into,
                const naming& names, std::vector<std::string> asked,
                worker_pool& pool, notes& left_out,
                transfer_report& result);

    /// Whether all that is asked for is to come as it is asked for.
    bool wants_all() const { return wants_all_; }

    /// Else: the files that are to come.
    std::vector<entry> files;
    /// Folders that are not here, of which all is to come.
    std::vector<std::string> new_folders;
    /// Other folders whose mode and time are to be set, as the server has
    /// them; and how many of them are not so here.
    std::vector<entry> folders;
    std::uint64_t changed_folders = 0;
    /// What is here of the files, to be told to the server.
    std::map<std::string, holding> known;
    /// What is here, by its local name, and is to be deleted.
    std::vector<entry> extra;

    /// Whether a folder is here, as the server has it.
    bool is_here(const entry& one) const {
        const entry* const ours = here(one.path);
        return ours && looks_same(one, *ours);
    }

private:
    asio::awaitable<void> attempt(bool again) override;
    bool is_forced() const;
    void look_here();
    void add_up(const std::string& path, tree_sum& sum) const;
    asio::awaitable<bool> ask(compared& all);
    const entry* here(const std::string& path) const;
    bool is_excluded(const entry& one) const;
    void require_answers(const compared& all) const;
    void choose_files(const compared& all);
    asio::awaitable<void> ask_about_unsure();
    asio::awaitable<void> make_safe();
    void plan(const compared& all);
    void find_extra(const compared& all);
    void choose_folders(const compared& all);
    void look_at_parts();

    const root& into_;
    const naming& names_;
    const std::vector<std::string> asked_;
    const std::set<std::string> tops_;
    worker_pool& pool_;
    notes& left_out_;
    // What is here below each path, under the server's names.
    std::map<std::string, std::vector<entry>> here_;
    std::map<std::string, const entry*> by_path_;
    std::uint64_t parts_ = 0; // that are here
    const std::shared_ptr<file_systems> systems_ =
        std::make_shared<file_systems>();
    std::vector<sent_file> unsure_; // that look the same
    std::uint64_t same_ = 0;        // files
    bool wants_all_ = true, has_looked_ = false;
};

} // namespace file_transfer
