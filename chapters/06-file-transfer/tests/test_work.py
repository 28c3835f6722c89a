"""Work has an owner, a bound and an end: what one client may cost, how long it keeps a place, how the server stops."""

import itertools
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

from files import FilesTest, descriptors, sanitized, told, zstd
from programs import wait_until
from transfer import (ANSWER, ASK, BLOCK, COMPARE, END, GET, LIST, PUT, REMOVE, WORKING, Server as Peer, Told, block,
                      entry, frame, hello, paths)

HUGE = 1 << 39  # bytes of a sparse file: minutes of reading, at the least


def get(*names, have=b"", held=0, level=0):
    return frame(GET, paths(*names) + struct.pack(">I", held) + have + bytes([level]))


def link(path):
    try:
        return os.readlink(path)
    except FileNotFoundError:  # closed meanwhile
        return ""


def holding(path, size):
    """A statement that size bytes of a file are here already."""
    return struct.pack(">BQIH", 1, size, 1, len(path)) + path


class Work(FilesTest):
    def setUp(self):
        super().setUp()
        self.uploads = itertools.count()

    def huge(self, name="huge"):
        with (self.root / name).open("wb") as file:
            file.truncate(HUGE)

    def endless(self):
        """Requests that read a huge file: a question, a resumed get, a resumed put, which has the file for itself."""
        name = f"huge{next(self.uploads)}"
        self.huge(name)
        return {"ask": frame(ASK, paths("huge")),
                "get": get("huge", have=holding(b"huge", HUGE), held=1),
                "put": frame(PUT) + block(entry(name, HUGE, HUGE) + b"Z" + bytes(4))}

    def served(self, server, within=5 if sanitized() else 1):
        begin = time.monotonic()
        Peer("127.0.0.1", server.port).list()
        self.assertLess(time.monotonic() - begin, within)

    def begun(self, server, request):
        """A client whose request is being worked on: it hears so."""
        peer = Peer("127.0.0.1", server.port)
        peer.send(request)
        self.assertEqual(peer.receive(WORKING), b"")
        return peer


    def place(self, server, greeting=hello()):
        """A client; those before it may not be gone yet."""
        found = []

        def is_in():
            try:
                found.append(Peer("127.0.0.1", server.port, greeting=greeting))
                return True
            except (Told, OSError, EOFError):
                return False
        wait_until(is_in, "a place is free")
        return found[0]


class Slices(Work):
    def test_huge_files_hold_up_nobody_and_their_owners_hear_of_it(self):  # F48
        self.huge()
        with self.serve("--stop", "500ms", "--drain", "200ms") as server:
            busy = [self.begun(server, request) for _ in range(3) for request in self.endless().values()]
            self.served(server)
            self.assertEqual(Peer("127.0.0.1", server.port).put("small", b"x"), (1, 1))
            for peer in busy:
                self.assertEqual(peer.receive(WORKING), b"")  # and go on

    def test_work_ends_with_its_client(self):  # F48
        self.huge()
        with self.serve("--stop", "500ms", "--drain", "200ms") as server:
            busy = [self.begun(server, request) for request in self.endless().values()]
            opened = Path(f"/proc/{server.process.pid}/fd")
            reading = lambda: sum("/huge" in link(one) for one in opened.iterdir())
            self.assertGreater(reading(), 0)
            for peer in busy:
                peer.stream.close()
                peer.peer.close()
            wait_until(lambda: reading() == 0, "nobody reads it any more")

    def many_files(self, name):
        """A put of blocks with thousands of files, each some tenths of a second of work."""
        count = 1500 if sanitized() else 6000
        records = b"".join(entry(f"{name}/{i % 300}", 0) + b"Z" + bytes(4) for i in range(count))
        return frame(PUT) + 3 * block(records)

    def test_blocks_of_many_files_hold_up_nobody_and_no_stop(self):  # F45, F48
        with self.serve("--stop", "100ms", "--drain", "100ms", "--no-fsync") as server:
            busy = [Peer("127.0.0.1", server.port) for _ in range(12)]
            for number, peer in enumerate(busy):
                peer.send(self.many_files(number))
            wait_until(lambda: len(list(self.root.iterdir())) > 4, "they are being written")
            begin = time.monotonic()
            self.assertEqual(Peer("127.0.0.1", server.port).put("small", b"x"), (1, 1))
            self.assertLess(time.monotonic() - begin, 5 if sanitized() else 1)
            begin = time.monotonic()
            self.assertEqual(server.stop()[0], 0)
            self.assertLess(time.monotonic() - begin, 0.2 + (4 if sanitized() else 1))

    def test_names_are_counted_before_anything_is_done(self):  # F48
        many = 16_385
        with self.serve() as server:
            for request in (frame(LIST, struct.pack(">I", 524_286) + bytes(2 * 524_286 - 8)),
                            frame(LIST, struct.pack(">I", many) + bytes(3 * many)),
                            frame(ASK, paths("a", "b", "a")), frame(LIST, paths("", "")),
                            get("x", have=2 * holding(b"x", 5), held=2),
                            frame(COMPARE, paths("a", "b", "a") + bytes(24)),
                            frame(COMPARE, struct.pack(">I", many) + bytes(3 * many + 24)),
                            frame(REMOVE, struct.pack(">I", many) + many * entry("a", 0)[1:]),
                            frame(ASK, struct.pack(">I", 16_000) + b"\0\1a")):
                self.assertEqual(told(server, request)[0], 200)
            peer = Peer("127.0.0.1", server.port)
            peer.send(frame(ASK, paths(*map(str, range(16_384)))))
            found = 0
            while found < 16_384:
                found += struct.unpack_from(">I", peer.receive(ANSWER))[0]
            self.assertEqual(found, 16_384)


class Memory(Work):
    """The bound that the server prints, against what it has held at most; the release build decides."""

    LIMIT = 8

    def peak(self, server):
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024  # MiB

    def deep(self):
        """A folder of the greatest depth, with names that fill a path."""
        at, names = self.root, 0
        while names < 63 and len(str(at.relative_to(self.root))) + 62 < 4000:
            at /= "d" * 60
            names += 1
        os.makedirs(at)

    def largest_requests(self):
        long = [b"%06d" % i + b"n" * 40 for i in range(16_384)]
        listed = struct.pack(">I", len(long)) + b"".join(struct.pack(">H", len(n)) + n for n in long)
        short = b"".join(holding(b"%06d" % i, 1) for i in range(16_384))
        going = struct.pack(">I", 16_384) + b"".join(entry(b"%06d" % i + b"n" * 20, 1)[1:] for i in range(16_384))
        return {"list": frame(LIST, listed), "ask": frame(ASK, listed), "compare": frame(COMPARE, listed + bytes(24)),
                "compare all": frame(COMPARE, paths("") + bytes(24)), "remove": frame(REMOVE, going),
                "get": get("", have=short, held=16_384),
                "put": frame(PUT) + b"".join(
                    block(b"".join(entry(f"{i:06}" + "n" * 200, 1) + b"C" + struct.pack(">I", 1) + b"x" + b"Z" +
                                   struct.pack(">I", 0x8CDC1683) for i in range(at, at + 64)))
                    for at in range(0, 192, 64))}

    def put_of_zstd(self):
        """Blocks that become 256 KiB each, for as long as the file has no end."""
        full = 256 << 10
        records = [entry("endless", (1 << 64) - 1)] + 39 * [b""]
        heads = [start + b"C" + struct.pack(">I", full - len(start) - 5) for start in records]
        return frame(PUT) + b"".join(
            frame(BLOCK, struct.pack(">BI", 2, full) +
                  zstd(head, b"x", [(128 << 10) - len(head), 128 << 10])) for head in heads)

    def test_every_kind_of_request_keeps_the_printed_bound(self):  # F48
        if sanitized():
            self.skipTest("a sanitizer takes memory of its own: the release build measures it")
        self.deep()
        self.file("root/big", 40_000_000)
        with self.serve("--limit", str(self.LIMIT), "--no-fsync", "--write", "20s", "--stop", "100ms", "--drain",
                        "100ms") as server:
            half = struct.pack(">HBBII", 0x534D, 1, LIST, 1 << 20, 0) + bytes((1 << 20) - 1)
            requests = {**self.largest_requests(), "largest frame": half, "half-read": get("big"),
                        "half-read, packed": get("big", level=9), "put of zstd": self.put_of_zstd()}
            for name, request in requests.items():
                before = self.peak(server)
                peers = [self.place(server, hello(can=1)) for _ in range(self.LIMIT)]
                senders = [threading.Thread(target=lambda p=peer: self.send(p, request)) for peer in peers]
                for thread in senders:
                    thread.start()
                for thread in senders:
                    thread.join(20)
                threading.Event().wait(0.5)  # a bound is one-sided: what comes later is missed, and nothing fails
                print(f"{name}: {before:.0f} to {self.peak(server):.0f} MiB")
                for peer in peers:
                    peer.stream.close()
                    peer.peer.close()
            peak = self.peak(server)
            said = server.stop()[2]
        clients, bound = map(int, re.search(r"at most (\d+) clients, .* (\d+) MiB in all", said).groups())
        self.assertEqual(clients, self.LIMIT)
        self.assertLess(peak, bound)

    def send(self, peer, request):
        try:
            peer.send(request)
        except OSError:
            pass

    def test_a_header_alone_takes_no_memory(self):  # F19, F48
        if sanitized():
            self.skipTest("a sanitizer takes memory of its own: the release build measures it")
        with self.serve("--limit", "40", "--stop", "100ms", "--drain", "100ms") as server:
            first = Peer("127.0.0.1", server.port)
            before = self.peak(server)
            peers = [Peer("127.0.0.1", server.port) for _ in range(30)]
            for peer in peers:
                peer.send(struct.pack(">HBBII", 0x534D, 1, LIST, 1 << 20, 0))
            self.assertEqual(first.list(), [])
            self.assertLess(self.peak(server) - before, 15)  # MiB; one for each would be 30


class Places(Work):
    HOLD = ("--limit", "2", "--hold", "300ms", "--drain", "200ms")

    def newcomer(self, server):
        """Whether one more client is served; it leaves again."""
        try:
            peer = Peer("127.0.0.1", server.port)
            peer.peer.close()
            peer.stream.close()
            return True
        except Told as why:
            self.assertEqual(why.args[0], 100)
            return False

    def lost(self, peer):
        """Reads to the error frame that says why the place is gone."""
        with self.assertRaisesRegex(Told, "others wait for this place") as caught:
            while True:
                peer.receive(*range(256))
        self.assertEqual(caught.exception.args[0], 101)

    def test_who_asks_now_and_then_loses_the_place_to_who_waits(self):
        with self.serve(*self.HOLD) as server:
            idle = [Peer("127.0.0.1", server.port) for _ in range(2)]
            idle[0].list()
            wait_until(lambda: self.newcomer(server), "a newcomer has a place")
            gone = [peer for peer in idle if self.ended(peer)]
            self.assertGreaterEqual(len(gone), 1)
            self.lost(gone[0])

    def ended(self, peer):
        peer.peer.settimeout(0.5)
        try:
            return peer.peer.recv(1, socket.MSG_PEEK) != b""
        except TimeoutError:
            return False

    def test_who_sends_byte_by_byte_loses_it(self):
        with self.serve(*self.HOLD) as server:
            slow = [Peer("127.0.0.1", server.port) for _ in range(2)]
            done = threading.Event()

            def dawdle():
                for byte in frame(LIST, paths("a")) * 20:
                    for peer in slow:
                        try:
                            peer.send(bytes([byte]))
                        except OSError:
                            pass
                    if done.wait(0.05):
                        return
            thread = threading.Thread(target=dawdle)
            thread.start()
            wait_until(lambda: self.newcomer(server), "a newcomer has a place")
            done.set()
            thread.join()

    def test_who_takes_nothing_loses_it(self):
        self.file("root/big", 30_000_000)
        with self.serve(*self.HOLD, "--stop", "100ms") as server:
            for _ in range(2):
                Peer("127.0.0.1", server.port).send(get("big"))
            wait_until(lambda: self.newcomer(server), "a newcomer has a place")

    def test_who_loses_it_inside_a_frame_takes_its_memory_along(self):  # F29, F48
        self.file("root/big", 30_000_000)
        with self.serve(*self.HOLD, "--write", "3600s", "--message", "3600s") as server:
            before = descriptors(server)
            stuck = [Peer("127.0.0.1", server.port) for _ in range(2)]
            for peer in stuck:
                peer.send(get("big"))
            served = [self.place(server) for _ in stuck]
            wait_until(lambda: descriptors(server) <= before + len(served), "their sockets and files are closed")
            del stuck

    def test_who_has_a_huge_file_read_again_and_again_loses_it(self):  # F48
        self.huge()
        with self.serve(*self.HOLD, "--stop", "100ms") as server:
            busy = [self.begun(server, frame(ASK, paths("huge")) * 5) for _ in range(2)]
            wait_until(lambda: self.newcomer(server), "a newcomer has a place")
            del busy

    def test_who_has_said_nothing_yet_loses_it_after_a_second(self):
        with self.serve("--limit", "2", "--hold", "60s", "--hello", "60s", "--drain", "200ms") as server:
            silent = [server.connect() for _ in range(2)]
            wait_until(lambda: self.newcomer(server), "a newcomer has a place")
            [peer.close() for peer in silent]

    def test_who_only_says_that_it_is_at_work_keeps_no_file_for_ever(self):  # F47, F48
        begun = block(entry("locked", 10) + b"C" + struct.pack(">I", 3) + b"abc")
        for sign in (frame(WORKING), block(b"C" + bytes(4))):
            with self.serve("--idle", "300ms", "--drain", "100ms", "--no-fsync") as server:
                peer = Peer("127.0.0.1", server.port)
                begin = time.monotonic()
                peer.send(frame(PUT), begun)
                peer.peer.settimeout(0.03)

                def is_told():
                    try:
                        peer.peer.sendall(sign)
                        return peer.peer.recv(12)[3:4] == b"\x03"
                    except TimeoutError:
                        return False
                wait_until(is_told, "it is told that it was idle")
                self.assertGreaterEqual(time.monotonic() - begin, 3)  # ten times as long as a silent one
                self.assertEqual(Peer("127.0.0.1", server.port).put("locked", b"x"), (1, 1))

    def test_who_makes_progress_keeps_it_however_slow(self):
        with self.serve("--limit", "2", "--hold", "1s", "--drain", "200ms", "--no-fsync") as server:
            slow = [Peer("127.0.0.1", server.port) for _ in range(2)]
            for i, peer in enumerate(slow):
                peer.send(frame(PUT), block(entry(f"{i}", 60 * 400)))
            checksum = 0
            for turn in range(60):  # 8 KiB a second, for three seconds
                piece = os.urandom(400)
                checksum = zlib.crc32(piece, checksum)
                for peer in slow:
                    peer.send(block(b"C" + struct.pack(">I", 400) + piece))
                if turn % 12 == 11:
                    self.assertFalse(self.newcomer(server))
                threading.Event().wait(0.05 if not sanitized() else 0.02)
            for peer in slow:
                peer.send(block(b"Z" + struct.pack(">I", checksum)), frame(END, struct.pack(">QQ", 1, 24_000)))
                self.assertEqual(peer.finish_put(), (1, 24_000))


class Stopping(Work):
    """SIGTERM ends it within its deadline whatever the clients do."""

    TIMES = ("--stop", "500ms", "--drain", "300ms", "--no-fsync")
    DEADLINE = 0.8 + (4 if sanitized() else 2)  # and a slice, on a busy machine

    def flood(self, peer):
        def send():
            try:
                while True:
                    peer.peer.sendall(frame(LIST) * 1000)
            except OSError:
                pass
        threading.Thread(target=send, daemon=True).start()

    def clients(self, server):
        """One of each kind."""
        connect = lambda: Peer("127.0.0.1", server.port)
        silent, half, stuck, flooding = connect(), connect(), connect(), connect()
        half.send(b"SM")
        stuck.send(get("big"))
        self.flood(flooding)
        middle = connect()
        middle.send(frame(PUT), block(entry("middle", 100) + b"C" + struct.pack(">I", 5) + b"hello"))
        busy = [self.begun(server, request) for request in self.endless().values()]
        return [silent, half, stuck, flooding, middle, *busy, server.connect()]

    def stop_one(self, results):
        server = self.serve(*self.TIMES)
        try:
            peers = self.clients(server)
            begin = time.monotonic()
            code, _, said = server.stop(signal.SIGTERM)
            results.append((code, time.monotonic() - begin, said))
            del peers
        except BaseException as failed:
            results.append((repr(failed), 0, ""))
            server.process.kill()
            server.process.communicate()

    def test_it_ends_in_time_and_says_what_it_cut_off(self):  # F45, F48
        self.huge()
        self.file("root/big", 30_000_000)
        results = []
        rounds = int(os.environ.get("STOP_ROUNDS", "1"))
        for _ in range(rounds):
            threads = [threading.Thread(target=self.stop_one, args=(results,)) for _ in range(3)]
            [one.start() for one in threads]
            [one.join(60) for one in threads]
        self.assertEqual(len(results), 3 * rounds)
        for code, seconds, said in results:
            self.assertEqual(code, 0, said)
            self.assertLess(seconds, self.DEADLINE)
            self.assertRegex(said, r"stopping: cut off( \d+ (ask|compare|get|list|put),?)+\n")
            self.assertNotIn("canceled", said)  # the system's word for what the stop has done


class SlowLines(Work):
    def test_progress_inside_a_frame_counts(self):
        """A frame that takes longer than --message, at more than 1 KiB a second."""
        content = os.urandom(6000)
        with self.serve("--no-fsync", "--message", "500ms", "--limit", "4") as server:
            peer = Peer("127.0.0.1", server.port)
            peer.send(frame(PUT))
            whole = block(entry("a", len(content)) + b"C" + struct.pack(">I", len(content)) + content + b"Z" +
                          struct.pack(">I", zlib.crc32(content)), level=0)
            begin = time.monotonic()
            for at in range(0, len(whole), 400):
                peer.send(whole[at:at + 400])
                threading.Event().wait(0.1)
            self.assertGreater(time.monotonic() - begin, 1)
            peer.send(frame(END, struct.pack(">QQ", 1, len(content))))
            self.assertEqual(peer.finish_put(), (1, len(content)))


if __name__ == "__main__":
    unittest.main()
