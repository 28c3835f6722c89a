"""A server and a client for the tests of netlab: echo.py serve; echo.py say TEXT; echo.py check BYTES."""

import socket
import sys
import threading


def serve():
    with socket.create_server(("0.0.0.0", 1234)) as listener:
        print("listening", flush=True)
        while True:
            peer, _ = listener.accept()
            with peer:
                while part := peer.recv(65536):
                    peer.sendall(part)


def exchange(data):
    """What comes back of some bytes."""
    with socket.create_connection(("server", 1234)) as peer:
        writer = threading.Thread(target=lambda: (peer.sendall(data), peer.shutdown(socket.SHUT_WR)))
        writer.start()
        parts = []
        while part := peer.recv(65536):
            parts.append(part)
        writer.join()
        return b"".join(parts)


def main(what, *rest):
    if what == "serve":
        serve()
    elif what == "say":
        print(exchange(rest[0].encode()).decode())
    else:
        data = bytes(i * 167 % 251 for i in range(int(rest[0])))
        sys.exit(0 if exchange(data) == data else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
