"""Answers requests, client after client; with the option where the article sets it. request_server.cpp is its twin."""

import argparse
import socket

from frames import DATA, encode, payload_of, receive


def answer_requests(client, reply):
    with client, client.makefile("rb") as stream:
        while frame := receive(stream):
            if frame[1] != payload_of(len(frame[1])):
                raise ValueError("a request differs from what a client of this chapter sends")
            client.sendall(encode(DATA, payload_of(reply)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:1234", metavar="HOST:PORT")
    parser.add_argument("--reply-size", type=int, default=4)
    parser.add_argument("--nodelay-listening", action="store_true", help="set TCP_NODELAY on the listening socket")
    chosen = parser.parse_args()
    host, port = chosen.listen.rsplit(":", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if chosen.nodelay_listening:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, int(port)))
        listener.listen()
        print(f"listening on {host}:{listener.getsockname()[1]}", flush=True)
        while True:
            answer_requests(listener.accept()[0], chosen.reply_size)


if __name__ == "__main__":
    main()
