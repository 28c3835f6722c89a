"""The server under faults of connections and of load; each test names its rows. A probe is served meanwhile (P4)."""

import os
import resource
import socket
import struct
import threading
import time
import unittest
from pathlib import Path

from files import ILLEGAL, FilesTest, descriptors, sanitized, told
from programs import Server, program, run, wait_until
from proxy import reset
from transfer import ENTRIES, END, GET, HELLO, LIST, PUT, Server as Peer, Told, block, frame, hello, paths


def processor_seconds(server):
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Connections(FilesTest):
    def test_clients_that_come_and_go_cost_nothing(self):  # F01, F02
        with self.serve() as server:
            before = descriptors(server)
            for i in range(1000):
                peer = server.connect()
                reset(peer) if i % 2 else peer.close()
            self.assertEqual(Peer("127.0.0.1", server.port).list(), [])
            wait_until(lambda: descriptors(server) <= before + 1, "the descriptors are closed")

    def test_it_serves_on_when_descriptors_have_run_out(self):  # F03
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        with self.serve(preexec=few) as server:
            crowd = [server.connect() for _ in range(60)]
            wait_until(lambda: descriptors(server) >= 40, "they have run out")
            before = processor_seconds(server)
            threading.Event().wait(1)
            self.assertLess(processor_seconds(server) - before, 0.2 if sanitized() else 0.05)
            for peer in crowd:
                peer.close()
            def served():
                try:
                    return Peer("127.0.0.1", server.port).list() == []
                except (Told, OSError, EOFError):
                    return False
            wait_until(served, "a client is served")

    def test_an_accept_that_fails_for_others_reasons_ends_nothing(self):  # F49
        texts = {"EPERM": "Operation not permitted", "EHOSTUNREACH": "No route to host", "ENETDOWN": "Network is down",
                 "EPROTO": "", "ECONNABORTED": ""}  # Asio itself tries again after these two
        for error, text in texts.items():
            command, _ = self.strace("-e", "trace=accept", "-e", f"inject=accept:error={error}:when=1")
            server = Server(*command, program("file_server"), "--root", self.root)
            with server.connect(), server:
                self.assertEqual(Peer("127.0.0.1", server.port).list(), [], error)
                said = server.stop()[2]
            self.assertIn(f"accept: {text}; trying again in 100 ms\n" if text else "", said)

    def test_an_accept_that_always_fails_does_not_spin(self):  # F49
        command, log = self.strace("-e", "trace=accept", "-e", "inject=accept:error=EPERM")
        with Server(*command, program("file_server"), "--root", self.root) as server, server.connect():
            wait_until(lambda: log.read_text().count("EPERM") >= 2, "it tries again")
            before = log.read_text().count("EPERM")
            threading.Event().wait(1)
            self.assertLess(log.read_text().count("EPERM") - before, 15)
            said = server.stop()[2]
        self.assertEqual(said.count("Operation not permitted"), 1)

    def test_a_log_that_cannot_be_written_ends_nothing(self):  # F50
        def full():
            os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
        for broken in (full, lambda: os.close(2)):
            with self.serve(preexec=broken) as server:
                for _ in range(3):
                    self.assertEqual(told(server, ILLEGAL, greet=False)[0], 1)
                self.assertEqual(Peer("127.0.0.1", server.port).list(), [])

    def test_a_thread_that_cannot_be_made_is_named(self):  # F46
        if sanitized():
            self.skipTest("a sanitizer takes address space of its own: the release build runs this")
        few = ["bash", "-c", "ulimit -s 262144 && ulimit -v 655360 && exec \"$@\"", "few"]  # 256 of 640 MiB each
        reason = "start a thread: Resource temporarily unavailable\n"
        done = run(*few, program("file_server"), "--root", self.root, "--listen", "127.0.0.1:0")
        self.assertEqual((done.returncode, done.out, done.err), (1, "", f"file_server: {reason}"))
        with self.serve() as server:
            done = run(*few, program("file_client"), "put", self.file("x", 10), "--connect", server.address)
            self.assertEqual((done.returncode, done.err), (1, f"file_client: {reason}"))

    def test_a_port_in_use_is_one_line_that_names_it(self):  # F12
        with self.serve() as first:
            done = run(program("file_server"), "--root", self.root, "--listen", first.address)
        self.assertEqual((done.returncode, done.out, done.err.count("\n")), (1, "", 1), done.err)
        self.assertIn(first.address, done.err)

    def test_ipv6_serves_where_the_system_has_it_and_is_refused_in_a_line_elsewhere(self):  # F14
        source = self.file("x", 1000)
        done = run(program("file_server"), "--root", self.root, "--listen", "[::2]:0")
        self.assertEqual((done.returncode, done.err.count("\n")), (1, 1), done.err)
        self.assertIn("[::2]", done.err)
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as reason:
            self.skipTest(f"no IPv6: {reason}")
        with self.serve(host="::1") as server:
            done = run(program("file_client"), "put", "--connect", server.address, source)
            self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual((self.root / "x").read_bytes(), source.read_bytes())

    def test_the_limit_is_exact_and_the_rest_are_told(self):  # F05, F31
        with self.serve("--limit", "3") as server:
            inside = [Peer("127.0.0.1", server.port) for _ in range(3)]
            for _ in range(100):
                self.assertEqual(told(server)[0], 100)
            for peer in inside:
                self.assertEqual(peer.list(), [])

    def test_a_half_closed_client_reads_its_whole_answer(self):  # F06
        for i in range(500):
            (self.root / f"file {i}").touch()
        with self.serve() as server:
            peer = Peer("127.0.0.1", server.port)
            peer.send(frame(LIST))
            peer.peer.shutdown(socket.SHUT_WR)
            count = 0
            while (got := peer.receive(ENTRIES, END))[0] == ENTRIES:
                count += struct.unpack_from(">I", got[1])[0]
            self.assertEqual((count, peer.stream.read()), (500, b""))

    def test_a_refused_sender_reads_the_whole_error(self):  # F08
        with self.serve("--drain", "200ms") as server:
            for _ in range(1000):
                code, _ = told(server, ILLEGAL + bytes(1 << 20), greet=False)
                while code == 100:  # others are still drained
                    code, _ = told(server, ILLEGAL + bytes(1 << 20), greet=False)
                self.assertEqual(code, 1)

    def test_a_client_that_never_ends_is_dropped(self):  # F09
        with self.serve("--drain", "100ms") as server:
            before = descriptors(server)
            with server.connect() as peer:
                peer.sendall(ILLEGAL)
                wait_until(lambda: descriptors(server) == before + 1, "it has come")
                wait_until(lambda: descriptors(server) == before, "it is dropped")

    def test_silence_has_its_deadlines(self):  # F10, F11, F27, F28
        with self.serve("--hello", "200ms", "--idle", "400ms", "--message", "300ms") as server:
            begin = time.monotonic()
            self.assertEqual(told(server, greet=False)[0], 101)
            self.assertEqual(told(server)[0], 101)
            self.assertEqual(told(server, frame(PUT))[0], 101)
            self.assertGreaterEqual(time.monotonic() - begin, 1.0)
            self.assertEqual(told(server, frame(PUT), block(os.urandom(1000))[:500])[0], 102)

    def test_the_deadline_is_for_the_whole_message(self):  # F27, F28
        with self.serve("--message", "300ms", "--limit", "60") as server:
            slow = [server.connect() for _ in range(50)]
            begin = time.monotonic()
            for byte in hello():
                for peer in slow:
                    try:
                        peer.sendall(bytes([byte]))
                    except OSError:
                        pass
                self.assertEqual(Peer("127.0.0.1", server.port).list(), [])  # P4
                if time.monotonic() - begin > 0.4:
                    break
            for peer in slow:
                with peer, peer.makefile("rb") as stream:
                    header = stream.read(12)
                    self.assertIn(header[3], (3, HELLO))

    def test_a_restart_takes_the_port_at_once(self):  # F13
        with self.serve() as first:
            address = first.address
            peer = Peer("127.0.0.1", first.port)
        for _ in range(50):
            with self.serve(listen=address) as again:
                Peer("127.0.0.1", again.port).list()
        peer.peer.close()


class Load(FilesTest):
    def allow_descriptors(self, count):
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        if before[1] != resource.RLIM_INFINITY and before[1] < count:
            self.skipTest(f"the system allows {before[1]} descriptors")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], count), before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, before)

    def test_a_client_that_never_reads_is_dropped(self):  # F29
        self.file("root/big", 30_000_000)
        with self.serve("--write", "300ms", "--drain", "100ms") as server:
            before = descriptors(server)
            peer = socket.socket()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.connect(("127.0.0.1", server.port))
            peer.sendall(hello() + frame(GET, paths("big") + struct.pack(">IB", 0, 0)))
            wait_until(lambda: descriptors(server) > before, "it is being served")
            self.assertEqual(len(Peer("127.0.0.1", server.port).list()), 1)
            wait_until(lambda: descriptors(server) <= before + 1, "it is dropped")
            peer.close()

    def test_a_crowd_that_says_nothing_holds_up_nobody(self):  # F31
        self.allow_descriptors(600)
        with self.serve("--limit", "2", "--hold", "60s", "--drain", "30s", "--stop", "100ms") as server:
            inside = [Peer("127.0.0.1", server.port) for _ in range(2)]
            crowd = [server.connect() for _ in range(500)]
            self.assertEqual(told(server)[0], 100)
            inside[0].peer.close()
            inside[0].stream.close()
            wait_until(lambda: self.is_served(server), "a place is free for who speaks")
            for peer in crowd:
                peer.close()
            inside[1].peer.close()
            inside[1].stream.close()

    def is_served(self, server):
        try:
            return Peer("127.0.0.1", server.port).list() == []
        except (Told, OSError, EOFError):
            return False

    def test_many_clients_at_once_are_served_or_told(self):  # F31
        self.allow_descriptors(1200)
        with self.serve("--limit", "50", "--hold", "60s") as server:
            crowd = [server.connect() for _ in range(1000)]
            for peer in crowd:
                peer.sendall(hello())
            served = sum(peer.recv(12)[3] == HELLO for peer in crowd)
            self.assertEqual(served, 50)
            for peer in crowd:
                peer.close()


if __name__ == "__main__":
    unittest.main()
