"""Echoes until the end of the stream, client after client. echo_server.cpp is its twin."""

import argparse
import signal
import socket
import sys


def echo_until_end(client):
    while received := client.recv(4096):
        client.sendall(received)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:1234", metavar="HOST:PORT")
    host, port = parser.parse_args().listen.rsplit(":", 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    with socket.create_server((host, int(port))) as listener:
        print(f"listening on {host}:{listener.getsockname()[1]}", flush=True)
        while True:
            client, peer = listener.accept()
            with client:
                try:
                    echo_until_end(client)
                except OSError as error:
                    print(f"{peer[0]}:{peer[1]}: {error}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
