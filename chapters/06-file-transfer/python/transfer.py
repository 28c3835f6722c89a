"""The file transfer's protocol in Python, small files and large: put, get and list, blocks compressed.

protocol.hpp and records.hpp say what it speaks. It waits for each answer and writes what it gets at once.
"""

import argparse
import hashlib
import os
import socket
import struct
import uuid
import zlib
from pathlib import Path

HEADER = struct.Struct(">HBBII")  # magic, version, type, payload length, CRC-32
BLOCK, END, ERROR, HELLO, PUT, GET, LIST, ASK, ANSWER, ACK, ENTRIES, PROBLEM, WORKING = 1, 2, 3, *range(16, 26)
COMPARE, THERE, COMPARED, REMOVE, REMOVED = range(26, 31)
ENTRY = struct.Struct(">BHqQQH")  # kind, mode, modified, size, offset, length of the path
FOUND = struct.Struct(">BHqQHH")  # kind, mode, modified, size, bytes of the path before, length of the rest
NAME_SPACE = uuid.UUID("5ea13c0b-8d27-4f96-a27d-31c4906ef815")
BLOCK_SIZE = 256 * 1024


def frame(kind, payload=b""):
    start = HEADER.pack(0x534D, 1, kind, len(payload), 0)[:8]
    return start + struct.pack(">I", zlib.crc32(payload, zlib.crc32(start))) + payload


def hello(version=1, without=0, can=0):
    return frame(HELLO, struct.pack(">HII", version, without, can))


def block(content, level=6):
    deflated = zlib.compress(content, level)
    smaller = len(deflated) < len(content)
    return frame(BLOCK, struct.pack(">BI", smaller, len(content)) + (deflated if smaller else content))


def entry(path, size, offset=0, kind="f", mode=0o644, modified_ns=0):
    name = path if isinstance(path, bytes) else os.fsencode(path)
    return b"E" + ENTRY.pack(ord(kind), mode, modified_ns, size, offset, len(name)) + name


def file_records(path, content, offset=0):
    """A whole file's records; the content must fit into a block."""
    body = content[offset:]
    piece = b"C" + struct.pack(">I", len(body)) + body if body else b""
    return entry(path, len(content), offset) + piece + b"Z" + struct.pack(">I", zlib.crc32(content))


def paths(*names):
    return struct.pack(">I", len(names)) + b"".join(struct.pack(">H", len(n)) + n for n in map(os.fsencode, names))


def tree_sum(entries):
    """How many (path, size, kind, mode, modified_ns) there are, and the two sums of their hashes."""
    sums = [0, 0]
    for path, size, kind, mode, modified_ns in entries:
        named = struct.pack(">BHqQ", ord(kind), mode, modified_ns, size) + os.fsencode(path)
        digest = hashlib.sha1(NAME_SPACE.bytes + named).digest()[:16]
        for i, half in enumerate(struct.unpack(">QQ", uuid.UUID(bytes=digest, version=5).bytes)):
            sums[i] = (sums[i] + half) % (1 << 64)
    return len(entries), *sums


class Told(Exception):
    """The server's error frame: a code and a text."""


def code_and_text(payload):
    return struct.unpack(">H", payload[:2])[0], payload[2:].decode()


class Server:
    def __init__(self, host, port, timeout=20, greeting=hello()):
        self.peer = socket.create_connection((host, port), timeout=timeout)
        self.stream = self.peer.makefile("rb")
        self.problems = []  # (code, text) of what was left out
        self.peer.sendall(greeting)
        self.greeting = self.receive(HELLO)

    def send(self, *frames):
        self.peer.sendall(b"".join(frames))

    def receive(self, *expected):
        """The payload of the next frame; or, of several types, (type, payload)."""
        header = self.stream.read(HEADER.size)
        if len(header) < HEADER.size:
            raise EOFError("the stream ended")
        _, _, kind, length, crc = HEADER.unpack(header)
        payload = self.stream.read(length)
        assert zlib.crc32(payload, zlib.crc32(header[:8])) == crc
        if kind == ERROR:
            raise Told(*code_and_text(payload))
        if kind == WORKING and WORKING not in expected:
            return self.receive(*expected)
        if kind == PROBLEM and PROBLEM not in expected:  # of one file; the rest follows
            self.problems.append(code_and_text(payload))
            return self.receive(*expected)
        assert kind in expected, kind
        return payload if len(expected) == 1 else (kind, payload)

    def put(self, path, content):
        self.send(frame(PUT))
        start = entry(path, len(content))
        for at in range(0, len(content), BLOCK_SIZE // 2):
            piece = content[at:at + BLOCK_SIZE // 2]
            self.send(block(start + b"C" + struct.pack(">I", len(piece)) + piece))
            start = b""
        self.send(block(start + b"Z" + struct.pack(">I", zlib.crc32(content))), frame(END, struct.pack(">QQ", 1, len(content))))
        return self.finish_put()

    def finish_put(self):
        """Waits until all is safe; the numbers of entries and bytes that are."""
        while True:
            kind, payload = self.receive(ACK, END)
            if kind == END:
                return struct.unpack(">QQ", payload)

    def get(self, *names, level=6):
        """The files below some paths, as a dictionary."""
        self.send(frame(GET, paths(*names) + struct.pack(">IB", 0, level)))
        found, path = {}, None
        while True:
            kind, payload = self.receive(BLOCK, END)
            if kind == END:
                return found
            codec, size = struct.unpack_from(">BI", payload)
            content = zlib.decompress(payload[5:]) if codec else payload[5:]
            assert len(content) == size
            while content:
                record, content = content[:1], content[1:]
                if record == b"E":
                    what, *_, length = ENTRY.unpack_from(content)
                    path, content = os.fsdecode(content[ENTRY.size:ENTRY.size + length]), content[ENTRY.size + length:]
                    if what == ord("f"):
                        found[path] = b""
                elif record == b"C":
                    length, = struct.unpack_from(">I", content)
                    found[path] += content[4:4 + length]
                    content = content[4 + length:]
                else:
                    assert record == b"Z" and zlib.crc32(found[path]) == struct.unpack_from(">I", content)[0]
                    content = content[4:]

    def compare(self, names, entries):
        """None when the server has these entries below some paths, and no others; else what it has."""
        self.send(frame(COMPARE, paths(*names) + struct.pack(">QQQ", *tree_sum(entries))))
        found = []
        while True:
            kind, payload = self.receive(THERE, COMPARED)
            if kind == COMPARED:
                same, listed, _ = struct.unpack(">BQQ", payload)
                assert listed == len(found)
                return None if same else found
            at, path = 4, b""
            for _ in range(struct.unpack_from(">I", payload)[0]):
                what, mode, modified_ns, size, kept, length = FOUND.unpack_from(payload, at)
                at += FOUND.size + length
                path = path[:kept] + payload[at - length:at]
                found.append((os.fsdecode(path), size, chr(what), mode, modified_ns))

    def list(self):
        """(path, size) of all files and folders."""
        self.send(frame(LIST))
        found = []
        while True:
            kind, payload = self.receive(ENTRIES, END)
            if kind == END:
                return found
            count, at = struct.unpack_from(">I", payload)[0], 4
            for _ in range(count):
                _, _, _, size, _, length = ENTRY.unpack_from(payload, at)
                at += ENTRY.size + length
                found.append((os.fsdecode(payload[at - length:at]), size))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("command", choices=["put", "get", "list"])
    parser.add_argument("path", nargs="*")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)
    server = Server(host, int(port))
    for path in chosen.path if chosen.command == "put" else []:
        print(*server.put(Path(path).name, Path(path).read_bytes()))
    if chosen.command == "get":
        for path, content in server.get(*chosen.path).items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content)
    for path, size in server.list() if chosen.command == "list" else []:
        print(size, path)


if __name__ == "__main__":
    main()
