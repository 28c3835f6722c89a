"""Folders: their modes and times arrive, whenever the line is cut."""

import os
import socket
import struct
import threading
import unittest

from files import FilesTest
from transfer import ACK, END

OLD = 1_400_000_000_000_000_000  # nanoseconds


class CutBeforeTheEnd:
    """A proxy that keeps the client's first `end` back, and cuts the line when more entries than `most` are acknowledged."""

    def __init__(self, port, most):
        self.target, self.most, self.has_cut = port, most, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets, self.threads = [], [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # close() alone ends no accept()
        for thread in self.threads:
            thread.join(10)
        for one in [self.listener, *self.sockets]:
            one.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [client, server]
            for source, other in ((client, server), (server, client)):
                self.threads.append(threading.Thread(target=self.carry, args=(source, other, source is client),
                                                     daemon=True))
                self.threads[-1].start()

    def carry(self, source, other, is_clients):
        with source.makefile("rb") as stream:
            try:
                while len(header := stream.read(12)) == 12:
                    payload = stream.read(struct.unpack(">I", header[4:8])[0])
                    if is_clients and header[3] == END and not self.has_cut:
                        continue
                    other.sendall(header + payload)
                    if header[3] == ACK and not self.has_cut and struct.unpack(">QQ", payload)[0] > self.most:
                        self.has_cut = True
                        source.shutdown(socket.SHUT_RDWR)
                        other.shutdown(socket.SHUT_RDWR)
                other.shutdown(socket.SHUT_WR)
            except OSError:
                pass


class Folders(FilesTest):
    def test_folders_that_were_acknowledged_before_a_cut_have_their_modes_and_times(self):  # F42
        source, count = self.base / "things", 10
        for i in range(count):
            (source / f"{i}").mkdir(parents=True)
        for path in [*source.iterdir(), source]:
            path.chmod(0o750)
            os.utime(path, ns=(OLD, OLD))
        with self.serve("--no-fsync") as server, CutBeforeTheEnd(server.port, count + 1) as line:
            report = self.put(line, source, "--without", "group")  # so that each is acknowledged
            self.assertTrue(line.has_cut)
        self.assertEqual((report["entries"], report["retries"]), (count + 1, 1))
        for path in [self.root / "things", *(self.root / "things").iterdir()]:
            facts = path.stat()
            self.assertEqual((facts.st_mode & 0o777, facts.st_mtime_ns), (0o750, OLD), path)


if __name__ == "__main__":
    unittest.main()
