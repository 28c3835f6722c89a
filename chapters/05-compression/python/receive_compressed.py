"""Receives compressed transfers and prints the length and the CRC-32 of each. compressed_server.cpp is its twin."""

import argparse
import signal
import socket
import struct
import sys
import zlib

from send_compressed import DATA, END, ERROR, MESSAGE, PIECE, frame, receive

BLOCK = 65536

# The codes of zlib/fault.hpp that an error frame carries.
CORRUPT, TOTAL_TOO_LARGE, TRUNCATED, TRAILING, WRONG_CHECKSUM, WRONG_STATE = 50, 52, 53, 54, 55, 57


class Fault(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class TooLarge(Fault):
    def __init__(self):
        super().__init__(TOTAL_TOO_LARGE, "the stream inflates beyond its limit")


## [inflate_bounded]
def inflate_bounded(inflate, data, room):
    """Yields what data inflates to, in pieces; raises at the first byte beyond the room."""
    while data:
        piece = inflate.decompress(data, min(BLOCK, room + 1))
        data = inflate.unconsumed_tail
        if len(piece) > room:
            raise TooLarge
        room -= len(piece)
        yield piece
    if inflate.unused_data:
        raise Fault(TRAILING, "bytes follow the end of the compressed stream")
## [inflate_bounded]


def read_transfer(stream, limit):
    """Yields the data of one transfer; raises Fault for what the peer did wrong."""
    inflate, total = None, 0
    while (received := receive(stream)) and received[0] != END:
        kind, payload = received
        if inflate is None:
            inflate = zlib.decompressobj(-15 if kind == MESSAGE else 15)
        if kind == DATA:
            pieces = [payload]
        elif kind == PIECE:
            pieces = inflate_bounded(inflate, payload, limit - total)
        elif kind == MESSAGE:
            message = b"".join(inflate_bounded(inflate, payload[4:] + b"\0\0\xff\xff", limit - total))
            if struct.unpack(">I", payload[:4])[0] != zlib.crc32(message):
                raise Fault(WRONG_CHECKSUM, "the CRC-32 does not match the inflated message")
            pieces = [message]
        else:
            raise Fault(WRONG_STATE, "a frame of this type is not expected in this transfer")
        for piece in pieces:
            total += len(piece)
            yield piece
    if received is None or (kind == PIECE if inflate else False) and not inflate.eof:
        raise Fault(TRUNCATED, "the compressed stream ended before its end")


def serve_one(peer, limit):
    size, crc = 0, 0
    with peer.makefile("rb") as stream:
        try:
            for piece in read_transfer(stream, limit):
                size, crc = size + len(piece), zlib.crc32(piece, crc)
        except (Fault, ValueError, zlib.error) as fault:
            code = fault.code if isinstance(fault, Fault) else CORRUPT
            peer.sendall(frame(ERROR, struct.pack(">H", code) + str(fault).encode()))
            peer.shutdown(socket.SHUT_WR)
            while stream.read(BLOCK):  # drain, or the error is lost
                pass
            return
        print(f"received {size} bytes, CRC-32 {crc:08x}", flush=True)  # first: who reads the answer may end this program
        peer.sendall(frame(END))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--limit", type=int, default=1 << 30)
    chosen = parser.parse_args()
    host, port = chosen.listen.rsplit(":", 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.create_server((host, int(port))) as listener:
        print(f"listening on {host}:{listener.getsockname()[1]}", flush=True)
        while True:
            peer, _ = listener.accept()
            with peer:
                serve_one(peer, chosen.limit)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
