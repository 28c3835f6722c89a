"""What arrives of a reply when the server closes with unread input. measure_closing.cpp measures it."""

import socket
import threading
import time

REQUEST, REPLY = b"q" * 65536, b"r" * 262144


def reply_and_close(listener, drain):
    client, _ = listener.accept()
    with client:
        client.recv(1024)  # the beginning of the request
        client.sendall(REPLY)
        if drain:
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass


def receive_all(peer):
    """How many bytes came, and how it ended."""
    arrived = 0
    try:
        while part := peer.recv(65536):
            arrived += len(part)
    except OSError as error:
        return arrived, error.strerror
    return arrived, "the end"


def main():
    for how, drain in (("closed at once", False), ("drained first", True)):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            peer = socket.create_connection(listener.getsockname())
            peer.sendall(REQUEST)
            server = threading.Thread(target=reply_and_close, args=(listener, drain))
            server.start()
            time.sleep(0.2)  # the client is busy; the reply waits in the buffers of both ends
            with peer:
                arrived, end = receive_all(peer)
            server.join()
        print(f"{how}: {arrived} of {len(REPLY)} bytes, then {end}")


if __name__ == "__main__":
    main()
