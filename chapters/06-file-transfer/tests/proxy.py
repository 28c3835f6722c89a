"""A proxy that does to a connection what networks do, at random and by a seed."""

import random
import select
import socket
import struct
import threading


def reset(peer):
    """Closes with a reset instead of an orderly end."""
    try:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
    except OSError:
        pass


class Fault:
    """What happens to one connection: nothing, or one thing after so many bytes from the client."""

    KINDS = ["none", "reset", "close", "slice", "delay", "slow", "flip", "black hole"]

    def __init__(self, kind="none", after=0):
        self.kind, self.after = kind, after


class Proxy:
    """Listens on `port`, passes everything on to a server, and applies `choose()`'s fault to each connection."""

    def __init__(self, target, choose=Fault, seed=1, keep=False):
        """keep: what passes is kept in `said`, the client's and the server's."""
        self.target, self.choose, self.random = target, choose, random.Random(seed)
        self.keep, self.said = keep, (bytearray(), bytearray())
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stopped = threading.Event()
        self.connections = 0
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.listener.close()
        for thread in self.threads:
            thread.join(10)

    def accept(self):
        while not self.stopped.is_set():
            if not select.select([self.listener], [], [], 0.05)[0]:
                continue
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target, timeout=10)
            except OSError:
                continue
            self.connections += 1
            self.threads.append(threading.Thread(target=self.carry, args=(client, server, self.choose())))
            self.threads[-1].start()

    def carry(self, client, server, fault):
        passed, ended = 0, set()
        with client, server:
            while len(ended) < 2 and not self.stopped.is_set():
                ready, _, _ = select.select([s for s in (client, server) if s not in ended], [], [], 0.05)
                for source in ready:
                    other = server if source is client else client
                    try:
                        data = bytearray(source.recv(64 if fault.kind == "slice" else 65536))
                        if not data:
                            ended.add(source)
                            other.shutdown(socket.SHUT_WR)
                            continue
                        if self.keep:
                            self.said[source is server].extend(data)
                        passed += len(data)
                        if passed > fault.after and self.strike(fault, data, client, server):
                            return
                        other.sendall(data)
                    except OSError:
                        reset(client)
                        reset(server)
                        return

    def strike(self, fault, data, client, server):
        """Does what is to be done; returns whether the connection is over."""
        if fault.kind == "reset":
            reset(client)
            reset(server)
            return True
        if fault.kind == "close":
            return True
        if fault.kind == "black hole":
            self.stopped.wait(3)
            return True
        if fault.kind == "flip":
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
            fault.kind = "none"
        if fault.kind in ("delay", "slow"):
            self.stopped.wait(0.05 if fault.kind == "delay" else 0.005)
            fault.kind = "none" if fault.kind == "delay" else "slow"
        return False
