"""The server under frames, blocks and records that it should not get; each test names its rows."""

import os
import re
import signal
import socket
import struct
import threading
import time
import unittest
import zlib
from pathlib import Path

from files import ILLEGAL, FilesTest, part_name, sanitized, told, zstd
from programs import wait_until
from transfer import (ASK, BLOCK, COMPARE, END, GET, HELLO, LIST, PUT, REMOVE, WORKING, Server as Peer, block, entry,
                      file_records, frame, hello, paths)


def peak_memory(server):
    """In KiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


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
            self.assertEqual(told(server, frame(PUT), frame(BLOCK))[0], 200)
            before = peak_memory(server)
            for length in (1 << 20 | 1, 1 << 31, (1 << 32) - 1):
                self.assertEqual(told(server, head(GET, length))[0], 3)
            for length in ((256 << 10) + (16 << 10) + 1, 1 << 20):
                self.assertEqual(told(server, frame(PUT), head(BLOCK, length))[0], 3)
            if not sanitized():  # which keep what was freed
                self.assertLess(peak_memory(server) - before, 256)

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

    def test_the_log_says_whose_request_it_was_and_what_for(self):
        with self.serve() as server:
            told(server, frame(PUT), block(b"?"))
            told(server, frame(LIST, bytes(3)))
            told(server, frame(PUT), frame(3, b"\0\7" + "\u202e".encode() * 10_000))
            said = server.stop()[2]
        self.assertRegex(said, r"\n127\.0\.0\.1:\d+: put: an unknown record\n")
        self.assertRegex(said, r"\n127\.0\.0\.1:\d+: list: a message is cut short\n")
        self.assertRegex(said, r"\n127\.0\.0\.1:\d+: put: error 7: (\\xe2\\x80\\xae){333}\\xe2\.\.\.\n")

    def test_other_protocols_are_refused_within_a_frame(self):  # F22
        with self.serve() as server:
            for other in (ILLEGAL, b"\x16\x03\x01\x02\x00\x01", bytes(64), b"SSH-2.0-x\r\n"):
                self.assertIn(told(server, other, greet=False)[0], (1, 2))

    def test_a_frame_in_the_wrong_state_is_refused(self):  # F23
        with self.serve() as server:
            for kind in range(256):
                if kind != HELLO:
                    self.assertIn(told(server, frame(kind), greet=False)[0], (6, 4), kind)
                if kind not in (PUT, GET, LIST, ASK, COMPARE, REMOVE, 3):
                    self.assertEqual(told(server, frame(kind))[0], 6, kind)
                if kind not in (BLOCK, END, WORKING, 3):
                    self.assertEqual(told(server, frame(PUT), frame(kind))[0], 6, kind)
            self.assertEqual(told(server, hello(version=2), greet=False)[0], 201)

    def test_a_flood_of_empty_blocks_harms_nobody(self):  # F24
        thousands = 20 if sanitized() else 1000
        with self.serve("--no-fsync") as server:
            peer = Peer("127.0.0.1", server.port)
            empty = frame(BLOCK, struct.pack(">BI", 0, 0)) * 1000
            probes = 0

            def send():
                for _ in range(thousands):
                    peer.send(empty)
                peer.send(frame(END, bytes(16)))
            peer.send(frame(PUT))
            flood = threading.Thread(target=send)
            flood.start()
            while probes == 0 or flood.is_alive():  # a short flood may be sent, and not yet read
                begin = time.monotonic()
                self.assertEqual(Peer("127.0.0.1", server.port).list(), [])
                self.assertLess(time.monotonic() - begin, 5 if sanitized() else 1)  # P4
                probes += 1
                flood.join(0.1)
            self.assertEqual(peer.finish_put(), (0, 0))

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
    def left_out(self, server, records, content=0):
        """The codes of what is told of a put of one file that does not arrive."""
        peer = Peer("127.0.0.1", server.port)
        with peer.peer, peer.stream:
            peer.send(frame(PUT), block(records), frame(END, struct.pack(">QQ", 1, content)))
            self.assertEqual(peer.finish_put(), (1, 0))
        return [code for code, _ in peer.problems]

    def test_bad_names_are_told_and_nothing_appears(self):  # F38
        names = ["", "/x", "..", "../x", "a/../../x", ".", "a//b", "a\0b", "x" * 256, part_name("x"), "a/" * 2000 + "a"]
        outside = set(self.base.iterdir())
        with self.serve("--no-fsync") as server:
            for name in names:
                code, text = told(server, frame(PUT), block(file_records(name.encode(), b"x")))
                self.assertEqual(code, 202, name)
                self.assertTrue(text.isprintable())
                if name:
                    self.assertEqual(told(server, frame(GET, paths(name.encode()) + struct.pack(">IB", 0, 0)))[0], 202)
            os.symlink(self.base, self.root / "up")
            self.assertEqual(self.left_out(server, file_records("up/x", b"x"), 1), [202])
            peer = Peer("127.0.0.1", server.port)
            self.assertEqual(peer.get("up/x"), {})
            self.assertEqual([code for code, _ in peer.problems], [202])
        self.assertEqual(set(self.base.iterdir()), outside)
        self.assertEqual([p.name for p in self.root.iterdir()], ["up"])

    def test_a_level_that_is_none_is_the_clients_mistake(self):
        with self.serve() as server:
            for level in (10, 254):
                self.assertEqual(told(server, frame(GET, paths("x") + struct.pack(">IB", 0, level)))[0], 200)

    def test_a_wrong_offset_changes_nothing(self):  # F42
        (self.root / part_name("a")).write_bytes(b"x" * 100_000)
        with self.serve("--no-fsync") as server:
            for offset in (1, 99_999, 100_001):
                self.assertEqual(self.left_out(server, entry("a", 200_000, offset) + b"X"), [205])
            self.assertEqual((self.root / part_name("a")).read_bytes(), b"x" * 100_000)

    def test_a_wrong_checksum_publishes_nothing(self):  # F43
        with self.serve("--no-fsync") as server:
            records = file_records("a", b"hello")[:-1] + b"?"
            self.assertEqual(told(server, frame(PUT), block(records), frame(END, bytes(16)))[0], 206)
            self.assertEqual(list(self.root.iterdir()), [])

    def test_a_file_above_the_limit_is_refused(self):  # F25
        with self.serve("--no-fsync", "--file-limit", "1K") as server:
            self.assertEqual(self.left_out(server, entry("a", 1025) + b"X"), [208])
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
                               (256 << 10, bomb), (50_000_000, bomb), (0, bomb), (1, bomb), (5, b"hello")):
                code, _ = told(server, frame(PUT), frame(BLOCK, struct.pack(">BI", 1, size) + data))
                self.assertEqual(code, 207, (size, data[:10]))

    def test_lies_of_zstd_are_refused(self):  # F32, F34, F35
        good = zstd(b"hello")
        bomb = zstd(b"", fill=b"x", times=[128 << 10] * 400, size=256 << 10)
        with self.serve("--no-fsync") as server:
            for codec, size, data in ((2, 5, good[:-1]), (2, 5, good + b"x"), (2, 4, good), (2, 6, good), (2, 10, 2 * good),
                                      (2, 256 << 10, bomb), (2, 400 << 17, bomb), (2, 0, bomb), (2, 5, b"hello"),
                                      (2, 5, b"\x27" + good[1:]), (2, 5, b"\x50\x2a\x4d\x18\0\0\0\0" + good),
                                      (2, 5, zlib.compress(b"hello")), (1, 5, good), (3, 5, good)):
                code, _ = told(server, frame(PUT), frame(BLOCK, struct.pack(">BI", codec, size) + data))
                self.assertEqual(code, 207, (codec, size, data[:10]))

    def test_two_writers_of_one_file_do_not_mix(self):  # F26
        with self.serve("--no-fsync") as server:
            first = Peer("127.0.0.1", server.port)
            first.send(frame(PUT), block(entry("a", 5)))
            wait_until(lambda: (self.root / part_name("a")).exists(), "it has begun")
            self.assertEqual(self.left_out(server, file_records("a", b"other"), 5), [204])
            first.send(block(b"C" + struct.pack(">I", 5) + b"hello" + b"Z" + struct.pack(">I", zlib.crc32(b"hello"))),
                       frame(END, struct.pack(">QQ", 1, 5)))
            self.assertEqual(first.finish_put(), (1, 5))
            self.assertEqual((self.root / "a").read_bytes(), b"hello")


if __name__ == "__main__":
    unittest.main()
