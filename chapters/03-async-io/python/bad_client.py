"""A client as no server wants it, to try the chapter's servers on.

    silent         connects and says nothing
    drip           sends a message, a byte every tenth of a second
    never-reads    sends messages, and takes none of the answers
    computes       asks computing_server for a computation, ten times

It says how much the server took, the server's last word, and how the connection ended.
"""

import argparse
import select
import socket
import struct
import time
import zlib


def frame(payload):
    """A message of chapter 1: magic, version, type (1: data), length, CRC-32, payload."""
    start = struct.pack(">HBBI", 0x534D, 1, 1, len(payload))
    return start + struct.pack(">I", zlib.crc32(payload, zlib.crc32(start))) + payload


def last_word(answer):
    """The text of the error frame (type 3) in what came: behind its header of 12 bytes and a code of two."""
    at = answer.find(b"SM\x01\x03")
    return answer[at + 14:].decode() if at >= 0 else ""


def silent(peer):
    """Sends nothing."""


def drip(peer):
    for byte in frame(b"a message that takes its time"):
        peer.send(bytes([byte]))
        if select.select([peer], [], [], 0.1)[0]:
            break  # the server has something to say


def never_reads(peer):
    message, taken = frame(bytes(4096)), 0
    while select.select([], [peer], [], 0.5)[1]:  # for half a second nothing more is taken: all buffers are full
        taken += peer.send(message[taken % len(message):], socket.MSG_DONTWAIT)
    print(f"{taken / 2**20:.1f} MiB were taken, and then no more", flush=True)
    lost = select.poll()
    lost.register(peer, select.POLLERR)
    lost.poll()


def computes(peer):
    for _ in range(10):
        peer.sendall(frame(b"compute"))
        peer.recv(4096)
        time.sleep(0.15)
    peer.shutdown(socket.SHUT_WR)


def end_of(peer):
    """What still comes, and how the connection ends."""
    answer = b""
    try:
        while part := peer.recv(65536):
            answer += part
    except ConnectionError as error:
        return answer, error.strerror
    return answer, "end of stream"


def main():
    ways = {"silent": silent, "drip": drip, "never-reads": never_reads, "computes": computes}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=ways)
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as peer:
        start = time.monotonic()
        ways[chosen.way](peer)
        answer, end = end_of(peer)
    if word := last_word(answer):
        print(f"the server says: {word}")
    if chosen.way != "computes":
        print(f"{end} after {time.monotonic() - start:.2f} s")


if __name__ == "__main__":
    main()
