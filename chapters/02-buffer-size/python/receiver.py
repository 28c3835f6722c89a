"""Receives a stream as the article does, up to 8 KiB a call. receiver.cpp is its twin."""

import argparse
import json
import signal
import socket
import sys
import time

MESSAGE = b"sixteen bytes..."
BUFFER_SIZE = 8 * 1024


#! [receive_all]
def receive_all(client, size, into):
    """Receives to the end of the stream; returns the bytes and the calls that it took."""
    expected = MESSAGE * (size // len(MESSAGE) + 2)
    buffer = bytearray(size)
    received = calls = 0
    while True:
        if into:  # one buffer, used again and again
            part, count = buffer, client.recv_into(buffer)
        else:  # a new bytes object for every call
            part = client.recv(size)
            count = len(part)
        if count == 0:
            return received, calls
        start = received % len(MESSAGE)
        if not part.startswith(expected[start:start + count]):
            raise ValueError(f"wrong bytes from {received} on")
        received += count
        calls += 1
#! [receive_all]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--buffer", type=int, default=BUFFER_SIZE, metavar="BYTES")
    parser.add_argument("--into", action="store_true", help="receive into one buffer (recv_into)")
    chosen = parser.parse_args()
    host, port = chosen.listen.rsplit(":", 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    with socket.create_server((host, int(port))) as listener:
        print(f"listening on {host}:{listener.getsockname()[1]}", flush=True)
        while True:
            client, _ = listener.accept()
            with client:
                wall, cpu = time.perf_counter(), time.process_time_ns()
                received, calls = receive_all(client, chosen.buffer, chosen.into)
                print(json.dumps({"bytes": received, "calls": calls,
                                  "seconds": time.perf_counter() - wall,
                                  "cpu_ns": time.process_time_ns() - cpu}), flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
