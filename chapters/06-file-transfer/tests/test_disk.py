"""The server on a disk that fails, and the order of what it asks of one; each test names its rows."""

import os
import unittest

from files import FilesTest
from programs import Server, program, run, wait_until
from transfer import Server as Peer, Told


class Disk(FilesTest):
    def traced(self, *options):
        """A server under strace, which notes what it does to files and sockets."""
        command, log = self.strace("-e", "trace=renameat,fsync,sendmsg,sendto", *options)
        return Server(*command, program("file_server"), "--root", self.root), log

    def test_safe_on_the_disk_comes_before_the_name_and_the_name_before_the_word(self):  # F41
        server, log = self.traced()
        with server:
            Peer("127.0.0.1", server.port).put("a", b"hello")
        wait_until(lambda: "+++ exited" in log.read_text().splitlines()[-1], "the trace is complete")
        order = []
        for line in log.read_text().splitlines():
            for call in ("fsync(", "renameat(", "sendmsg(", "sendto("):
                if call in line and "resumed" not in line:
                    order.append(call.rstrip("("))
        first = order.index("fsync")
        self.assertEqual(order[first:first + 3], ["fsync", "renameat", "fsync"])
        self.assertNotIn("fsync", order[first + 3:])
        self.assertTrue(order[first + 3:] and all(call.startswith("send") for call in order[first + 3:]))

    def test_a_full_disk_is_told_and_the_next_file_fits_again(self):  # F39
        alone = ["unshare", "--user", "--map-root-user", "--mount"]
        disk = f"mount -t tmpfs -o size=1M none '{self.root}' && "
        if run(*alone, "sh", "-c", disk + "true").returncode != 0:
            self.skipTest("no user and mount namespace here")
        command = [*alone, "sh", "-c", disk + 'exec "$@"', "server", program("file_server"), "--root", self.root]
        with Server(*command, "--no-fsync") as server:
            self.assertEqual(Peer("127.0.0.1", server.port).put("a", b"old"), (1, 3))
            for _ in range(3):
                for name in ("a", "big"):
                    with self.assertRaises(Told) as caught:
                        Peer("127.0.0.1", server.port).put(name, os.urandom(1_200_000))
                    self.assertEqual(caught.exception.args[0], 209)
                    self.assertIn("No space left", caught.exception.args[1])
            peer = Peer("127.0.0.1", server.port)
            self.assertEqual(peer.get("a"), {"a": b"old"})
            self.assertEqual(peer.put("c", os.urandom(600_000)), (1, 600_000))
            self.assertEqual(sorted(peer.list()), [("a", 3), ("c", 600_000)])
        self.assertEqual(list(self.root.iterdir()), [])  # it was another disk

    def test_a_failing_disk_is_told_and_the_old_file_stays(self):  # F39
        for call in ("fsync", "pwrite64", "renameat"):
            (self.root / "a").write_bytes(b"old")
            server, _ = self.traced("-e", f"trace={call}", "-e", f"inject={call}:error=EIO")
            with server:
                with self.assertRaises(Told) as caught:
                    Peer("127.0.0.1", server.port).put("a", b"hello")
                self.assertEqual(caught.exception.args[0], 209)
            self.assertEqual((self.root / "a").read_bytes(), b"old")


if __name__ == "__main__":
    unittest.main()
