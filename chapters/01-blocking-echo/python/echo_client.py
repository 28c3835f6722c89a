"""Times round trips of one small message. echo_client.cpp --round-trips is its twin."""

import argparse
import json
import socket
import struct
import sys
import time


def receive_exactly(peer, size):
    parts = bytearray()
    while len(parts) < size:
        part = peer.recv(size - len(parts))
        if not part:
            raise EOFError("the echo ended early")
        parts += part
    return bytes(parts)


def time_round_trips(peer, message, count):
    times = []
    for _ in range(count):
        start = time.perf_counter_ns()
        peer.sendall(message)
        answer = receive_exactly(peer, len(message))
        times.append(time.perf_counter_ns() - start)
        if answer != message:
            raise ValueError("the echo differs from what was sent")
    return times


def bound_waits(peer, seconds):
    # By the kernel: settimeout() adds a poll(2) to each call, which would be measured too.
    wait = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--idle", type=float, default=30, metavar="SECONDS", help="give up when the server keeps a call waiting this long")
    parser.add_argument("--round-trips", type=int, default=1000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--times", action="store_true", help="print every time, in nanoseconds")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port))) as peer:
            bound_waits(peer, chosen.idle)
            cpu = time.process_time_ns()
            times = time_round_trips(peer, b"x" * chosen.size, chosen.round_trips)
            cpu = time.process_time_ns() - cpu
    except BlockingIOError:
        sys.exit(f"{parser.prog}: {chosen.connect}: nothing came or was taken for {chosen.idle:g} s")
    ordered = sorted(times)
    result = {"bytes": chosen.size, "round_trips": len(times), "cpu_ns": cpu,
              "median_us": ordered[len(ordered) // 2] / 1000,
              "p99_us": ordered[len(ordered) * 99 // 100] / 1000}
    if chosen.times:
        result["times_ns"] = times
    print(json.dumps(result))


if __name__ == "__main__":
    main()
