"""What holds for every program, whoever is at the other end.

A server ends when it is told to, lives on whatever accept(2) says and whoever takes its log, and speaks plainly; a
client says in one line what its server did. Each case is a process of its own, and they run side by side.
COURSE_ROUNDS (3) is how often each stop is tried.
"""

import concurrent.futures
import contextlib
import errno
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import attacks
from programs import BIN, DEADLINE, SANITIZED, Server, program, run

ROUNDS = int(os.environ.get("COURSE_ROUNDS", "3"))
SLACK = 2  # seconds that a busy machine may take on top of a server's own deadline
AT_ONCE = 12
PYTHON = Path(__file__).resolve().parents[2] / "chapters" / BIN.name / "python"

REQUEST = bytes(i * 7 % 251 for i in range(64))  # what chapter 4's server checks
STREAM = bytes((i * 7 + i // 64 * 13) & 0xff for i in range(4032))  # and chapter 2's

echo, messages = attacks.echo(), attacks.messages()
requests = attacks.messages(REQUEST)
stream = attacks.one_way(STREAM)
transfer = attacks.one_way(attacks.frame(b"x" * 5000), end=attacks.frame(kind=attacks.END))

# Command, what it speaks, its own deadline in seconds.
SERVERS = [
    (["echo_server"], echo, 2),
    (["posix_echo_server"], echo, 2),
    (["message_server"], messages, 2),
    (["receiver"], stream, 2),
    (["blocking_server"], echo, 2),
    (["thread_server"], echo, 2),
    (["callback_server"], echo, 0),
    (["coroutine_server"], echo, 0),
    (["coroutine_server", "--lean"], echo, 0),
    (["epoll_server"], echo, 0),
    (["epoll_server", "--place", "shared"], echo, 0),
    (["robust_server", "--stop", "1s"], messages, 1),
    (["robust_server", "--stop", "1s", "--threads", "2"], messages, 1),
    (["computing_server"], messages, 0),
    (["shortage_server"], echo, 0),
    (["request_server"], requests, 2),
    (["compressed_server"], transfer, 2),
]
INTERNALS = re.compile(r"boost|/usr/|remote_endpoint|\[\w+:\d+|\[json|terminate called")
ELSEWHERE = {"article_server": "serves one client and ends", "small_server": "ends where it stands, and says nothing",
             "file_server": "chapter 6's tests stop it"}


def here():
    return [row for row in SERVERS if (BIN / row[0][0]).exists()]


def stopped(command, protocol, deadline, attack):
    """What was wrong with a stop; nothing when all was well."""
    server = Server(program(command[0]), *command[1:])
    try:
        with attacks.held(attack, (server.host, server.port), protocol):
            begin = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(deadline + SLACK)
            took = time.monotonic() - begin
            if server.process.poll() is None:
                return f"still runs after {took:.1f} s"
    finally:
        server.process.kill()
        _, err = server.process.communicate(timeout=DEADLINE)
    err = err.decode()
    if server.process.returncode != 0:
        return f"exit code {server.process.returncode}: {err!r}"
    lines = [line for line in err.splitlines() if "cut off" in line]
    told = command[0] == "robust_server"  # and whoever reads it leaves
    must_say = attack.name == "stuck" or attack.name == "flood" and not told
    if len(lines) > 1 or must_say and not lines:
        return f"it should say in one line whom it cut off: {err!r}"
    return f"a library's own words: {err!r}" if INTERNALS.search(err) else None


def refused_by_accept(command, protocol, error):
    """What was wrong after accept(2) had failed five times in a row; nothing when all was well."""
    inject = ["strace", "-f", "-D", "-qq", "-o", "/dev/null", "-e", "trace=accept,accept4",
              "-e", f"inject=accept,accept4:error={error}:when=1..5"]
    begin = time.monotonic()
    with Server(*inject, program(command[0]), *command[1:]) as server:
        try:
            attacks.expect_served((server.host, server.port), protocol)
        except attacks.Failed as failed:
            return str(failed)
        took = time.monotonic() - begin
        code, _, err = server.stop()
    named = f"accept: {os.strerror(getattr(errno, error))}; trying again in 100 ms\n"
    if code != 0 or not err.startswith(named * 5):
        return f"exit code {code}: {err!r}"
    return None if took >= 0.5 else f"served after {took:.2f} s: it does not wait"


# Standard error that nobody takes: what a server's command begins with, and where it goes.
@contextlib.contextmanager
def full():
    with open("/dev/full", "wb") as nowhere:
        yield [], nowhere


@contextlib.contextmanager
def left():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield [], writer
    finally:
        os.close(writer)


@contextlib.contextmanager
def closed():
    yield ["sh", "-c", 'exec "$@" 2>&-', "sh"], subprocess.DEVNULL


def unheard(command, protocol, log):
    """What was wrong with a server that has something to say and nobody to say it to."""
    with log() as (prefix, nowhere), Server(*prefix, program(command[0]), *command[1:], stderr=nowhere) as server:
        address = (server.host, server.port)
        try:
            for _ in range(3):
                with attacks.connect(address) as peer:  # says what no frame begins with, and breaks off
                    peer.sendall(b"\x1b[2J" * 1000)
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                attacks.expect_served(address, protocol)
        except attacks.Failed as failed:
            return str(failed)
        with attacks.held(attacks.HELD["stuck"], address, protocol):
            code, _, _ = server.stop()
    return None if code == 0 else f"exit code {code}"


# Servers that do their clients wrong: what each does with a connection.
def resets(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def leaves(peer):
    pass


def leaves_after_a_while(peer):
    peer.recv(1 << 16)


def talks_nonsense(peer):
    with contextlib.suppress(ConnectionError):
        peer.sendall(b"\x1b[31mHTTP/1.1 400 \x00\r\n" * 100)
        peer.shutdown(socket.SHUT_WR)
        attacks.read_to_end(peer)


def says_half(peer):
    with contextlib.suppress(ConnectionError):
        peer.recv(1 << 16)
        peer.sendall(attacks.frame(b"x" * 100)[:50])


def refuses(peer):
    with contextlib.suppress(ConnectionError):
        peer.sendall(attacks.frame(b"\0\x64busy \x1b[31mred", kind=attacks.ERROR))
        peer.shutdown(socket.SHUT_WR)
        attacks.read_to_end(peer)


def says_nothing(peer):
    with contextlib.suppress(ConnectionError):
        while peer.recv(1 << 20):
            pass


def takes_nothing(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)


STAYS = says_nothing, takes_nothing  # until the client has ended

# What a client has to do so that it waits in each of its ways; where it sends much, more than two kernels hold.
BUSY = {
    "echo_client": [["word"], ["--messages", "word"], ["--round-trips", "1"], []],
    "sender": [["--bytes", "16M"], ["--bytes", "16M", "--composed"]],
    "request_client": [["--pattern", pattern, "--size", "1M"] for pattern in ("separate", "gathered", "more")],
    "compressed_client": [["--way", way, "--level", "0"] for way in ("plain", "one-shot", "streaming", "messages", "overlapped")],
}
TWINS = {"echo_client.py": [], "message_client.py": ["word"], "sender.py": [], "request_client.py": ["--size", "1000000"],
         "send_compressed.py": []}
OWN_TIME = {"load_client": "--duration says how long it waits", "path_advisor": "waits for 5 s"}
MUCH = bytes(16 << 20)


NEEDS = {"echo_client": ["--messages", "word"], "sender": ["--bytes", "16M"], "path_advisor": ["--duration", "100ms"]}


def clients_here():
    """The programs that connect to a server, with what they need besides."""
    for file in sorted(BIN.iterdir()):
        if os.access(file, os.X_OK) and file.is_file() and "--connect " in (text := run(file, "--help").out):
            yield [file.name, *NEEDS.get(file.name, []), *(["--idle", "100ms"] if "--idle " in text else [])]


def run_against(server, command, stdin):
    """A client's run against such a server, and the server's address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = listener.accept()
                    with peer:
                        server(peer)
                        if server in STAYS:
                            ended.wait(DEADLINE)
        threading.Thread(target=serve, daemon=True).start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        try:
            return run(*command, "--connect", address, stdin=stdin), address
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)


def wronged(command, server):
    """What was wrong with what a client says of a server that does it wrong."""
    done, _ = run_against(server, [program(command[0]), *command[1:]], b"x" * 100)
    if done.returncode != 1 or not re.fullmatch(rf"{command[0]}: [^\n\x00-\x1f]+\n", done.err) or INTERNALS.search(done.err):
        return f"exit code {done.returncode}: {done.err!r}"
    return None


def kept_waiting(command, server):
    """What was wrong with what a client says of a server that keeps it waiting."""
    done, address = run_against(server, [program(command[0]), *command[1:], "--idle", "100ms"], MUCH)
    said = {f"{command[0]}: receive from {address}: nothing came for 100ms\n"}
    if server is takes_nothing:
        said.add(f"{command[0]}: send to {address}: nothing was taken for 100ms\n")
    return None if done.returncode == 1 and done.err in said else f"exit code {done.returncode}: {done.err!r}"


def twin_kept_waiting(command, server):
    """The same of a client in Python."""
    done, address = run_against(server, [sys.executable, "-B", PYTHON / command[0], *command[1:], "--idle", "0.1"], MUCH)
    said = rf"{command[0]}: {address}: nothing (came or )?was taken for 0\.1 s\n"
    return None if done.returncode == 1 and re.fullmatch(said, done.err) else f"exit code {done.returncode}: {done.err!r}"


class Everybody(unittest.TestCase):
    def expect_nothing(self, check, cases):
        self.assertTrue(cases)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as side_by_side:
            for case, wrong in zip(cases, side_by_side.map(lambda case: check(*case), cases)):
                name = getattr(case[-1], "__name__", None) or getattr(case[-1], "name", case[-1])
                with self.subTest(server=" ".join(case[0]), case=name):
                    self.assertIsNone(wrong)

    def test_every_server_is_in_the_table(self):
        known = {row[0][0] for row in SERVERS} | set(ELSEWHERE)
        for file in BIN.iterdir():
            if file.name.endswith("_server") or file.name == "receiver":
                self.assertIn(file.name, known)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    @unittest.skipIf(SANITIZED, "strace does not go with the sanitizers; the release build runs this")
    def test_each_lives_on_whatever_accept_reports(self):  # F03, F49
        self.expect_nothing(refused_by_accept, [
            (command, protocol, error) for command, protocol, _ in here()
            for error in ("EPERM", "EHOSTUNREACH", "EPROTO", "ENETDOWN", "ECONNABORTED", "EMFILE", "ENOBUFS")])

    def test_each_lives_on_when_its_log_cannot_be_written(self):  # F50
        self.expect_nothing(unheard, [(command, protocol, log) for command, protocol, _ in here()
                                      for log in (full, left, closed)])

    def test_each_ends_by_its_deadline_whatever_its_clients_do(self):  # F45
        self.expect_nothing(stopped, [(command, protocol, deadline, attack) for _ in range(ROUNDS)
                                      for command, protocol, deadline in here() for attack in attacks.HELD.values()])

    def test_each_client_says_in_one_plain_line_what_its_server_did(self):
        self.expect_nothing(wronged, [(command, server) for command in clients_here() for server in (
            resets, leaves, leaves_after_a_while, talks_nonsense, says_half, refuses, says_nothing, takes_nothing)])

    def test_each_client_gives_up_when_its_server_keeps_it_waiting(self):
        names = [name for name, *_ in clients_here()]
        self.assertTrue(names)
        cases = [([name, *more], server) for name in names if name not in OWN_TIME for more in BUSY[name]
                 for server in STAYS]
        if cases:
            self.expect_nothing(kept_waiting, cases)

    def test_each_client_in_python_gives_up_as_well(self):
        cases = [([name, *more], server) for name, more in TWINS.items() if (PYTHON / name).exists()
                 for server in STAYS if (name, server) != ("sender.py", says_nothing)]  # it waits for no answer
        if cases:
            self.expect_nothing(twin_kept_waiting, cases)


if __name__ == "__main__":
    unittest.main()
