"""The programs as a user meets them: help, arguments, errors, signals."""

import os
import resource
import signal
import socket
import subprocess
import unittest

from programs import DEADLINE, Server, cpu_seconds, let_pass, next_line, program, run

SERVERS = ["article_server", "echo_server", "message_server", "posix_echo_server"]
LOOPING = ["echo_server", "message_server", "posix_echo_server"]


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


class Arguments(unittest.TestCase):
    def test_help_names_every_option_and_exits_with_0(self):
        for name in SERVERS + ["echo_client"]:
            done = run(program(name), "--help")
            self.assertEqual((done.returncode, done.err), (0, ""), name)
            self.assertIn("--connect" if name == "echo_client" else "--listen", done.out)

    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        for wrong in (["--listen", "x"], ["--listen", "a:70000"], ["--no-such"], ["--listen"]):
            for name in SERVERS:
                done = run(program(name), *wrong)
                self.assertEqual(done.returncode, 2, (name, wrong))
                self.assertRegex(done.err, rf"\A{name}: [^\n]+\n\Z")
                self.assertEqual(done.out, "")

    def test_a_port_in_use_is_one_line_that_names_it_and_exit_code_1(self):  # F12
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for name in SERVERS:
                done = run(program(name), "--listen", address)
                self.assertEqual(done.returncode, 1, name)
                self.assertEqual(done.err, f"{name}: bind {address}: Address already in use\n")

    def test_an_unreachable_server_is_one_line_and_exit_code_1(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            address = f"127.0.0.1:{gone.getsockname()[1]}"
        done = run(program("echo_client"), "--connect", address, "hello")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.err, f"echo_client: connect {address}: Connection refused\n")

    def test_an_unknown_host_is_one_line_that_names_it(self):
        done = run(program("echo_client"), "--connect", "no-such-host.invalid:1", "hello")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.err, r"\Aecho_client: resolve no-such-host\.invalid: [^\n]+\n\Z")


class Signals(unittest.TestCase):
    def test_sigterm_and_sigint_end_a_waiting_server_with_0(self):
        for name in LOOPING:
            for how in (signal.SIGTERM, signal.SIGINT):
                server = Server(program(name))
                self.assertEqual(server.stop(how)[0], 0, (name, how))

    def test_sigterm_ends_a_server_with_a_silent_client(self):
        for name in LOOPING:
            server = Server(program(name))
            with server.connect():
                self.assertEqual(server.stop()[0], 0, name)

    def test_a_server_restarts_at_once_on_its_port(self):  # F13
        with Server(program("echo_server")) as first:
            address = first.address
            with first.connect() as peer:
                peer.sendall(b"x")
                self.assertEqual(peer.recv(1), b"x")
                first.stop()
        for _ in range(10):
            with Server(program("echo_server"), listen=address):
                pass


class Shortage(unittest.TestCase):
    def test_without_descriptors_the_server_waits_and_then_serves(self):  # F03
        for name in ("echo_server", "posix_echo_server"):
            with Server(program(name)) as server:
                pid = server.process.pid
                _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
                used = len(os.listdir(f"/proc/{pid}/fd"))
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
                # An accept(2) that already waits has its descriptor: the first client may still be served.
                server.connect().close()
                line = next_line(server.process.stderr)
                self.assertEqual(line, "accept: Too many open files; trying again in 100 ms\n")
                before = cpu_seconds(pid)
                with server.connect():  # its accept fails for as long as nothing is free
                    let_pass(1)
                    self.assertLess(cpu_seconds(pid) - before, 0.05, name)
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
                with server.connect() as peer:
                    peer.sendall(b"served again")
                    self.assertEqual(peer.recv(100), b"served again")


class Addresses(unittest.TestCase):
    def test_ipv6_serves_where_the_system_has_it(self):  # F14
        if not has_ipv6():
            self.skipTest("this system has no IPv6 on loopback")
        with Server(program("echo_server"), host="::1") as server:
            self.assertTrue(server.first.startswith("listening on [::1]:"))
            done = run(program("echo_client"), "--connect", server.address, "over", "six")
            self.assertEqual((done.returncode, done.out), (0, "over six\n"))

    def test_without_ipv6_the_address_is_refused_in_one_line(self):  # F14
        inside = ["unshare", "--user", "--map-root-user", "--net"]
        if run(*inside, "true").returncode:
            self.skipTest("this system allows no user namespaces")
        done = run(*inside, program("echo_server"), "--listen", "[::1]:0")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.err, "echo_server: bind [::1]:0: Cannot assign requested address\n")

    def test_the_unspecified_ipv6_address_serves_ipv4_clients_where_the_system_maps_them(self):  # F14
        with open("/proc/sys/net/ipv6/bindv6only", encoding="ascii") as setting:
            if not has_ipv6() or setting.read().strip() != "0":
                self.skipTest("this system keeps IPv4 and IPv6 apart (net.ipv6.bindv6only)")
        with Server(program("echo_server"), host="::") as server:
            done = run(program("echo_client"), "--connect", f"127.0.0.1:{server.port}", "mapped")
            self.assertEqual((done.returncode, done.out), (0, "mapped\n"))


class Client(unittest.TestCase):
    def test_standard_input_of_any_size_comes_back_unchanged(self):
        data = os.urandom(1_000_003)
        with Server(program("echo_server")) as server:
            done = run(program("echo_client"), "--connect", server.address, stdin=data)
            self.assertEqual((done.returncode, done.err), (0, ""))
            self.assertTrue(done.stdout == data)

    def test_messages_come_back_from_the_message_server(self):
        with Server(program("message_server")) as server:
            done = run(program("echo_client"), "--connect", server.address, "--messages", "hello")
            self.assertEqual((done.returncode, done.out), (0, "hello\n"))

    def test_a_pause_of_standard_input_is_not_the_servers_silence(self):
        with Server(program("echo_server")) as server:
            client = subprocess.Popen([program("echo_client"), "--connect", server.address, "--idle", "1s"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            client.stdin.write(b"one\n")
            client.stdin.flush()
            self.assertEqual(next_line(client.stdout), "one\n")
            let_pass(1.5)
            out, err = client.communicate(b"two\n", timeout=DEADLINE)
            self.assertEqual((client.returncode, out, err), (0, b"two\n", b""))

    def test_a_refusal_is_one_line_with_the_servers_reason(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            import threading

            def refuse():
                peer, _ = listener.accept()
                with peer:
                    peer.recv(4096)
                    peer.sendall(b"nonsense, not a frame")
            thread = threading.Thread(target=refuse)
            thread.start()
            done = run(program("echo_client"), "--connect",
                       f"127.0.0.1:{listener.getsockname()[1]}", "--messages", "hello")
            thread.join(DEADLINE)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.err, r"\Aecho_client: [^\n]*not a frame[^\n]*\n\Z")

    def test_timed_round_trips_are_one_json_object(self):
        import json
        with Server(program("echo_server")) as server:
            done = run(program("echo_client"), "--connect", server.address, "--round-trips", "10",
                       "--json")
            self.assertEqual(set(json.loads(done.out)),
                             {"bytes", "round_trips", "median_us", "p99_us", "max_us"})


if __name__ == "__main__":
    unittest.main()
