"""Clients that no server wants, in one of several ways or in all of them, until a signal ends it.

    attack.py HOST PORT none|come_and_go|reset|slow|illegal|bomb|never_read|mix

Its first line says that it has begun, its last how often it has struck. At most 500 strikes a second, so that it is the
server's work that is measured and not this program's.
"""

import itertools
import os
import signal
import socket
import struct
import sys
import time
import zlib

import transfer

PER_SECOND = 500
AT_ONCE = 8  # slow ones and those who never read: well below the server's limit


class Attack:
    def __init__(self, host, port):
        self.address = host, port
        self.dawdling, self.deaf = [], []  # connections that stay open
        self.count = 0
        zeros = zlib.compress(bytes(64 << 20), 9)  # 64 MiB in 64 KiB
        self.bomb_frame = transfer.frame(transfer.BLOCK, struct.pack(">BI", 1, transfer.BLOCK_SIZE) + zeros)

    def connect(self):
        return socket.create_connection(self.address, timeout=5)

    def come_and_go(self):
        self.connect().close()

    def reset(self):
        peer = self.connect()
        peer.send(transfer.hello())
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    def slow(self):
        """Some connections, and on each a byte of a header now and then."""
        if len(self.dawdling) < AT_ONCE:
            self.dawdling.append(self.connect())
        else:
            peer = self.dawdling.pop(0)
            try:
                peer.send(b"S")
                self.dawdling.append(peer)
            except OSError:
                peer.close()

    def illegal(self):
        peer = self.connect()
        peer.send(transfer.hello() + os.urandom(64))
        peer.close()

    def bomb(self):
        peer = self.connect()
        peer.send(transfer.hello() + transfer.frame(transfer.PUT))
        peer.sendall(self.bomb_frame)
        peer.close()

    def never_read(self):
        """Asks for a large file, and does not take it. Once all are there nothing more is done, and none counted."""
        if not self.deaf:
            transfer.Server(*self.address).put("bait", os.urandom(8 << 20))
        if len(self.deaf) == AT_ONCE:
            return False
        peer = self.connect()
        peer.send(transfer.hello() + transfer.frame(transfer.GET, transfer.paths("bait") + struct.pack(">IB", 0, 0)))
        self.deaf.append(peer)
        return True

    def strike(self, kinds):
        pause = 1 / PER_SECOND
        for kind, due in zip(itertools.cycle(kinds), itertools.count(time.monotonic(), pause)):
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                self.count += getattr(self, kind)() is not False
            except OSError:  # it was thrown out: that is what a server does
                pass


def main():
    host, port, kind = sys.argv[1:]
    attack = Attack(host, int(port))

    def end(*_):
        print(attack.count, flush=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    print("begun", flush=True)
    if kind == "none":
        signal.pause()
    everything = ["come_and_go", "reset", "slow", "illegal", "bomb", "never_read"]
    attack.strike(everything if kind == "mix" else [kind])


if __name__ == "__main__":
    main()
