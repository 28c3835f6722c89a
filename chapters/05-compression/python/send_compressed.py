"""Sends standard input compressed, a piece at a time. compressed_client.cpp is its twin."""

import argparse
import socket
import struct
import sys
import zlib

DATA, END, ERROR, PIECE, MESSAGE = 1, 2, 3, 5, 6
BLOCK = 65536


def frame(kind, payload=b""):
    start = struct.pack(">HBBI", 0x534D, 1, kind, len(payload))
    return start + struct.pack(">I", zlib.crc32(payload, zlib.crc32(start))) + payload


def receive(stream):
    """The next frame as (type, payload); None at the end of the stream."""
    header = stream.read(12)
    if not header:
        return None
    magic, version, kind, length, checksum = struct.unpack(">HBBII", header)
    if magic != 0x534D or version != 1 or length > 1 << 20:
        raise ValueError("not a frame")
    payload = stream.read(length)
    if len(payload) < length or zlib.crc32(payload, zlib.crc32(header[:8])) != checksum:
        raise ValueError("the frame is cut or changed")
    return kind, payload


## [send_streaming]
def send_streaming(peer, source):
    deflate = zlib.compressobj()
    while block := source.read(BLOCK):
        if piece := deflate.compress(block):
            peer.sendall(frame(PIECE, piece))
    peer.sendall(frame(PIECE, deflate.flush()) + frame(END))
## [send_streaming]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--idle", type=float, default=30, metavar="SECONDS", help="give up when the server keeps a call waiting this long")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), timeout=chosen.idle) as peer:
            send_streaming(peer, sys.stdin.buffer)
            with peer.makefile("rb") as stream:
                answer = receive(stream)
    except TimeoutError:
        sys.exit(f"{parser.prog}: {chosen.connect}: nothing came or was taken for {chosen.idle:g} s")
    if answer is None or answer[0] == ERROR:
        sys.exit(answer[1][2:].decode() if answer else "the server left without an answer")


if __name__ == "__main__":
    main()
