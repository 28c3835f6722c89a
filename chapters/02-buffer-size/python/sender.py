"""Sends a stream as the article does, 128 KiB a call. sender.cpp is its twin."""

import argparse
import json
import socket
import struct
import sys
import time

MESSAGE = b"sixteen bytes..."
DATA = MESSAGE * 8192


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--idle", type=float, default=30, metavar="SECONDS", help="give up when the receiver keeps a call waiting this long")
    parser.add_argument("--count", type=int, default=1000, metavar="N", help="how often to send the 128 KiB")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)

    with socket.create_connection((host, int(port))) as peer:
        # By the kernel: settimeout() adds a poll(2) to each call, which would be measured too.
        wait = struct.pack("ll", int(chosen.idle), int(chosen.idle % 1 * 1_000_000))
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
        cpu = time.process_time_ns()
        try:
            for _ in range(chosen.count):
                peer.sendall(DATA)
        except BlockingIOError:
            sys.exit(f"{parser.prog}: {chosen.connect}: nothing was taken for {chosen.idle:g} s")
        print(json.dumps({"bytes": chosen.count * len(DATA), "calls": chosen.count,
                          "cpu_ns": time.process_time_ns() - cpu}))


if __name__ == "__main__":
    main()
