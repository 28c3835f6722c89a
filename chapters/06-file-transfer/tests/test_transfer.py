"""The two programs: files there and back, what is acknowledged, what a cut line does."""

import json
import os
import random
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib
from pathlib import Path

from files import FilesTest, part_name
from programs import BIN, Server, program, run, wait_until
from proxy import Fault, Proxy
from transfer import END, PUT, Server as Peer, Told, block, entry, frame

CHAPTER = Path(__file__).parent.parent


class Transfer(FilesTest):
    def test_a_folder_goes_there_and_comes_back(self):
        source = self.folder("things")
        with self.serve() as server:
            report = self.put(server, source, "--compress", "6")
            self.assert_same(source, self.root / "things")
            (self.base / "back").mkdir()
            done = self.client(server, "get", "things", "--into", self.base / "back")
            self.assertEqual(done.returncode, 0, done.err)
            self.assert_same(source, self.base / "back/things")
        self.assertEqual(report["entries"], len(list(source.rglob("*"))) + 1)
        self.assertLess(report["wire_sent_bytes"], report["bytes"])

    def test_what_is_not_here_is_named_with_the_reason(self):
        with self.serve() as server:
            done = self.client(server, "put", self.base / "nothing")
        self.assertEqual((done.returncode, done.err),
                         (1, f'file_client: open "{self.base}/nothing": No such file or directory\n'))

    def test_every_technique_can_be_left_out_alone_and_together(self):
        source = self.folder("things")
        names = "gather,nodelay,overlap,compress,async,buffer,autotune,group,order"
        with self.serve("--no-fsync") as server:
            for i, without in enumerate(names.split(",") + ["all"]):
                self.put(server, source, "--to", f"w{i}", "--without", without)
                self.assert_same(source, self.root / f"w{i}/things")
                (self.base / f"b{i}").mkdir()
                done = self.client(server, "get", f"w{i}/things", "--into", self.base / f"b{i}", "--without", without)
                self.assertEqual(done.returncode, 0, done.err)
                self.assert_same(source, self.base / f"b{i}/things")

    def test_every_level_and_several_connections(self):
        source = self.folder("things")
        with self.serve("--no-fsync") as server:
            for level in ["off", "1", "9", "auto"]:
                self.put(server, source, "--to", level, "--compress", level)
                self.assert_same(source, self.root / level / "things")
            self.put(server, source, "--to", "many", "--connections", "4")
            self.assert_same(source, self.root / "many/things")

    def test_the_lessons_sketch_in_python_puts_a_file_whole(self):
        for size in (0, 1, 3_000_000):
            source = self.file(f"of {size} bytes", size)
            with self.serve("--no-fsync") as server:
                done = run(sys.executable, "-B", CHAPTER / "python/overlapped_put.py", "--connect", f"127.0.0.1:{server.port}", source)
            self.assertEqual((done.returncode, done.out), (0, f"1 {size}\n"), done.err)
            self.assertEqual((self.root / source.name).read_bytes(), source.read_bytes())

    def test_standard_input_and_output(self):
        content = self.file("x", 700_000).read_bytes()
        with self.serve() as server:
            self.put(server, "-", "--to", "piped", stdin=content)
            done = subprocess.run([program("file_client"), "get", "--connect", server.address, "piped", "--into", "-"],
                                  capture_output=True, timeout=20)
        self.assertEqual((done.returncode, done.stdout == content), (0, True), done.stderr)

    def test_the_list_names_everything_once(self):
        self.folder("root/things")
        with self.serve() as server:
            done = self.client(server, "list", "--json")
        listed = [json.loads(line)["path"] for line in done.out.splitlines()]
        self.assertEqual(sorted(listed), sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*")))

    def test_times_and_modes_come_along(self):
        source = self.file("x", 10)
        os.utime(source, ns=(1, 1_234_567_890_123_456_789))
        source.chmod(0o640)
        with self.serve() as server:
            self.put(server, source)
        facts = (self.root / "x").stat()
        self.assertEqual((facts.st_mtime_ns, facts.st_mode & 0o777), (1_234_567_890_123_456_789, 0o640))

    def test_what_is_not_there_is_one_line_and_exit_code_1(self):
        with self.serve() as server:
            for command, path in (("get", "nothing"), ("put", self.base / "nothing"), ("get", "../root")):
                done = self.client(server, command, path)
                self.assertEqual((done.returncode, done.err.count("\n"), done.out), (1, 1, ""), done.err)

    def test_an_address_that_others_reach_needs_a_yes(self):
        done = run(program("file_server"), "--root", self.root, "--listen", "0.0.0.0:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--allow-remote", done.err)

    def test_without_that_yes_nobody_can_come_in_for_a_moment(self):
        command, log = self.strace("-e", "trace=bind,listen")
        run(*command, program("file_server"), "--root", self.root, "--listen", "0.0.0.0:0")
        wait_until(lambda: "+++ exited" in log.read_text(), "the trace is complete")
        self.assertNotIn("bind(", log.read_text())

    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        for name, *wrong in (("file_server",), ("file_server", "--root", "/no/such"), ("file_client",),
                             ("file_client", "put"), ("file_client", "put", "x", "--compress", "10")):
            done = run(program(name), *wrong)
            self.assertEqual((done.returncode, done.err.count("\n"), done.out), (2, 1, ""), done.err)

    def test_a_wrong_technique_is_named(self):
        for command in ("file_client", "list"), ("file_server", "--root", self.root):
            done = run(program(command[0]), *command[1:], "--without", "speed")
            self.assertEqual((done.returncode, done.err.count("\n"), done.out), (2, 1, ""), done.err)
            self.assertIn('"speed" is none of gather,', done.err)


class CutLines(FilesTest):
    def test_a_cut_line_is_taken_up_where_it_was_cut(self):  # F07, F42
        source = self.file("big", 3_000_000)
        faults = [Fault("reset", 1_000_000), Fault("close", 800_000)]
        with self.serve("--no-fsync") as server, Proxy(("127.0.0.1", server.port),
                                                       lambda: faults.pop(0) if faults else Fault()) as line:
            report = self.put(line, source, "--compress", "off")
            self.assertEqual((self.root / "big").read_bytes(), source.read_bytes())
            self.assertEqual(report["retries"], 2)
            self.assertGreater(report["resumed_bytes"], 0)
            faults += [Fault("close", 1_000_000)]
            (self.base / "back").mkdir()
            done = self.client(line, "get", "big", "--into", self.base / "back", "--compress", "off", "--json")
            self.assertEqual(done.returncode, 0, done.err)
            self.assertEqual((self.base / "back/big").read_bytes(), source.read_bytes())
            self.assertLess(json.loads(done.out)["bytes"], 3_000_000)

    def test_small_files_are_taken_up_behind_a_cut(self):  # F42
        source = self.folder("things", files=40)
        size = sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
        with self.serve("--no-fsync") as server:
            self.put(server, source)
            for cut in range(size // 12, size, size // 12):  # files that are whole have no names yet
                faults = [Fault("close", cut), Fault("reset", cut // 2)]
                with Proxy(("127.0.0.1", server.port), lambda: faults.pop(0) if faults else Fault()) as line:
                    into = self.base / f"back{cut}"
                    into.mkdir()
                    done = self.client(line, "get", "things", "--into", into, "--compress", "off", "--no-fsync")
                    self.assertEqual((done.returncode, cut), (0, cut), done.err)
                    self.assert_same(source, into / "things")

    def test_a_line_that_breaks_at_the_greeting_ends_the_client(self):  # F07
        source = self.file("x", 10)
        with self.serve() as server:
            for call in ("put", source), ("get", "nothing"), ("list",):
                command, _ = self.strace("-e", "trace=sendto,sendmsg", "-e", "inject=sendto,sendmsg:error=EPIPE:when=1")
                done = run(*command, program("file_client"), *call, "--connect", server.address,
                           *(("--retries", "0") if call != ("list",) else ()))
                self.assertEqual((done.returncode, done.err), (1, "file_client: send: Broken pipe\n"))

    def test_a_flipped_bit_is_noticed_and_sent_again(self):  # F43
        source = self.file("big", 1_000_000)
        for after in (10, 5_000, 400_000, 900_000):
            faults = [Fault("flip", after)]
            with self.serve("--no-fsync", "--message", "2s") as server, \
                    Proxy(("127.0.0.1", server.port), lambda: faults.pop(0) if faults else Fault(), after) as line:
                done = self.client(line, "put", source, "--compress", "off", "--idle", "3s")
                if done.returncode == 0:
                    self.assertEqual((self.root / "big").read_bytes(), source.read_bytes())
                else:  # a header that became another one is not tried again
                    self.assertIn("error", done.err)
                    self.assertFalse((self.root / "big").exists())
                (self.root / "big").unlink(missing_ok=True)

    def test_a_killed_client_resumes(self):  # F42
        source = self.file("big", 20_000_000)
        with self.serve("--no-fsync") as server:
            with Proxy(("127.0.0.1", server.port), lambda: Fault("slow")) as line:
                killed = subprocess.Popen([program("file_client"), "put", str(source), "--compress", "off",
                                           "--connect", f"127.0.0.1:{line.port}"], stderr=subprocess.DEVNULL)
                part = self.root / part_name("big")
                wait_until(lambda: part.exists() and part.stat().st_size > 1_000_000, "a part arrives")
                killed.kill()
                killed.wait()
            self.assertFalse((self.root / "big").exists())
            report = self.put(server, source, "--resume")
            self.assertGreater(report["resumed_bytes"], 1_000_000 - 1)
            self.assertEqual((self.root / "big").read_bytes(), source.read_bytes())
            self.assertEqual(self.put(server, source, "--resume")["skipped"], 1)

    def test_a_server_killed_at_any_moment_leaves_no_half_file(self):  # F40
        source = self.file("big", 4_000_000)
        moments = random.Random(1)
        for _ in range(20):
            so_far = moments.randrange(4_000_000)
            server = self.serve("--no-fsync")
            (self.root / "big").write_bytes(b"old")
            sending = subprocess.Popen([program("file_client"), "put", str(source), "--retries", "0", "--compress", "off",
                                        "--connect", server.address], stderr=subprocess.DEVNULL)
            part = self.root / part_name("big")
            wait_until(lambda: sending.poll() is not None or size_of(part) > so_far, "the transfer is so far")
            server.process.kill()
            server.process.communicate()
            self.assertIn((self.root / "big").read_bytes(), (b"old", source.read_bytes()))
            sending.wait()

    def test_a_server_that_ends_has_told_or_finished_everyone(self):  # F45
        source = self.file("big", 2_000_000)
        server = self.serve("--no-fsync", "--stop", "1s", "--drain", "1s", "--limit", "20")
        idle = Peer("127.0.0.1", server.port)
        with Proxy(("127.0.0.1", server.port), lambda: Fault("slow")) as line:
            sending = [subprocess.Popen([program("file_client"), "put", str(source), "--to", str(i), "--retries", "0",
                                         "--compress", "off", "--connect", f"127.0.0.1:{line.port}"],
                                        stderr=subprocess.PIPE) for i in range(8)]
            wait_until(lambda: len(list(self.root.iterdir())) == 8, "all have begun")
            begin = time.monotonic()
            code, _, _ = server.stop(signal.SIGTERM)
            self.assertEqual(code, 0)
            self.assertLess(time.monotonic() - begin, 5)
            for i, one in enumerate(sending):
                _, said = one.communicate(timeout=20)
                done = (self.root / f"{i}/big").exists()
                self.assertEqual(one.returncode == 0, done)
                self.assertTrue(done or b"stopping" in said or b"send" in said or b"receive" in said, said)
        with self.assertRaisesRegex(Exception, "stopping"):
            idle.list()

    def test_of_50_transfers_in_flight_each_is_finished_or_told(self):  # F45
        half, rest = b"C" + struct.pack(">I", 5) + b"hello", b"C" + struct.pack(">I", 6) + b" world"
        checksum = b"Z" + struct.pack(">I", zlib.crc32(b"hello world"))
        server = self.serve("--no-fsync", "--stop", "1s", "--drain", "1s", "--limit", "60")
        peers = [Peer("127.0.0.1", server.port) for _ in range(50)]
        for i, peer in enumerate(peers):
            peer.send(frame(PUT), block(entry(f"{i}", 11) + half))
        wait_until(lambda: len(list(self.root.iterdir())) == 50, "all have begun")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not can_connect(server.port), "it stops to listen")
        for i, peer in enumerate(peers[:25]):
            peer.send(block(rest + checksum), frame(END, struct.pack(">QQ", 1, 11)))
            self.assertEqual(peer.finish_put(), (1, 11))
            self.assertEqual((self.root / f"{i}").read_bytes(), b"hello world")
        for peer in peers[25:]:
            with self.assertRaisesRegex(Told, "stopping"):
                peer.finish_put()
        server.process.communicate(timeout=20)
        self.assertEqual(server.process.returncode, 0)
        self.assertEqual(len(list(self.root.iterdir())), 25)

    def test_who_waits_idle_is_told_at_once_who_is_busy_goes_on(self):  # F45
        server = self.serve("--no-fsync", "--stop", "60s", "--drain", "1s")
        idle, busy = (Peer("127.0.0.1", server.port) for _ in range(2))
        busy.send(frame(PUT), block(entry("file", 5) + b"C" + struct.pack(">I", 5) + b"hello"))
        wait_until(lambda: list(self.root.iterdir()), "it has begun")
        server.process.send_signal(signal.SIGTERM)
        with self.assertRaisesRegex(Told, "stopping"):  # within its 20 s, not after 60
            idle.receive(END)
        busy.send(block(b"Z" + struct.pack(">I", zlib.crc32(b"hello"))), frame(END, struct.pack(">QQ", 1, 5)))
        self.assertEqual(busy.finish_put(), (1, 5))
        for peer in (idle, busy):
            peer.stream.close()
            peer.peer.close()
        server.process.communicate(timeout=20)
        self.assertEqual(server.process.returncode, 0)

    def test_a_second_signal_ends_it_at_once(self):  # F45
        server = self.serve("--stop", "60s")
        peer = Peer("127.0.0.1", server.port)
        peer.send(b"SM")  # inside a message: it would wait
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not can_connect(server.port), "it stops to listen")
        server.process.send_signal(signal.SIGTERM)
        self.assertNotEqual(server.process.wait(10), None)
        server.process.communicate()


def size_of(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class SeveralConnections(FilesTest):
    def get(self, server, *arguments):
        into = Path(tempfile.mkdtemp(dir=self.base))
        done = self.client(server, "get", "--json", "--no-fsync", "--into", into, *arguments)
        self.assertEqual(done.returncode, 0, done.err)
        return into, json.loads(done.out)

    def test_files_are_shared_among_them_and_counted_once(self):
        source = self.folder("root/a/things")
        with self.serve() as server, Proxy(("127.0.0.1", server.port), Fault) as line:
            _, alone = self.get(line, "a/things")
            for count in (2, 4, 16):
                before = line.connections
                into, report = self.get(line, "a/things", "--connections", str(count))
                self.assert_same(source, into / "things")
                self.assertEqual((report["entries"], report["bytes"]), (alone["entries"], alone["bytes"]))
                self.assertEqual(line.connections - before, count)  # the first of them has asked what there is

    def test_one_that_is_cut_is_taken_up_and_the_others_go_on(self):  # F07
        source = self.folder("root/things", files=0)
        for i in range(4):
            self.file(f"root/things/{i}", 1_000_000, i)
        faults = [Fault(), Fault("close", 300_000)]
        with self.serve() as server, Proxy(("127.0.0.1", server.port),
                                           lambda: faults.pop(0) if faults else Fault()) as line:
            into, report = self.get(line, "things", "--connections", "4", "--compress", "off")
            self.assert_same(source, into / "things")
        self.assertEqual(report["retries"], 1)

    def test_more_names_than_fit_into_a_message_are_asked_for_in_parts(self):
        (self.root / "many").mkdir()
        for i in range(3000):
            (self.root / "many" / f"{i:0200}").touch()
        with self.serve() as server:
            into, report = self.get(server, "many", "--connections", "2")
        self.assert_same(self.root / "many", into / "many")
        self.assertEqual(report["entries"], 3001)

    def test_all_arrives_from_a_server_with_fewer_places(self):  # F05
        source = self.folder("root/things")
        with self.serve("--limit", "2") as server:
            into, _ = self.get(server, "things", "--connections", "8")
        self.assert_same(source, into / "things")

    def put_over(self, link, *server_options):
        """What arrives over a link of netlab with `--connections auto`, and how many connections there were."""
        netlab = BIN.parent / "netlab"
        if not netlab.exists() or run(netlab, "--quiet", *link, "--", "true").returncode:
            self.skipTest("netlab does not run here")
        source = self.base / "things"
        shutil.rmtree(self.root / "things", ignore_errors=True)
        (source / "folder").mkdir(parents=True, exist_ok=True)
        for i in range(80):
            self.file(f"things/{i}", 50_000, i)
        serving = [program("file_server"), "--root", self.root, "--no-fsync", "--allow-remote", "--listen", "0.0.0.0:1234",
                   *server_options]
        done = run(netlab, "--quiet", *link, "--server", shlex.join(map(str, serving)), "--", program("file_client"), "put",
                   source, "--connect", "server:1234", "--connections", "auto", "--compress", "off", "--json", timeout=60)
        self.assertEqual(done.returncode, 0, done.err)
        self.assert_same(source, self.root / "things")
        report = json.loads(done.out.splitlines()[-1])
        self.assertEqual((report["entries"], report["bytes"]), (82, 4_000_000))
        return report["connections"]

    def test_auto_opens_more_where_packets_get_lost(self):
        for _ in range(5):  # a busy machine lengthens round trips, as a queue does
            if (count := self.put_over(["--rtt", "20ms", "--rate", "80mbit", "--loss", "3%"])) > 1:
                break
        self.assertEqual(count, 8)

    def test_auto_stays_with_one_where_none_are(self):
        self.assertEqual(self.put_over(["--rtt", "20ms", "--rate", "80mbit"]), 1)

    def test_auto_goes_on_alone_where_the_server_has_no_room(self):
        self.put_over(["--rtt", "20ms", "--rate", "80mbit", "--loss", "3%"], "--limit", "1")

    def test_what_is_not_there_is_one_line(self):
        with self.serve() as server:
            done = self.client(server, "get", "nothing", "--connections", "2", "--into", self.base)
        self.assertEqual((done.returncode, done.err),
                         (1, 'file_client: error 203: open "nothing": No such file or directory\n'))


class Python(FilesTest):
    def test_a_client_in_python_puts_gets_and_lists(self):
        with self.serve() as server:
            peer = Peer("127.0.0.1", server.port)
            content = self.file("x", 600_000).read_bytes()
            self.assertEqual(peer.put("a/x", content), (1, 600_000))
            self.assertEqual((self.root / "a/x").read_bytes(), content)
            self.assertEqual(peer.get("a"), {"a/x": content})
            self.assertEqual(sorted(peer.list()), [("a", 0), ("a/x", 600_000)])


if __name__ == "__main__":
    unittest.main()
