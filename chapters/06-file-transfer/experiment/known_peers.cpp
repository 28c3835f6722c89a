// How others send a folder or a file: their options are those that their
// own manuals recommend for it, and each is named with its page.
#include "peers.hpp"

#include <fmt/format.h>

namespace file_transfer {

namespace {

const std::string tar = "tar c -C \"$(dirname \"$CONTENT\")\" "
                        "\"$(basename \"$CONTENT\")\"";
const std::string untar = "tar x -C \"$ROOT\"";
const std::string arrived = "\"$ROOT/$(basename \"$CONTENT\")\"";

transfer_method piped(const std::string& from, const std::string& to) {
    return {.server = "nc -l 0.0.0.0 $PORT </dev/null | " + to,
            .client = from + " | nc -N $SERVER $PORT",
            .ends = true};
}

known_peer nc() {
    return {"nc",
            {"nc"},
            piped(tar, untar),
            {.server = "nc -l 0.0.0.0 $PORT </dev/null >" + arrived,
             .client = "nc -N $SERVER $PORT <\"$CONTENT\"",
             .ends = true}};
}

// `zstd --adapt`, zstd(1): "dynamically adapt compression level to
// perceived I/O conditions". With one worker, which is the default: with
// more "it can remain stuck at low speed".
known_peer nc_through(const std::string& name, const std::string& codec,
                      const std::string& pack,
                      const std::string& unpack) {
    return {name,
            {"nc", codec},
            piped(tar + " | " + pack, unpack + " | " + untar),
            piped(pack + " <\"$CONTENT\"", unpack + " >" + arrived)};
}

// Root's daemon would serve as nobody, who may not write there.
constexpr const char* rsync_server = R"({ echo 'use chroot = no'
[ $UID != 0 ] || printf '%s = 0\n' uid gid
printf '[root]\npath = %s\nread only = no\n' "$ROOT"; } \
    >"$BASE/rsyncd.conf"
exec rsync --daemon --no-detach --port=$PORT \
    --config="$BASE/rsyncd.conf")";

// rsync(1), "Transfer to a daemon"; `-z` "is useful over a slow
// connection".
known_peer rsync(const std::string& name, const std::string& options) {
    const transfer_method way{.server = rsync_server,
                              .client = "rsync " + options +
                                        " \"$CONTENT\" "
                                        "rsync://$SERVER:$PORT/root/"};
    return {name, {"rsync"}, way, way};
}

// A daemon with a key, a user and a configuration of its own, whoever
// runs it: root's sshd would want to become another user, which netlab's
// root can't. So it runs as user 1000 of a namespace, and finds that user
// in a passwd(5) which nobody else sees.
constexpr const char* ssh_server = R"(cd "$BASE"; chmod 700 .
[ -f key ] || ssh-keygen -q -t ed25519 -N '' -f key
echo "peer:x:1000:1000::$BASE:/bin/bash" >passwd
printf '%s\n' 'Host peer' "HostName $SERVER" "Port $PORT" \
    'User peer' "IdentityFile \"$BASE/key\"" 'IdentitiesOnly yes' \
    'StrictHostKeyChecking no' 'UserKnownHostsFile /dev/null' \
    'LogLevel ERROR' "Compression $COMPRESS" >ssh_config
export SSHD=$(PATH=$PATH:/usr/sbin command -v sshd)
exec unshare --user --map-root-user --mount bash -c '
mount --bind passwd /etc/passwd &&
exec unshare --user --map-user=1000 --map-group=1000 \
    "$SSHD" -D -q -p $PORT -f /dev/null -h "$PWD/key" \
    -o AuthorizedKeysFile="\"$PWD/key.pub\"" -o StrictModes=no \
    -o UsePAM=no -o PidFile=none -o MaxStartups=200 \
    -o Subsystem="sftp internal-sftp"')";

// @param client what runs where ssh_config lies, which names the host
// `peer`.
transfer_method by_ssh(const std::string& client) {
    return {.server = ssh_server, .client = "cd \"$BASE\"; " + client};
}

// ssh(1): `-C` "is desirable on slow connections, but will only slow down
// things on fast networks". So `Compression` is on from home outwards.
known_peer scp() {
    const auto way = by_ssh("scp -q -r -F ssh_config \"$CONTENT\" "
                            "peer:\"$ROOT/\"");
    return {"scp", {"sshd", "scp", "unshare"}, way, way};
}

// sftp(1): requests under way and their size are what it would take too;
// to raise them "may slightly improve file transfer speed".
known_peer sftp() {
    const auto way = [](const char* put) {
        return by_ssh(fmt::format("printf '{} \"%s\" \"%s/\"\\n' "
                                  "\"$CONTENT\" \"$ROOT\" | "
                                  "sftp -q -F ssh_config -b - peer",
                                  put));
    };
    return {
        "sftp", {"sshd", "sftp", "unshare"}, way("put -r"), way("put")};
}

// rsync(1), `--compress-choice`; ssh is not to compress it once more.
known_peer rsync_by_ssh() {
    const auto way = by_ssh("rsync -rt --zc=zstd "
                            "-e 'ssh -o Compression=no -F ssh_config' "
                            "\"$CONTENT\" peer:\"$ROOT/\"");
    return {"rsync_zstd", {"sshd", "rsync", "ssh", "unshare"}, way, way};
}

// lftp(1): `mirror -R --parallel` uploads several files at a time;
// `sftp:max-packets-in-flight` should be increased "if round trip time is
// significant", its default is 16.
known_peer lftp() {
    const auto way = [](const char* what) {
        return by_ssh(fmt::format(
            "lftp -c \"set cmd:fail-exit yes; "
            "set sftp:connect-program 'ssh -a -x -F ssh_config'; "
            "set sftp:max-packets-in-flight 64; "
            "open sftp://peer@peer; {}\"",
            what));
    };
    return {"lftp",
            {"lftp", "sshd", "ssh", "unshare"},
            way("mirror -R --parallel=16 \\\"$CONTENT\\\" "
                "\\\"$ROOT/$(basename \"$CONTENT\")\\\""),
            way("put -O \\\"$ROOT\\\" \\\"$CONTENT\\\"")};
}

// rclone(1): `--transfers` "bigger if you have lots of bandwidth and a
// fast remote"; `--no-check-dest` "if you know that none of the files are
// on the destination", for which `--retries 1` is recommended. Its own
// server of WebDAV: its backend for sftp took as long for small files,
// and encrypts.
known_peer rclone() {
    const auto way = [](const std::string& below) {
        return transfer_method{
            .server = "export RCLONE_CONFIG= RCLONE_CACHE_DIR=\"$BASE\"; "
                      "exec rclone serve webdav \"$ROOT\" "
                      "--addr 0.0.0.0:$PORT",
            .client =
                "export RCLONE_CONFIG= RCLONE_CACHE_DIR=\"$BASE\" "
                "RCLONE_WEBDAV_URL=http://$SERVER:$PORT; "
                "rclone copy --transfers 16 --checkers 16 "
                "--no-check-dest --retries 1 \"$CONTENT\" :webdav:" +
                below};
    };
    return {"rclone",
            {"rclone"},
            way("\"$(basename \"$CONTENT\")\""),
            way("")};
}

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

known_peer http(const std::string& name, const char* server,
                const char* client) {
    const transfer_method way{
        .server = fmt::format(fmt::runtime(http_server), server),
        .client = fmt::format(fmt::runtime(http_client), client),
        .pulls = true};
    return {name, {"nginx", "curl"}, way, way};
}

} // namespace

const std::vector<known_peer>& known_peers() {
    static const std::vector<known_peer> all{
        nc(),
        nc_through("nc_gzip", "gzip", "gzip", "gzip -d"),
        nc_through("nc_zstd", "zstd", "zstd -q --adapt", "zstd -q -d"),
        rsync("rsync", "-rt"),
        rsync("rsync_z", "-rtz"),
        rsync_by_ssh(),
        scp(),
        sftp(),
        lftp(),
        rclone(),
        http("http", "", ""),
        http("http_gzip", "gzip on; gzip_types *;", "--compressed")};
    return all;
}

} // namespace file_transfer
