"""Puts one file: the server's Python client, with blocks that threads compress while another is sent."""

import argparse
import collections
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from transfer import BLOCK_SIZE, END, PUT, Server, block, entry, frame

AHEAD = 3  # blocks in the making while one is sent


def pieces(file):
    """The records of a file, read a block at a time."""
    yield entry(file.name, file.stat().st_size)
    checksum = 0
    with file.open("rb") as content:
        while piece := content.read(BLOCK_SIZE - 5):
            checksum = zlib.crc32(piece, checksum)
            yield b"C" + struct.pack(">I", len(piece)) + piece
    yield b"Z" + struct.pack(">I", checksum)


## [overlapped]
def send_blocks(server, pieces):
    with ThreadPoolExecutor(max_workers=2) as pool:
        made = collections.deque()  # futures, the oldest first
        for piece in pieces:  # reads
            made.append(pool.submit(block, piece))  # compresses
            if len(made) > AHEAD:
                server.send(made.popleft().result())  # sends
        while made:
            server.send(made.popleft().result())
## [overlapped]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)
    server = Server(host, int(port))
    server.send(frame(PUT))
    send_blocks(server, pieces(chosen.file))
    server.send(frame(END, struct.pack(">QQ", 1, chosen.file.stat().st_size)))
    print(*server.finish_put())


if __name__ == "__main__":
    main()
