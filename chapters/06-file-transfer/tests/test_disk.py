"""The server on a disk that fails, and the order of what it asks of one; each test names its rows."""

import os
import re
import struct
import unittest
from pathlib import Path

from files import FilesTest, part_name
from programs import Server, program, run, wait_until
from transfer import ACK, PUT, Server as Peer, Told, block, file_records, frame

DISK = Path(__file__).parent.parent / "disk"
ALONE = ["unshare", "--user", "--map-root-user", "--mount"]  # with mounts of its own


class Disk(FilesTest):
    def mounted(self, mount):
        """What stands before a command that is to see another file system somewhere."""
        if run(*ALONE, "sh", "-c", f"{mount} && true").returncode != 0:
            self.skipTest("no user and mount namespace here")
        return [*ALONE, "sh", "-c", f'{mount} && exec "$@"', "program"]

    def ended(self, log):
        """The trace of a server that has ended."""
        wait_until(lambda: "+++ exited" in log.read_text().splitlines()[-1], "the trace is complete")
        return log.read_text().splitlines()

    def traced(self, *options):
        """A server under strace, which notes what it does to files and sockets."""
        command, log = self.strace("-e", "trace=renameat,fsync,sendmsg,sendto", *options)
        return Server(*command, program("file_server"), "--root", self.root), log

    def test_safe_on_the_disk_comes_before_the_name_and_the_name_before_the_word(self):  # F41
        server, log = self.traced()
        with server:
            Peer("127.0.0.1", server.port).put("a", b"hello")
        order = []
        for line in self.ended(log):
            for call in ("fsync(", "renameat(", "sendmsg(", "sendto("):
                if call in line and "resumed" not in line:
                    order.append(call.rstrip("("))
        first = order.index("fsync")
        self.assertEqual(order[first:first + 3], ["fsync", "renameat", "fsync"])
        self.assertNotIn("fsync", order[first + 3:])
        self.assertTrue(order[first + 3:] and all(call.startswith("send") for call in order[first + 3:]))

    def test_a_full_disk_is_told_and_the_next_file_fits_again(self):  # F39
        command = self.mounted(f"mount -t tmpfs -o size=1M none '{self.root}'")
        with Server(*command, program("file_server"), "--root", self.root, "--no-fsync") as server:
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

    def test_what_a_failed_fsync_left_is_made_safe_before_it_counts(self):  # F41, F51
        source = self.file("big", 100_000)
        server, log = self.traced("-P", self.root, "-e", "trace=fsync,syncfs", "-e", "inject=fsync:error=EIO:when=1")
        with server:
            for _ in range(33):  # of the folder; each thread for the disk fails once, and there are at most 32
                done = self.client(server, "put", source, "--json", "--retries", "0")
                if done.returncode == 0:
                    break
                self.assertIn("Input/output error", done.err)
                self.assertEqual((self.root / "big").read_bytes(), source.read_bytes())
        self.assertEqual((done.returncode, '"skipped":1' in done.out.replace(" ", "")), (0, True), done.out)
        calls = [line for line in self.ended(log) if re.search(r"(fsync|syncfs).* = ", line)]
        self.assertIn("EIO", calls[0])
        self.assertRegex(calls[-1], "= 0$")

    def test_a_group_is_written_while_the_one_before_it_is_made_safe(self):  # F41
        command, _ = self.strace("-e", "trace=syncfs", "-e", "inject=syncfs:delay_enter=5000000:when=1")
        with Server(*command, program("file_server"), "--root", self.root) as server:
            peer = Peer("127.0.0.1", server.port)
            records = b"".join(file_records(f"f{i}", b"x") for i in range(300))
            peer.send(frame(PUT), block(records))
            wait_until((self.root / part_name("f299")).exists, "the next group is written")
            self.assertFalse((self.root / "f0").exists())
            self.assertEqual(struct.unpack(">QQ", peer.receive(ACK)), (256, 256))  # and nothing more was sent
            self.assertEqual((self.root / "f255").read_bytes(), b"x")

    def test_each_file_system_below_the_root_is_made_safe(self):  # F51
        (self.root / "other").mkdir()
        for name in ("other", "here"):
            for i in range(10):
                self.file(f"{name}/{i}", 10)
        strace, log = self.strace("-y", "-e", "trace=syncfs")
        command = self.mounted(f"mount -t tmpfs none '{self.root}/other'")
        with Server(*strace, *command, program("file_server"), "--root", self.root) as server:
            self.put(server, self.base / "other", self.base / "here")
        synced = re.findall(r"syncfs\(\d+<(.*)>\) += 0", "\n".join(self.ended(log)))
        other = [path for path in synced if path.startswith(f"{self.root}/other")]
        self.assertGreaterEqual(len(other), 2)  # the contents, and the names
        self.assertGreaterEqual(len(synced) - len(other), 2)

    def test_all_that_changes_the_disk_goes_through_one_place(self):  # F51
        changes = (r"(?<!\w)::(fsync|fdatasync|syncfs|rename\w*|unlink\w*|mkdir\w*|f?truncate|f?chmod\w*|futimens|utimensat|"
                   r"p?writev?|link\w*|symlink\w*)\(")
        for source in DISK.glob("*.cpp"):
            if source.name != "disk_calls.cpp":
                self.assertNotRegex(source.read_text(encoding="utf-8"), changes, source.name)


if __name__ == "__main__":
    unittest.main()
