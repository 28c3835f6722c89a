"""Times requests that are written in two parts, or in one. request_client.cpp is its twin."""

import argparse
import json
import socket
import sys
import time

from frames import DATA, HEADER, encode, payload_of, receive


def send(peer, pattern, header, body):
    if pattern == "separate":
        peer.sendall(header)
        peer.sendall(body)
    elif pattern == "joined":
        peer.sendall(header + body)
    else:  # gathered: sendmsg may take a part, which these few bytes never are
        peer.sendmsg([header, body])


def time_requests(peer, pattern, count, size, reply):
    frame = encode(DATA, payload_of(size))
    header, body = frame[:HEADER.size], frame[HEADER.size:]
    times = []
    with peer.makefile("rb") as stream:
        for _ in range(count):
            start = time.perf_counter_ns()
            send(peer, pattern, header, body)
            answer = receive(stream)
            times.append(time.perf_counter_ns() - start)
            if answer != (DATA, payload_of(reply)):
                raise ValueError("a reply differs from what a server of this chapter sends")
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--idle", type=float, default=30, metavar="SECONDS", help="give up when the server keeps a call waiting this long")
    parser.add_argument("--pattern", choices=["separate", "gathered", "joined"], default="separate")
    parser.add_argument("--nodelay", action="store_true", help="set TCP_NODELAY on the connection")
    parser.add_argument("--requests", type=int, default=61)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--reply-size", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    host, port = chosen.connect.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), timeout=chosen.idle) as peer:
            if chosen.nodelay:
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            times = time_requests(peer, chosen.pattern, chosen.requests, chosen.size, chosen.reply_size)
    except TimeoutError:
        sys.exit(f"{parser.prog}: {chosen.connect}: nothing came or was taken for {chosen.idle:g} s")
    others = sorted(times[1:] or times)
    row = {"pattern": chosen.pattern, "requests": len(times), "first_us": times[0] / 1000,
           "median_us": others[len(others) // 2] / 1000}
    print(json.dumps(row) if chosen.json else
          f"first request {row['first_us']:.1f} us, the others {row['median_us']:.1f} us at the median")


if __name__ == "__main__":
    main()
