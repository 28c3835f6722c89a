"""Sends a stream as the article does, 128 KiB a call. sender.cpp is its twin."""

import argparse
import json
import socket
import time

MESSAGE = b"sixteen bytes..."
DATA = MESSAGE * 8192


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--count", type=int, default=1000, metavar="N", help="how often to send the 128 KiB")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)

    with socket.create_connection((host, int(port))) as peer:
        cpu = time.process_time_ns()
        for _ in range(chosen.count):
            peer.sendall(DATA)
        print(json.dumps({"bytes": chosen.count * len(DATA), "calls": chosen.count,
                          "cpu_ns": time.process_time_ns() - cpu}))


if __name__ == "__main__":
    main()
