"""The course's frame in Python: struct and zlib do the work. frame.cpp is its twin."""

import argparse
import socket
import struct
import sys
import zlib

HEADER = struct.Struct(">HBBII")  # magic, version, type, payload length, CRC-32
DATA, END, ERROR = 1, 2, 3


def encode(kind, payload=b""):
    start = HEADER.pack(0x534D, 1, kind, len(payload), 0)[:8]
    return start + struct.pack(">I", zlib.crc32(payload, zlib.crc32(start))) + payload


def receive_exactly(stream, size):
    got = stream.read(size)
    if len(got) < size:
        raise EOFError(f"the stream ended after {len(got)} of {size} bytes")
    return got


def receive(stream):
    """The next frame as (type, payload) from a file made of a socket."""
    header = receive_exactly(stream, HEADER.size)
    magic, version, kind, length, crc = HEADER.unpack(header)
    if (magic, version) != (0x534D, 1) or length > 1 << 20:
        raise ValueError(f"not a frame: {header!r}")
    payload = receive_exactly(stream, length)
    if zlib.crc32(payload, zlib.crc32(header[:8])) != crc:
        raise ValueError("the CRC-32 does not match")
    return kind, payload


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--idle", type=float, default=30, metavar="SECONDS", help="give up when the server keeps a call waiting this long")
    parser.add_argument("message", nargs="+")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), timeout=chosen.idle) as peer, peer.makefile("rb") as stream:
            for message in chosen.message:
                peer.sendall(encode(DATA, message.encode()))
                print(receive(stream)[1].decode())
            peer.sendall(encode(END))
            receive(stream)
    except TimeoutError:
        sys.exit(f"{parser.prog}: {chosen.connect}: nothing came or was taken for {chosen.idle:g} s")


if __name__ == "__main__":
    main()
