"""The article's server: one client, one receive, one greeting. article_server.cpp is its twin."""

import socket
import sys

host, port = (sys.argv[1:] + ["127.0.0.1", "1234"])[:2]

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen()
    print(f"listening on {host}:{listener.getsockname()[1]}", flush=True)
    client, _ = listener.accept()
    with client:
        request = client.recv(1024)
        client.send(b"Hello from the server\n")
        print(f"received {len(request)} bytes")
