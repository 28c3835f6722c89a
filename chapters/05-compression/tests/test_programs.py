"""The programs as a user meets them: help, arguments, errors, files of every kind."""

import json
import os
import socket
import struct
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

from programs import DEADLINE, SANITIZED, Server, let_pass, next_line, program, run

NAMES = ["worked_example", "guess_secret", "make_corpus", "flate", "compressed_server", "compressed_client", "break_even", "bomb"]


class Arguments(unittest.TestCase):
    def test_help_exits_with_0(self):
        for name in NAMES:
            done = run(program(name), "--help")
            self.assertEqual((done.returncode, done.err), (0, ""), name)

    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        for command in (["worked_example", ""], ["guess_secret", "--secret", "xyz"], ["make_corpus", "no-such"],
                        ["flate", "--level", "10"], ["flate", "--format", "rar"], ["compressed_client", "--way", "x"],
                        ["compressed_server", "--limit", "-1"], ["break_even"], ["break_even", "x", "--link", "0mbit"],
                        ["bomb", "--size", "0"]):
            done = run(program(command[0]), *command[1:])
            self.assertEqual((done.returncode, done.out), (2, ""), command)
            self.assertRegex(done.err, rf"\A{command[0]}: [^\n]+\n\Z")


class BreakEven(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, data):
        path = Path(self.folder.name) / name
        path.write_bytes(data)
        return path

    def test_a_file_has_a_row_for_each_codec_and_a_best_level_for_a_link(self):
        text = self.file("text", b"a line of a log, again and again\n" * 3000)
        done = run(program("break_even"), text, "--link", "10mbit")
        self.assertEqual((done.returncode, done.err), (0, ""))
        for level in range(1, 10):
            self.assertIn(f"zlib-{level} ", done.out)
        self.assertRegex(done.out, r"on a link of 10 Mbit/s: plain [0-9.]+ s\n  in turn +\S+ [0-9.e-]+ s\n  overlapped +\S+ ")

    def test_random_bytes_never_pay(self):
        done = run(program("break_even"), self.file("random", os.urandom(100_000)), "--link", "1mbit")
        self.assertEqual(done.returncode, 0)
        self.assertIn("send it plain", done.out)

    def test_without_a_link_one_sentence_says_what_to_do(self):
        done = run(program("break_even"), self.file("text", b"a line of a log, again and again\n" * 3000))
        self.assertRegex(done.out, r"\n\nCompress it on links below \d+ Mbit/s, [^\n]*--link RATE[^\n]*\n\Z")
        done = run(program("break_even"), self.file("random", os.urandom(100_000)))
        self.assertTrue(done.out.endswith("\n\nIt shrinks by hardly anything: send it plain.\n"), done.out)

    def test_an_empty_file_has_a_clear_answer(self):
        empty = self.file("empty", b"")
        done = run(program("break_even"), empty)
        self.assertEqual((done.returncode, done.out), (0, f"{empty}: 0 bytes: there is nothing to compress\n"))

    def test_a_huge_file_is_sampled(self):
        huge = self.file("huge", b"")
        with open(huge, "r+b") as file:
            file.truncate(1 << 40)
        done = run(program("break_even"), huge, "--sample", "64K", "--json")
        result = json.loads(done.out)
        self.assertEqual((result["bytes"], result["sample_bytes"]), (1 << 40, 65536))

    def test_an_endless_device_is_sampled(self):
        done = run(program("break_even"), "/dev/zero", "--sample", "64K")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn("a sample of 65536 bytes", done.out)

    def test_what_cannot_be_read_is_one_line_and_exit_code_1(self):
        missing = Path(self.folder.name) / "missing"
        for path, why in ((missing, f"open {missing}: No such file or directory"),
                          (self.folder.name, f"read {self.folder.name}: Is a directory")):
            done = run(program("break_even"), path)
            self.assertEqual((done.returncode, done.out), (1, ""))
            self.assertEqual(done.err, f"break_even: {why}\n")

    def test_an_unreadable_file_is_one_line_and_exit_code_1(self):
        memory = "/proc/self/mem"  # whoever may open it, nothing is at its beginning
        done = run(program("break_even"), memory)
        self.assertEqual((done.returncode, done.err), (1, f"break_even: read {memory}: Input/output error\n"))


class Flate(unittest.TestCase):
    def test_a_bomb_is_refused_at_the_limit_and_passes_with_one_byte_more(self):  # F32
        bomb = zlib.compress(bytes(1_000_001), 9)
        done = run(program("flate"), "--inflate", "--limit", "1000000", stdin=bomb)
        self.assertEqual((done.returncode, done.err), (1, "flate: the stream inflates beyond its limit: more than 1000000 bytes (--limit)\n"))
        done = run(program("flate"), "--inflate", "--limit", "1000001", stdin=bomb)
        self.assertEqual((done.returncode, len(done.stdout)), (0, 1_000_001))

    def test_what_is_not_whole_is_one_line_and_exit_code_1(self):  # F34
        whole = zlib.compress(b"some text" * 100)
        for data, why in ((whole[:-1], "the compressed stream ended before its end"),
                          (whole + b"x", "bytes follow the end of the compressed stream"),
                          (b"", "the compressed stream ended before its end")):
            done = run(program("flate"), "--inflate", stdin=data)
            self.assertEqual((done.returncode, done.err), (1, f"flate: {why}\n"))


class Transfers(unittest.TestCase):
    def test_a_message_leaves_when_it_is_there(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(DEADLINE)
            client = subprocess.Popen([program("compressed_client"), "--way", "messages", "--connect",
                                       f"127.0.0.1:{listener.getsockname()[1]}"],
                                      stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(client.wait, DEADLINE)
            self.addCleanup(client.kill)
            self.addCleanup(client.stdin.close)
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(DEADLINE)
                client.stdin.write(b"first")
                client.stdin.flush()
                self.assertEqual(peer.recv(3), b"SM\x01")  # and standard input goes on

    def test_a_pause_of_standard_input_is_not_the_servers_silence(self):
        with Server(program("compressed_server")) as server:
            for way in ("messages", "streaming", "overlapped"):
                client = subprocess.Popen([program("compressed_client"), "--connect", server.address, "--way", way,
                                           "--idle", "1s"],
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                client.stdin.write(b"first, ")
                client.stdin.flush()
                let_pass(1.5)
                _, err = client.communicate(b"second", timeout=DEADLINE)
                self.assertEqual((client.returncode, err), (0, b""), way)

    def test_a_connection_that_ends_ends_the_wait_for_a_silent_pipe(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(DEADLINE)
            client = subprocess.Popen([program("compressed_client"), "--connect",
                                       f"127.0.0.1:{listener.getsockname()[1]}"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.addCleanup(client.communicate, timeout=DEADLINE)
            self.addCleanup(client.kill)
            peer, _ = listener.accept()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
            self.assertEqual(next_line(client.stderr), "compressed_client: send: Connection reset by peer\n")
            self.assertEqual(client.wait(DEADLINE), 1)

    def test_a_server_serves_on_after_a_bomb(self):  # F32, P5
        with Server(program("compressed_server"), "--limit", "1M") as server:
            done = run(program("compressed_client"), "--connect", server.address, stdin=bytes(3 << 20))
            self.assertEqual((done.returncode, done.err),
                             (1, "compressed_client: error 52: the stream inflates beyond its limit\n"))
            done = run(program("compressed_client"), "--connect", server.address, "--json", stdin=bytes(1 << 20))
            self.assertEqual(set(json.loads(done.out)), {"bytes", "sent_bytes", "seconds"})

    @unittest.skipIf(SANITIZED, "a sanitizer takes memory of its own")
    def test_a_bomb_costs_a_server_no_memory(self):  # F32
        with Server(program("compressed_server"), "--limit", "1M") as server:
            def resident():
                status = Path(f"/proc/{server.process.pid}/status").read_text()
                return int(status.split("VmHWM:")[1].split()[0])
            before = resident()
            for _ in range(3):
                run(program("compressed_client"), "--connect", server.address, stdin=bytes(50 << 20))
            self.assertLess(resident() - before, 2048)  # KiB: the limit and 1 MiB


if __name__ == "__main__":
    unittest.main()
