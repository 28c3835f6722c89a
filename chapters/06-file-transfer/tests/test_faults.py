"""The server under the faults of the chapter's table; each test names its rows. A probe is served meanwhile (P4)."""

import os
import re
import resource
import shutil
import signal
import socket
import struct
import threading
import time
import unittest
import zlib

from files import FilesTest, descriptors
from programs import Server, program, run, wait_until
from proxy import reset
from transfer import (ASK, BLOCK, END, ENTRIES, GET, HELLO, LIST, PUT, Server as Peer, Told, block, entry,
                      file_records, frame, hello, paths)

ILLEGAL = b"GET / HTTP/1.1\r\n"


def told(server, *frames, greet=True, half_close=False):
    """The code and text of the error frame that the server answers with, and that the end follows."""
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    with peer, peer.makefile("rb") as stream:
        try:
            peer.sendall((hello() if greet else b"") + b"".join(frames))
            if half_close:
                peer.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        while True:
            header = stream.read(12)
            if len(header) < 12:
                raise AssertionError(f"no error frame, but {header!r}")
            _, _, kind, length, _ = struct.unpack(">HBBII", header)
            payload = stream.read(length)
            if kind == 3:
                assert stream.read() == b""
                return struct.unpack(">H", payload[:2])[0], payload[2:].decode()


class Connections(FilesTest):
    def test_clients_that_come_and_go_cost_nothing(self):  # F01, F02
        with self.serve() as server:
            before = descriptors(server)
            for i in range(300):
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
            for peer in crowd:
                peer.close()
            def served():
                try:
                    return Peer("127.0.0.1", server.port).list() == []
                except (Told, OSError, EOFError):
                    return False
            wait_until(served, "a client is served")

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
            for _ in range(100):
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
        for _ in range(5):
            with self.serve(listen=address) as again:
                Peer("127.0.0.1", again.port).list()
        peer.peer.close()


class Frames(FilesTest):
    def test_any_split_gives_the_same(self):  # F15
        recording = hello() + frame(PUT) + block(file_records("a", b"hello")) + frame(END, struct.pack(">QQ", 1, 5))
        with self.serve("--no-fsync") as server:
            for size in [1, 2, 3, 5, 7, 11, 13, 17, 100]:
                (self.root / "a").unlink(missing_ok=True)
                with server.connect() as peer, peer.makefile("rb") as stream:
                    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    for at in range(0, len(recording), size):
                        peer.sendall(recording[at:at + size])
                    peer.shutdown(socket.SHUT_WR)
                    answer = stream.read()
                self.assertEqual(answer[-16:], struct.pack(">QQ", 1, 5))
                self.assertEqual((self.root / "a").read_bytes(), b"hello")

    def test_lengths_are_judged_before_anything_is_allocated(self):  # F19
        def head(kind, length):
            return struct.pack(">HBBII", 0x534D, 1, kind, length, 0)
        with self.serve() as server:
            for length in (1 << 20 | 1, 1 << 31, (1 << 32) - 1):
                self.assertEqual(told(server, head(GET, length))[0], 3)
            for length in ((256 << 10) + (16 << 10) + 1, 1 << 20):
                self.assertEqual(told(server, frame(PUT), head(BLOCK, length))[0], 3)
            self.assertEqual(told(server, frame(PUT), frame(BLOCK))[0], 200)
            memory = int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{server.process.pid}/status").read()).group(1))
            self.assertLess(memory, 1 << 20)  # KiB

    def test_a_recording_cut_at_every_byte_delivers_nothing(self):  # F21
        recording = frame(PUT) + block(file_records("a", b"hello"))
        with self.serve("--no-fsync") as server:
            for size in range(1, len(recording)):
                if size == len(frame(PUT)):
                    continue
                code, _ = told(server, recording[:size], half_close=True)
                self.assertEqual(code, 5, size)
            self.assertEqual(told(server, recording, half_close=True)[0], 5)
            wait_until(lambda: not list(self.root.iterdir()), "nothing is left")

    def test_other_protocols_are_refused_within_a_frame(self):  # F22
        with self.serve() as server:
            for other in (ILLEGAL, b"\x16\x03\x01\x02\x00\x01", bytes(64), b"SSH-2.0-x\r\n"):
                self.assertIn(told(server, other, greet=False)[0], (1, 2))

    def test_a_frame_in_the_wrong_state_is_refused(self):  # F23
        with self.serve() as server:
            for kind in range(256):
                if kind != HELLO:
                    self.assertIn(told(server, frame(kind), greet=False)[0], (6, 4), kind)
                if kind not in (PUT, GET, LIST, ASK, 3):
                    self.assertEqual(told(server, frame(kind))[0], 6, kind)
                if kind not in (BLOCK, END, 3):
                    self.assertEqual(told(server, frame(PUT), frame(kind))[0], 6, kind)
            self.assertEqual(told(server, hello(version=2), greet=False)[0], 201)

    def test_a_flood_of_empty_blocks_harms_nobody(self):  # F24
        with self.serve("--no-fsync") as server, server.connect() as peer:
            empty = frame(BLOCK, struct.pack(">BI", 0, 0)) * 1000
            flood = threading.Thread(target=lambda: [peer.sendall(empty) for _ in range(10)])
            peer.sendall(hello() + frame(PUT))
            flood.start()
            self.assertEqual(Peer("127.0.0.1", server.port, timeout=2).list(), [])
            flood.join()

    def test_signals_disturb_no_transfer(self):  # F18
        source = self.file("big", 5_000_000)
        with self.serve("--no-fsync") as server:
            ended = threading.Event()
            def disturb():
                while not ended.wait(0.001):
                    os.kill(server.process.pid, signal.SIGUSR1)
            thread = threading.Thread(target=disturb)
            reader = threading.Thread(target=lambda: [None for _ in iter(server.process.stdout.readline, b"")])
            [one.start() for one in (thread, reader)]
            try:
                self.put(server, source)
            finally:
                ended.set()
                thread.join()
            self.assertEqual((self.root / "big").read_bytes(), source.read_bytes())
            server.process.send_signal(signal.SIGTERM)
            reader.join()

class Payloads(FilesTest):
    def test_bad_names_are_told_and_nothing_appears(self):  # F38
        names = ["", "/x", "..", "../x", "a/../../x", ".", "a//b", "a\0b", "x" * 247, ".x.partial", "a/" * 2000 + "a"]
        outside = set(self.base.iterdir())
        with self.serve("--no-fsync") as server:
            for name in names:
                code, text = told(server, frame(PUT), block(file_records(name.encode(), b"x")))
                self.assertEqual(code, 202, name)
                self.assertTrue(text.isprintable())
                if name:
                    self.assertEqual(told(server, frame(GET, paths(name.encode()) + struct.pack(">IB", 0, 0)))[0], 202)
            os.symlink(self.base, self.root / "up")
            self.assertEqual(told(server, frame(PUT), block(file_records("up/x", b"x")))[0], 202)
            self.assertEqual(told(server, frame(GET, paths("up/x") + struct.pack(">IB", 0, 0)))[0], 202)
        self.assertEqual(set(self.base.iterdir()), outside)
        self.assertEqual([p.name for p in self.root.iterdir()], ["up"])

    def test_a_wrong_offset_changes_nothing(self):  # F42
        (self.root / ".a.partial").write_bytes(b"x" * 100_000)
        with self.serve("--no-fsync") as server:
            for offset in (1, 99_999, 100_001):
                code, _ = told(server, frame(PUT), block(entry("a", 200_000, offset)))
                self.assertEqual(code, 205)
            self.assertEqual((self.root / ".a.partial").read_bytes(), b"x" * 100_000)

    def test_a_wrong_checksum_publishes_nothing(self):  # F43
        with self.serve("--no-fsync") as server:
            records = file_records("a", b"hello")[:-1] + b"?"
            self.assertEqual(told(server, frame(PUT), block(records), frame(END, bytes(16)))[0], 206)
            self.assertEqual(list(self.root.iterdir()), [])

    def test_a_file_above_the_limit_is_refused(self):  # F25
        with self.serve("--no-fsync", "--file-limit", "1K") as server:
            self.assertEqual(told(server, frame(PUT), block(entry("a", 1025)))[0], 208)
            endless = entry("a", (1 << 64) - 1) + b"C" + struct.pack(">I", 1000) + bytes(1000)
            more = b"C" + struct.pack(">I", 1000) + bytes(1000)
            self.assertEqual(told(server, frame(PUT), block(endless), block(more))[0], 208)

    def test_compressed_lies_are_refused(self):  # F32, F34, F35
        good = zlib.compress(bytes(100))
        with_dictionary = zlib.compressobj(zdict=b"hello")
        foreign = with_dictionary.compress(b"hello") + with_dictionary.flush()
        bomb = zlib.compress(bytes(50_000_000), 9)
        with self.serve("--no-fsync") as server:
            for size, data in ((100, good[:-1]), (100, good + b"x"), (99, good), (101, good), (5, foreign),
                               (256 << 10, bomb), (50_000_000, bomb), (5, b"hello")):
                code, _ = told(server, frame(PUT), frame(BLOCK, struct.pack(">BI", 1, size) + data))
                self.assertEqual(code, 207, (size, data[:10]))

    def test_two_writers_of_one_file_do_not_mix(self):  # F26
        with self.serve("--no-fsync") as server:
            first = Peer("127.0.0.1", server.port)
            first.send(frame(PUT), block(entry("a", 5)))
            wait_until(lambda: (self.root / ".a.partial").exists(), "it has begun")
            self.assertEqual(told(server, frame(PUT), block(file_records("a", b"other")))[0], 204)
            first.send(block(b"C" + struct.pack(">I", 5) + b"hello" + b"Z" + struct.pack(">I", zlib.crc32(b"hello"))),
                       frame(END, struct.pack(">QQ", 1, 5)))
            self.assertEqual(first.finish_put(), (1, 5))
            self.assertEqual((self.root / "a").read_bytes(), b"hello")


class Load(FilesTest):
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

    def test_many_clients_at_once_are_served_or_told(self):  # F31
        with self.serve("--limit", "50") as server:
            crowd = [server.connect() for _ in range(400)]
            for peer in crowd:
                peer.sendall(hello())
            served = sum(peer.recv(12)[3] == HELLO for peer in crowd)
            self.assertEqual(served, 50)
            for peer in crowd:
                peer.close()


class Disk(FilesTest):
    def traced(self, *options):
        """A server under strace, which notes what it does to files and sockets."""
        libraries = run("ldd", program("file_server")).out
        if "libasan" in libraries or "libtsan" in libraries:
            self.skipTest("strace does not go with the sanitizers; the release build runs this")
        command = ["strace", "-f", "-D", "-o", self.base / "trace", "-e", "trace=renameat,fsync,sendmsg,sendto", *options]
        if shutil.which("strace") is None or run(*command, "true").returncode != 0:
            self.skipTest("strace does not run here")
        return Server(*command, program("file_server"), "--root", self.root), self.base / "trace"

    def test_safe_on_the_disk_comes_before_the_name_and_the_name_before_the_word(self):  # F41
        server, log = self.traced()
        with server:
            Peer("127.0.0.1", server.port).put("a", b"hello")
        wait_until(lambda: "+++ exited" in log.read_text().splitlines()[-1], "the trace is complete")
        order = []
        for line in log.read_text().splitlines():
            for call in ("fsync(", "renameat(", "sendmsg(", "sendto("):
                if call in line and "resumed" not in line:
                    order.append(call.rstrip("("))
        first = order.index("fsync")
        self.assertEqual(order[first:first + 3], ["fsync", "renameat", "fsync"])
        self.assertNotIn("fsync", order[first + 3:])
        self.assertTrue(order[first + 3:] and all(call.startswith("send") for call in order[first + 3:]))

    def test_a_failing_disk_is_told_and_the_old_file_stays(self):  # F39
        for call in ("fsync", "pwrite64", "renameat"):
            (self.root / "a").write_bytes(b"old")
            server, _ = self.traced("-e", f"trace={call}", "-e", f"inject={call}:error=EIO")
            with server:
                with self.assertRaises(Told) as caught:
                    Peer("127.0.0.1", server.port).put("a", b"hello")
                self.assertEqual(caught.exception.args[0], 209)
            self.assertEqual((self.root / "a").read_bytes(), b"old")


if __name__ == "__main__":
    unittest.main()
