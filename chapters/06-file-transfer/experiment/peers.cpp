// How others send a folder or a file, where they are installed.
#include "measurements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace file_transfer {

namespace {

constexpr const char* rsync_server =
    "printf 'use chroot = no\\nuid = 0\\ngid = 0\\n[root]\\npath = %s\\n"
    "read only = no\\n' \"$ROOT\" >\"$BASE/rsyncd.conf\"; "
    "exec rsync --daemon --no-detach --port=$PORT "
    "--config=\"$BASE/rsyncd.conf\"";

// A daemon of its own, with a key of its own.
constexpr const char* ssh_server =
    "mkdir -p /run/sshd; cd \"$BASE\"; chmod 700 .; "
    "[ -f key ] || ssh-keygen -q -t ed25519 -N '' -f key; "
    "cp key.pub authorized; chmod 600 authorized; "
    "exec $(command -v sshd || echo /usr/sbin/sshd) -D -e -p $PORT "
    "-h \"$PWD/key\" -f /dev/null "
    "-o AuthorizedKeysFile=\"\\\"$PWD/authorized\\\"\" "
    "-o StrictModes=no -o UsePAM=no -o PidFile=none "
    "-o Subsystem='sftp internal-sftp'";

// One process; what is not in use is off.
constexpr const char* http_server =
    "mkdir -p \"$BASE/http\"; cd \"$BASE/http\"; "
    "printf 'daemon off; master_process off; "
    "pid pid; error_log /dev/null; events {{}} "
    "http {{ access_log off; sendfile on; {} "
    "client_body_temp_path .; proxy_temp_path .; "
    "fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .; "
    "server {{ listen %s; location / {{ root \"%s\"; }} }} }}' "
    "$PORT \"$(dirname \"$CONTENT\")\" >conf; "
    "exec $(command -v nginx || echo /usr/sbin/nginx) "
    "-p \"$PWD\" -c conf";

// A request for each file, all over one connection.
constexpr const char* http_client =
    "cd \"$(dirname \"$CONTENT\")\"; "
    "find \"$(basename \"$CONTENT\")\" -type f -printf "
    "'url=\"http://'$SERVER:$PORT'/%p\"\\noutput=\"'\"$ROOT\"'/%p\"\\n' "
    ">\"$BASE/http-list\"; curl -sSf {} --create-dirs "
    "-K \"$BASE/http-list\"";

struct known_peer {
    const char *name, *needs;
    transfer_method folder, file;
};

const std::vector<known_peer>& known() {
    const std::string listening = "nc -l 0.0.0.0 $PORT </dev/null | ";
    const std::string sending = " | nc -N $SERVER $PORT";
    const std::string tar = "tar c -C \"$(dirname \"$CONTENT\")\" "
                            "\"$(basename \"$CONTENT\")\"";
    const auto piped = [&](const std::string& from,
                           const std::string& to) {
        return transfer_method{listening + to, from + sending, true};
    };
    const std::string unzip =
        "gzip -d >\"$ROOT/$(basename \"$CONTENT\")\"";
    const auto rsync = [&](const char* options) {
        return transfer_method{rsync_server,
                               fmt::format("rsync {} \"$CONTENT\" "
                                           "rsync://$SERVER:$PORT/root/",
                                           options)};
    };
    const transfer_method scp{
        ssh_server,
        "scp -C -q -r -P $PORT -i \"$BASE/key\" -o "
        "StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
        "\"$CONTENT\" \"$SERVER:$ROOT/\""};
    const auto http = [](const char* server, const char* client) {
        transfer_method one{
            fmt::format(fmt::runtime(http_server), server),
            fmt::format(fmt::runtime(http_client), client)};
        one.pulls = true;
        return one;
    };
    const transfer_method plain = http("", "");
    const transfer_method zipped =
        http("gzip on; gzip_types *;", "--compressed");
    static const std::vector<known_peer> all{
        {"nc", "nc", piped(tar, "tar x -C \"$ROOT\""),
         transfer_method{"nc -l 0.0.0.0 $PORT </dev/null "
                         ">\"$ROOT/$(basename \"$CONTENT\")\"",
                         "nc -N $SERVER $PORT <\"$CONTENT\"", true}},
        {"nc_gzip", "nc",
         piped(tar + " | gzip", "gzip -d | tar x -C \"$ROOT\""),
         piped("gzip -c \"$CONTENT\"", unzip)},
        {"rsync", "rsync", rsync("-rt"), rsync("-rt")},
        {"rsync_z", "rsync", rsync("-rtz"), rsync("-rtz")},
        {"scp", "sshd", scp, scp},
        {"http", "nginx", plain, plain},
        {"http_gzip", "nginx", zipped, zipped}};
    return all;
}

bool is_installed(const std::string& program) {
    return std::system(fmt::format("PATH=$PATH:/usr/sbin command -v {} "
                                   ">/dev/null",
                                   program)
                           .c_str()) == 0;
}

} // namespace

std::vector<peer> peers(bool folder) {
    static std::vector<std::string> missing;
    std::vector<peer> found;
    for (const known_peer& one : known()) {
        const std::string needs = one.needs;
        if (is_installed(needs) &&
            (needs != "nginx" || is_installed("curl"))) {
            found.push_back({one.name, folder ? one.folder : one.file});
        } else if (std::ranges::count(missing, needs) == 0) {
            missing.push_back(needs);
            fmt::print(stderr,
                       "experiment: {} is not installed: without it\n",
                       needs);
        }
    }
    return found;
}

std::vector<std::string> peer_names() {
    std::vector<std::string> names;
    for (const known_peer& one : known())
        names.push_back(one.name);
    return names;
}

void add_peers(cases& together, const std::string& prefix,
               const std::string& link, const content& what) {
    const bool folder = what.what == content::kind::mixed;
    // A request for each file, or several round trips: minutes.
    const bool far = link != "loopback" && link != "lan";
    const bool slow = far && (what.files > 100 || link == "satellite");
    const auto waits = [](const peer& one) {
        return one.name == "scp" || one.how.pulls;
    };
    for (const peer& one : peers(folder))
        if (!slow || !waits(one))
            together.emplace_back(prefix + one.name,
                                  transfer(link, what, one.how));
}

} // namespace file_transfer
