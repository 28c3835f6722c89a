"""What the tests of the programs share: folders, the two programs, a raw connection to the server."""

import json
import os
import random
import shutil
import socket
import struct
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from programs import Server, program, run  # noqa: E402
from transfer import hello  # noqa: E402

ILLEGAL = b"GET / HTTP/1.1\r\n"


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="transfer-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.root = self.base / "root"
        self.root.mkdir()

    def serve(self, *options, **more):
        return Server(program("file_server"), "--root", self.root, *options, **more)

    def client(self, server, command, *arguments, **more):
        port = getattr(server, "port", server)
        return run(program("file_client"), command, "--connect", f"127.0.0.1:{port}", *arguments, **more)

    def strace(self, *options):
        """What stands before a command so that its calls are noted, and the file in which they are."""
        if sanitized():
            self.skipTest("strace does not go with the sanitizers; the release build runs this")
        command = ["strace", "-f", "-D", "-o", self.base / "trace", *options]
        if shutil.which("strace") is None or run(*command, "true").returncode != 0:
            self.skipTest("strace does not run here")
        return command, self.base / "trace"

    def put(self, server, *arguments, **more):
        done = self.client(server, "put", "--json", *arguments, **more)
        self.assertEqual(done.returncode, 0, done.err)
        return json.loads(done.out)

    def file(self, name, size, seed=1):
        """A file of which half compresses."""
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = random.Random(seed).randbytes(size // 2)
        path.write_bytes((noise + b"a line of text\n" * (size // 30 + 1))[:size])
        return path

    def folder(self, name, files=20, seed=1):
        """A folder with an empty file, an empty folder, small and large files."""
        where = self.base / name
        (where / "empty folder").mkdir(parents=True)
        (where / "empty").write_bytes(b"")
        for i in range(files):
            self.file(f"{name}/{'sub/' * (i % 3)}file {i}", 37 * i * i + (300_000 if i == 7 else 0), seed + i)
        return where

    def assert_same(self, one, other):
        names = {p.relative_to(one) for p in one.rglob("*")}
        self.assertEqual(names, {p.relative_to(other) for p in other.rglob("*")})
        for name in names:
            if (one / name).is_file():
                self.assertEqual((one / name).read_bytes(), (other / name).read_bytes(), name)


def part_name(name):
    """The name under which a file of this name arrives: FNV-1a, 128 bits."""
    value = 0x6c62272e07bb014262b821756295c58d
    for byte in os.fsencode(name):
        value = (value ^ byte) * ((1 << 88) + 0x13b) % (1 << 128)
    return f".{value:032x}.sockets-measured-part"


def zstd(content, fill=b"", times=(), size=None):
    """A frame of zstd that nothing has compressed (RFC 8878, 3.1.1): some bytes as they are, then one byte so many times."""
    blocks = [content] + [fill] * len(times)
    made = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(content) + sum(times) if size is None else size)
    for number, (block, length) in enumerate(zip(blocks, [len(content), *times])):
        last, repeats = number == len(times), number > 0
        made += struct.pack("<I", length << 3 | repeats << 1 | last)[:3] + block
    return made


def sanitized():
    libraries = run("ldd", program("file_server")).out
    return any(name in libraries for name in ("libasan", "libtsan"))


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


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
