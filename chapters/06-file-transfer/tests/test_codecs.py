"""What compresses the blocks: what a user asks for, what both sides can, and what peers of the first version get."""

import socket
import struct
import threading
import unittest
from contextlib import contextmanager

from files import FilesTest, zstd
from proxy import Proxy
from transfer import BLOCK, END, GET, HEADER, HELLO, PUT, Server as Peer, file_records, frame, hello, paths

RAW, ZLIB, ZSTD = 0, 1, 2
MAGIC = b"\x28\xb5\x2f\xfd"


def first_hello():
    return frame(HELLO, struct.pack(">HI", 1, 0))


def frames(stream):
    """(type, payload) of each whole frame in some bytes."""
    at = 0
    while at + HEADER.size <= len(stream):
        _, _, kind, length, _ = HEADER.unpack_from(stream, at)
        at += HEADER.size + length
        if at <= len(stream):
            yield kind, bytes(stream[at - length:at])


def codecs(stream):
    return [payload[0] for kind, payload in frames(stream) if kind == BLOCK]


class OneServer:
    """A server that takes one put, greets when the first block is there, and keeps what the client says."""

    def __init__(self, first_word):
        self.first_word, self.said = first_word, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join(20)
        self.listener.close()

    def serve(self):
        self.listener.settimeout(20)
        peer, _ = self.listener.accept()
        peer.settimeout(20)
        with peer, peer.makefile("rb") as stream:
            while not self.said or self.said[-1][0] != END:
                _, _, kind, length, _ = HEADER.unpack(stream.read(HEADER.size))
                self.said.append((kind, stream.read(length)))
                if kind == BLOCK and len(self.codecs()) == 1:
                    peer.sendall(self.first_word)
            peer.sendall(frame(END, self.said[-1][1]))
            stream.read()

    def codecs(self):
        return [payload[0] for kind, payload in self.said if kind == BLOCK]


class Codecs(FilesTest):
    def setUp(self):
        super().setUp()
        self.text = self.base / "text"
        self.text.write_bytes(b"".join(b"%d: a line of text, and %d\n" % (i, i * i) for i in range(60_000)))

    @contextmanager
    def line(self, *options):
        with self.serve("--no-fsync", *options) as server, Proxy(("127.0.0.1", server.port), keep=True) as line:
            yield line

    def test_a_put_is_compressed_as_it_is_told(self):
        for codec, level, expected in (("zstd", "3", ZSTD), ("zstd", "9", ZSTD), ("auto", "1", ZSTD), ("zlib", "1", ZLIB),
                                       ("zlib", "9", ZLIB), ("none", "auto", RAW), ("zstd", "off", RAW)):
            with self.line() as line:
                self.put(line, self.text, "--whole", "--codec", codec, "--level", level)
            self.assertEqual((self.root / "text").read_bytes(), self.text.read_bytes())
            first, *rest = codecs(line.said[0])
            self.assertIn(first, {expected, min(expected, ZLIB)})  # the greeting may not have come
            self.assertEqual(set(rest), {expected}, (codec, level))

    def test_a_get_is_compressed_as_it_is_told(self):
        (self.root / "text").write_bytes(self.text.read_bytes())
        for codec, level, expected in (("zstd", "3", ZSTD), ("auto", "9", ZSTD), ("zlib", "3", ZLIB), ("none", "auto", RAW),
                                       ("auto", "off", RAW)):
            with self.line() as line:
                done = self.client(line, "get", "text", "--whole", "--into", self.base, "--codec", codec, "--level", level)
            self.assertEqual(done.returncode, 0, done.err)
            self.assertEqual(set(codecs(line.said[1])), {expected}, (codec, level))
            self.assertEqual((self.root / "text").read_bytes(), self.text.read_bytes())

    def test_what_is_decided_while_it_runs_arrives(self):
        (self.root / "text").write_bytes(self.text.read_bytes())
        for codec in ("auto", "zstd", "zlib"):
            with self.line() as line:
                self.put(line, self.text, "--whole", "--to", codec, "--codec", codec)
                done = self.client(line, "get", "text", "--whole", "--into", self.base, "--codec", codec)
            self.assertEqual(done.returncode, 0, done.err)
            self.assertEqual((self.root / codec / "text").read_bytes(), self.text.read_bytes())
            never = ZLIB if codec == "zstd" else ZSTD
            if codec != "auto":
                self.assertNotIn(never, codecs(line.said[1]))

    def test_without_compression_every_block_is_as_it_is(self):
        with self.line("--without", "compress") as line:
            self.put(line, self.text, "--whole", "--without", "compress")
        self.assertEqual(set(codecs(line.said[0])), {RAW})

    def test_no_codec_has_no_level(self):
        with self.serve() as server:
            done = self.client(server, "put", self.text, "--codec", "none", "--level", "3")
        self.assertEqual((done.returncode, done.err), (2, "file_client: --codec none has no level\n"))

    def test_a_client_of_the_first_version_gets_zlib(self):
        (self.root / "text").write_bytes(self.text.read_bytes())
        for first_word, expected in ((first_hello(), ZLIB), (hello(), ZLIB), (hello(can=1), ZSTD),
                                     (hello(can=0xffffffff), ZSTD)):
            with self.serve() as server:
                peer = Peer("127.0.0.1", server.port, greeting=first_word)
                peer.send(frame(GET, paths("text") + struct.pack(">IB", 0, 6)))
                kind, payload = peer.receive(BLOCK, END)
                while kind == BLOCK:
                    self.assertEqual(payload[0], expected)
                    self.assertEqual(payload[5:9] == MAGIC, expected == ZSTD)
                    kind, payload = peer.receive(BLOCK, END)

    def test_a_server_of_the_first_version_gets_zlib_and_whoever_insists_hears_so(self):
        for codec, remark in (("zstd", "file_client: the server takes no zstd: it gets zlib\n"), ("auto", "")):
            with OneServer(first_hello()) as server:
                done = self.client(server, "put", self.text, "--whole", "--codec", codec, "--level", "6", "--json")
            self.assertEqual((done.returncode, done.err), (0, remark))
            self.assertEqual(set(server.codecs()), {ZLIB})

    def test_a_put_waits_with_its_second_block_for_the_greeting(self):
        with OneServer(hello(can=1)) as server:
            self.put(server, self.text, "--whole", "--level", "3")
        self.assertEqual(server.codecs()[0], ZLIB)
        self.assertGreater(len(server.codecs()), 4)
        self.assertEqual(set(server.codecs()[1:]), {ZSTD})

    def test_zstd_from_a_stranger_arrives(self):
        content = b"x" * 200_000
        records = file_records("a", content)
        head, end = records[:records.index(b"xxxx")], records[-5:]
        with self.serve("--no-fsync") as server:
            peer = Peer("127.0.0.1", server.port)  # whoever opens it need not be told first
            made = (frame(BLOCK, struct.pack(">BI", ZSTD, len(part)) + packed) for part, packed in (
                (head + content, zstd(head, b"x", [100_000, 100_000])), (end, zstd(end))))
            peer.send(frame(PUT), *made, frame(END, struct.pack(">QQ", 1, len(content))))
            self.assertEqual(peer.finish_put(), (1, len(content)))
        self.assertEqual((self.root / "a").read_bytes(), content)


if __name__ == "__main__":
    unittest.main()
