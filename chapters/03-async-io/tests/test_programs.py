"""The programs as a user meets them: help, errors, signals, limits, and the load client as a tool."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

from programs import (BIN, DEADLINE, SANITIZED, Server, cpu_seconds, let_pass, next_line, program, read_to_end, run,
                      wait_until)

PYTHON = Path(__file__).resolve().parent.parent / "python"
LADDER = ["blocking_server", "thread_server", "callback_server", "coroutine_server", "small_server", "epoll_server",
          "robust_server", "computing_server", "shortage_server"]


def frame(payload):
    import struct
    import zlib
    start = struct.pack(">HBBI", 0x534D, 1, 1, len(payload))
    return start + struct.pack(">I", zlib.crc32(payload, zlib.crc32(start))) + payload


def load(server, *more):
    done = run(program("load_client"), "--connect", server.address, "--duration", "200ms", "--warm-up", "0ms",
               "--json", *more, timeout=60)
    return json.loads(done.out) if done.returncode == 0 else done


class Arguments(unittest.TestCase):
    def test_help_names_the_options_and_exits_with_0(self):
        for name in LADDER:
            done = run(program(name), "--help")
            self.assertEqual((done.returncode, done.err), (0, ""), name)
            self.assertIn("--listen", done.out)
        self.assertIn("--rate", run(program("load_client"), "--help").out)
        self.assertIn("--lean", run(program("coroutine_server"), "--help").out)

    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        for name, wrong in [("thread_server", ["--listen", "x"]), ("robust_server", ["--limit", "0"]),
                            ("robust_server", ["--idle", "5"]), ("epoll_server", ["--place", "nowhere"]),
                            ("load_client", ["--size", "11"]), ("load_client", ["--rate", "-1"])]:
            done = run(program(name), *wrong)
            self.assertEqual(done.returncode, 2, (name, wrong, done.err))
            self.assertRegex(done.err, rf"\A{name}: [^\n]+\n\Z")

    def test_a_port_in_use_is_one_line_that_names_it_and_exit_code_1(self):  # F12
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for name in LADDER:
                done = run(program(name), "--listen", address)
                self.assertEqual((done.returncode, done.err),
                                 (1, f"{name}: bind {address}: Address already in use\n"))

    def test_an_unreachable_server_is_one_line_and_exit_code_1(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            address = f"127.0.0.1:{gone.getsockname()[1]}"
        done = run(program("load_client"), "--connect", address)
        self.assertEqual((done.returncode, done.err),
                         (1, f"load_client: connect {address}: Connection refused\n"))


class Signals(unittest.TestCase):
    def test_sigterm_and_sigint_end_every_server_with_0(self):
        for name in LADDER:
            for how in (signal.SIGTERM, signal.SIGINT):
                server = Server(program(name))
                with server.connect() as peer:
                    peer.sendall(frame(b"hello"))
                    self.assertEqual(peer.recv(100), frame(b"hello"), name)
                self.assertEqual(server.stop(how)[0], 0, (name, how))

    def test_a_client_of_the_robust_server_is_told_that_it_stops(self):  # F45
        with Server(program("robust_server")) as server, server.connect() as peer:
            peer.sendall(frame(b"x"))
            self.assertEqual(peer.recv(100), frame(b"x"))
            server.process.send_signal(signal.SIGTERM)
            self.assertIn(b"stopping", read_to_end(peer))
            peer.close()
            self.assertEqual(server.process.wait(DEADLINE), 0)

    def test_a_client_that_was_idle_reads_why_it_was_closed(self):  # F10
        client = BIN.parent / "01-blocking-echo" / "echo_client"
        if not client.exists():
            self.skipTest("chapter 1's programs are not built")
        with Server(program("robust_server"), "--idle", "50ms", "--drain", "50ms") as server:
            peer = subprocess.Popen([client, "--messages", "--connect", server.address], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            peer.stdin.write(b"first\n")
            peer.stdin.flush()
            self.assertEqual(next_line(peer.stdout), "first\n")
            wait_until(lambda: not open_clients(server), "the server has closed it")
            _, err = peer.communicate(b"second\n", timeout=DEADLINE)
            self.assertEqual((peer.returncode, err.decode()),
                             (1, "echo_client: the server answered error 101: idle: no message came for too long\n"))

    def test_a_second_signal_ends_the_robust_server_at_once(self):  # F45
        server = Server(program("robust_server"), "--stop", "60s", "--message", "60s")
        with server.connect() as peer:
            peer.sendall(frame(b"whole") + frame(b"half a message")[:10])
            self.assertEqual(peer.recv(100), frame(b"whole"))
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not listening(server.port), "the listener is closed")
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(DEADLINE), -signal.SIGTERM)
            server.stop()

    def test_sigusr1_prints_what_the_robust_server_has_done(self):
        with Server(program("robust_server")) as server, server.connect() as peer:
            peer.sendall(frame(b"x") * 3)
            self.assertEqual(len(peer.recv(100)), 3 * len(frame(b"x")))
            server.process.send_signal(signal.SIGUSR1)
            said = json.loads(next_line(server.process.stdout))
            self.assertEqual((said["open"], said["messages"], said["refused"]), (1, 3, 0))


def open_clients(server):
    server.process.send_signal(signal.SIGUSR1)
    return json.loads(next_line(server.process.stdout))["open"]


def listening(port):
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(f":{port:04X} 00000000:0000 0A" in line for line in table)


# In a network of its own, whose only line goes down: nobody acknowledges any more, and nobody says so.
HALF_OPEN = """
import json, signal, subprocess, sys
from programs import Server, next_line, program, wait_until

def line(state):
    subprocess.run(["ip", "link", "set", "lo", state], check=True)

def open_clients():
    server.process.send_signal(signal.SIGUSR1)
    return json.loads(next_line(server.process.stdout))["open"]

message = bytes.fromhex(sys.argv[1])
line("up")
with Server(program("robust_server"), "--idle", "300ms", "--drain", "300ms") as server:
    with server.connect() as peer:
        peer.sendall(message)
        assert peer.recv(100) == message
        line("down")
        wait_until(lambda: open_clients() == 0, "the client is given up")
        line("up")
        with server.connect() as another:
            another.sendall(message)
            assert another.recv(100) == message
"""


class Limits(unittest.TestCase):
    def test_a_client_that_is_gone_without_a_word_is_given_up(self):  # F11
        inside = ["unshare", "--user", "--map-root-user", "--net"]
        if run(*inside, "ip", "link", "set", "lo", "up").returncode:
            self.skipTest("this system allows no network namespace to set up")
        done = run(*inside, sys.executable, "-c", HALF_OPEN, frame(b"x").hex())
        self.assertEqual((done.returncode, done.err), (0, ""))

    def test_without_descriptors_the_robust_server_is_idle_and_serves_soon_after(self):  # F03
        with Server(program("robust_server")) as server:
            pid = server.process.pid
            _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            with server.connect() as first:
                first.sendall(frame(b"x"))
                self.assertEqual(first.recv(100), frame(b"x"))
                used = len(os.listdir(f"/proc/{pid}/fd"))
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
                waiting = [server.connect() for _ in range(5)]
                before = cpu_seconds(pid)
                let_pass(1)
                self.assertLess(cpu_seconds(pid) - before, 0.05)
            # A descriptor is free: one of those who wait is served.
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
            start = time.monotonic()
            for peer in waiting:
                peer.sendall(frame(b"y"))
                self.assertEqual(peer.recv(100), frame(b"y"))
                peer.close()
            self.assertLess(time.monotonic() - start, 2)

    def test_a_limit_above_the_systems_is_lowered_and_said(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
        with Server(program("robust_server"), preexec=few) as server:
            self.assertIn("the system allows 300 descriptors", next_line(server.process.stderr))

    def test_two_thousand_clients_at_once_are_served(self):  # F31
        for name in ("coroutine_server", "robust_server"):
            with Server(program(name)) as server:
                result = load(server, "--connections", "2000")
                self.assertEqual(result["served_connections"], 2000, name)

    def test_two_thousand_clients_above_a_limit_of_500_are_served_or_told(self):  # F31
        with Server(program("robust_server"), "--limit", "500") as server:
            peers = [server.connect() for _ in range(2000)]
            served = told = 0
            for peer in peers[:500]:
                peer.sendall(frame(b"x"))
            for peer in peers:
                answer = peer.recv(100)
                served += answer == frame(b"x")
                if b"busy" in answer:
                    told += 1
                    peer.close()  # the served ones stay, and hold their places
            self.assertEqual((served, told), (500, 1500))
            for peer in peers:
                peer.close()

    @unittest.skipIf(SANITIZED, "a sanitizer takes memory of its own")
    def test_half_messages_of_a_crowd_cost_what_their_limit_says(self):  # F29
        half = frame(bytes(1 << 20))[:-1]
        with Server(program("robust_server"), "--unfinished", "16M") as server:
            peers = [server.connect() for _ in range(200)]
            for peer in peers:
                peer.settimeout(DEADLINE)
                try:
                    peer.sendall(half)
                except ConnectionError:
                    pass  # it was told already
            status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
            for peer in peers:
                peer.close()
        self.assertLess(int(status.split("VmHWM:")[1].split()[0]), 100 << 10)  # KiB: 200 MiB were sent

    def test_where_the_ports_of_one_address_run_out_the_next_one_is_used(self):
        inside = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c"]
        few_ports = "ip link set lo up && echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range && "
        if run(*inside, few_ports + "true").returncode:
            self.skipTest("this system allows no network namespace to set up")
        script = few_ports + (f"{program('coroutine_server')} --listen 127.0.0.1:1234 & "
                              "until ss -ltn | grep -q :1234; do :; done; "
                              f"{program('load_client')} --connections 250 --duration 50ms --warm-up 0ms --json; kill $!")
        done = run(*inside, script, timeout=60)
        self.assertEqual(json.loads(done.out.splitlines()[-1])["served_connections"], 250, done.err)
        # There is one ::1.
        done = run(*inside, script.replace("--listen 127.0.0.1:", "--listen [::1]:").replace("--connections", "--connect [::1]:1234 --connections"))
        self.assertIn("load_client: connect [::1]:1234: Cannot assign requested address: no local port is free; a server on 127.0.0.1", done.err)


class LoadClient(unittest.TestCase):
    def test_its_json_has_units_in_its_keys(self):
        with Server(program("epoll_server")) as server:
            result = load(server, "--connections", "5", "--rate", "500")
            for key in ("messages_per_second", "median_us", "p99_us", "uncorrected_p99_us", "bytes", "seconds"):
                self.assertIn(key, result)
            self.assertEqual(result["served_connections"], 5)

    def test_a_server_that_dies_is_an_error_and_its_messages_are_counted(self):
        for how in ([], ["--rate", "200"]):
            server = Server(program("coroutine_server"))
            client = subprocess.Popen([program("load_client"), "--connect", server.address, "--connections", "5",
                                       "--duration", "1500ms", "--warm-up", "0ms", "--json", *how],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_until(lambda: established(server) == 5, "the load began")
            let_pass(0.3)
            server.process.kill()
            server.process.wait(DEADLINE)
            out, err = client.communicate(timeout=DEADLINE)
            said = json.loads(out)
            self.assertEqual((client.returncode, said["ended_connections"]), (1, 5), err)
            self.assertGreater(said["unanswered"], 100 if how else 0)
            self.assertRegex(err, r"\Aload_client: \d+ messages had no answer; the server ended 5 of 5 connections\n\Z")

    def test_a_full_server_is_told_in_its_own_words(self):
        with Server(program("robust_server"), "--limit", "2") as server:
            done = run(program("load_client"), "--connect", server.address, "--connections", "6", "--duration", "200ms",
                       "--warm-up", "0ms")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.err, r"\Aload_client: [^\n]*the server ended 4 of 6 connections: [^\n]*busy[^\n]*\n\Z")

    def test_a_silent_server_has_no_percentiles(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            done = run(program("load_client"), "--connect", f"127.0.0.1:{silent.getsockname()[1]}", "--connections", "2",
                       "--duration", "50ms", "--warm-up", "0ms")
        self.assertEqual((done.returncode, done.err), (1, "load_client: 2 messages had no answer\n"))
        self.assertNotIn(" us", done.out)

    def test_a_rate_that_was_not_reached_is_said(self):
        with Server(program("coroutine_server")) as server:
            done = run(program("load_client"), "--connect", server.address, "--connections", "1", "--rate", "5000000",
                       "--duration", "50ms", "--warm-up", "0ms")
        self.assertIn("the rate was not reached: ", done.out)

    def test_a_server_that_stalls_shows_in_the_corrected_percentiles_alone(self):
        with Server(program("computing_server"), "--work", "400ms") as server, server.connect() as heavy:
            client = subprocess.Popen([program("load_client"), "--connect", server.address, "--connections", "4",
                                       "--rate", "2000", "--duration", "2s", "--warm-up", "0ms", "--json"],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_until(lambda: established(server) == 5, "the load began")
            let_pass(0.3)
            heavy.sendall(frame(b"compute"))
            out, err = client.communicate(timeout=DEADLINE)
            said = json.loads(out)
            # A fifth of all messages was due while it computed; the four that were under way are no hundredth of all.
            self.assertGreater(said["p99_us"], 200_000, err)
            self.assertLess(said["uncorrected_p99_us"], 200_000, err)
            self.assertGreater(said["max_us"], 200_000, err)


def established(server):
    """How many connections the server has."""
    return len(run("ss", "-Htn", "state", "established", f"sport = :{server.port}").out.splitlines())


class Python(unittest.TestCase):
    def test_both_asyncio_servers_echo_and_end(self):
        for extra in ([], ["--protocol"]):
            with Server(sys.executable, PYTHON / "asyncio_server.py", *extra) as server:
                with server.connect() as one, server.connect() as two:
                    two.sendall(b"second")
                    self.assertEqual(two.recv(100), b"second")  # while the first is silent
                    one.sendall(b"first")
                    one.shutdown(socket.SHUT_WR)
                    self.assertEqual(read_to_end(one), b"first")

    def test_awaiting_a_blocking_sockets_method_is_a_type_error(self):
        done = run(sys.executable, PYTHON / "awaits_a_blocking_socket.py")
        self.assertEqual(done.returncode, 1)
        self.assertIn("TypeError: object tuple can't be used in 'await' expression", done.err)


class Shortage(unittest.TestCase):
    @unittest.skipIf(SANITIZED, "a sanitizer takes address space of its own")
    def test_a_loop_without_a_thread_ends_the_robust_server_with_a_line(self):
        done = run("bash", "-c", "ulimit -s 262144 && ulimit -v 917504 && exec \"$@\"", "few",  # 256 of 896 MiB each
                   program("robust_server"), "--threads", "8", "--listen", "127.0.0.1:0")
        self.assertEqual((done.returncode, done.err),
                         (1, "robust_server: start a thread: Resource temporarily unavailable\n"))

    def test_each_accept_loop_meets_the_shortage_in_its_way(self):
        for what, serves_again in (("die", False), ("spin", True), ("back-off", True)):
            server = Server(program("shortage_server"), "--on-shortage", what)
            pid = server.process.pid
            used = len(os.listdir(f"/proc/{pid}/fd"))
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 2, 1000))
            peers = []
            try:
                for _ in range(6):
                    peers.append(server.connect())
            except (ConnectionRefusedError, ConnectionResetError):  # the listener was gone before the last one came, or as it came
                self.assertEqual(what, "die")
            if what == "die":
                wait_until(lambda: not listening(server.port), "the listener is gone")
            before = cpu_seconds(pid)
            if what == "spin":
                wait_until(lambda: cpu_seconds(pid) > before + 0.2, "it spins")
            else:
                let_pass(1)
                self.assertLess(cpu_seconds(pid) - before, 0.05, what)
            for peer in peers:
                peer.close()
            try:
                with server.connect() as peer:
                    peer.sendall(b"x")
                    again = peer.recv(1) == b"x"
            except ConnectionError:
                again = False
            self.assertEqual(again, serves_again, what)
            self.assertEqual(server.stop()[0], 0)


if __name__ == "__main__":
    unittest.main()
