"""What happens to files: two programs on one of them, what cannot be sent or written, names of any bytes."""

import contextlib
import ctypes
import json
import os
import signal
import socket
import stat
import struct
import subprocess
import threading
import time
import unittest
from pathlib import Path

from files import FilesTest, part_name, sanitized
from programs import Server, program, run, wait_until
from proxy import Fault, Proxy
from transfer import ACK, END, ENTRIES, PROBLEM, PUT, Server as Peer, block, entry, file_records, frame, hello


CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2  # capabilities(7)
PR_CAPBSET_DROP = 24  # prctl(2)
LIBC = ctypes.CDLL(None)


def as_others_are():
    """For a program that must meet what it may not read: root may read all, unless it gives that up before exec."""
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(f"prctl: capability {capability} could not be dropped")


@contextlib.contextmanager
def deaf_listener():
    """The port of a listener on 127.0.0.1 whose queue is full: it drops each SYN."""
    with contextlib.ExitStack() as opened:
        deaf = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # more than the queue takes
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        yield deaf.getsockname()[1]


class Files(FilesTest):
    def lines(self, done):
        return done.err.splitlines()

    def run_client(self, server, *words, **more):
        """The client with its words in any order; standard error and output may be anything."""
        command = [program("file_client"), *map(str, words), "--connect", f"127.0.0.1:{server.port}"]
        done = subprocess.run(command, timeout=60, **more)
        done.err = (done.stderr or b"").decode()
        return done


class TwoOnOneFile(Files):
    def begin_slowly(self, line, into):
        """A get that does not come to its end soon, and its part."""
        getting = subprocess.Popen([program("file_client"), "get", "big", "--into", str(into), "--compress", "off",
                                    "--connect", f"127.0.0.1:{line.port}"], stderr=subprocess.PIPE)
        part = into / part_name("big")
        wait_until(lambda: part.exists() and part.stat().st_size > 1_000_000, "a part arrives")
        return getting, part

    def test_two_gets_of_one_file_into_one_folder_are_told_apart(self):  # F47
        source, into = self.file("root/big", 20_000_000), self.base / "into"
        into.mkdir()
        with self.serve() as server, Proxy(("127.0.0.1", server.port), lambda: Fault("slow")) as line:
            first, part = self.begin_slowly(line, into)
            first.send_signal(signal.SIGSTOP)  # at whatever moment
            before = part.stat().st_size
            second = self.client(server, "get", "big", "--into", into, "--retries", "0")
            self.assertEqual((second.returncode, second.err), (1, 'file_client: "big" is being written\n'))
            self.assertEqual(part.stat().st_size, before)
            first.send_signal(signal.SIGCONT)
            first.communicate(timeout=60)
        self.assertEqual(first.returncode, 0)
        self.assertEqual((into / "big").read_bytes(), source.read_bytes())

    def test_a_writer_that_is_killed_leaves_no_lock(self):  # F47
        source, into = self.file("root/big", 20_000_000), self.base / "into"
        into.mkdir()
        with self.serve() as server:
            with Proxy(("127.0.0.1", server.port), lambda: Fault("slow")) as line:
                first, _ = self.begin_slowly(line, into)
                first.kill()
                first.communicate()
            second = self.client(server, "get", "big", "--into", into, "--retries", "0")
        self.assertEqual((second.returncode, (into / "big").read_bytes()), (0, source.read_bytes()))

    def test_two_servers_on_one_root_do_not_mix(self):  # F47
        source = self.file("big", 20_000_000)
        with self.serve() as one, self.serve() as other:
            with Proxy(("127.0.0.1", one.port), lambda: Fault("slow")) as line:
                first = subprocess.Popen([program("file_client"), "put", str(source), "--compress", "off", "--connect",
                                          f"127.0.0.1:{line.port}"], stderr=subprocess.DEVNULL)
                part = self.root / part_name("big")
                wait_until(lambda: part.exists() and part.stat().st_size > 1_000_000, "a part arrives")
                second = self.client(other, "put", source, "--retries", "0")
                self.assertEqual(second.returncode, 1)
                self.assertIn("being written", second.err)
                first.wait(60)
        self.assertEqual((first.returncode, (self.root / "big").read_bytes()), (0, source.read_bytes()))


class Everything(Files):
    def tree(self):
        tree = self.base / "tree"
        (tree / "sub/deeper").mkdir(parents=True)
        for path in ("plain", "sub/.draft.partial", "sub/deeper/" + "n" * 255):
            (tree / path).write_text(path)
        return tree

    def test_what_is_not_sent_is_named_and_counted(self):  # F52
        tree = self.tree()
        (tree / "link").symlink_to("plain")
        (tree / "loop").symlink_to(".")
        os.mkfifo(tree / "pi\npe")
        with socket.socket(socket.AF_UNIX) as here, self.serve() as server:
            here.bind(str(tree / "socket"))
            done = self.client(server, "put", tree)
            self.assertEqual(done.returncode, 0, done.err)
            self.assertTrue(self.lines(done)[0].endswith(", 4 with a remark"), done.err)
            self.assertEqual(sorted(self.lines(done)[1:]), [
                'file_client: "tree/link" is a symbolic link, which is not sent',
                'file_client: "tree/loop" is a symbolic link, which is not sent',
                'file_client: "tree/pi\\x0ape" is a pipe, which is not sent',
                'file_client: "tree/socket" is a socket, which is not sent'])
            for path in ("plain", "sub/.draft.partial", "sub/deeper/" + "n" * 255):
                self.assertEqual((self.root / "tree" / path).read_text(), path)
            os.symlink("plain", self.root / "tree/mine")
            done = self.client(server, "get", "tree", "--into", self.base / "root-again", "--json")
            self.assertEqual(done.returncode, 1)  # there is no such folder
            (self.base / "back").mkdir()
            done = self.client(server, "get", "tree", "--into", self.base / "back", "--json")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(json.loads(done.out)["remarks"],
                         ['error 213: "tree/mine" is a symbolic link, which is not sent'])

    def test_one_that_cannot_be_read_ends_nothing(self):  # F52
        tree = self.tree()
        (tree / "sub/deeper").chmod(0)
        (tree / "plain").chmod(0)
        with self.serve() as server:
            done = self.run_client(server, "put", tree, capture_output=True, preexec_fn=as_others_are)
        (tree / "sub/deeper").chmod(0o755)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.lines(done)[1:], [
            'file_client: open "tree/plain": Permission denied',
            'file_client: open "tree/sub/deeper": Permission denied',
            "file_client: 2 of what was asked for did not arrive"])
        self.assertTrue((self.root / "tree/sub/.draft.partial").exists())

    def test_what_cannot_be_read_on_the_server_is_told_with_its_reason(self):  # F52
        (self.root / "lost+found").mkdir()
        (self.root / "closed").write_text("x")
        (self.root / "open").write_text("open")
        into = self.base / "into"
        into.mkdir()
        (self.root / "lost+found").chmod(0)
        (self.root / "closed").chmod(0)
        with self.serve(preexec=as_others_are) as server:
            for connections in "1", "3":
                done = self.client(server, "get", "", "--into", into, "--connections", connections)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(self.lines(done)[1:], [
                    'file_client: error 211: open "closed": Permission denied',
                    'file_client: error 211: open "lost+found": Permission denied',
                    "file_client: 2 of what was asked for did not arrive"])
                self.assertEqual((into / "open").read_text(), "open")
            done = self.client(server, "list")
        (self.root / "lost+found").chmod(0o755)
        self.assertEqual((done.returncode, len(done.out.splitlines())), (1, 3))
        self.assertIn('open "lost+found": Permission denied', done.err)

    def test_a_folder_where_a_file_should_go_is_named(self):  # F52
        many = self.base / "many"
        many.mkdir()
        (self.root / "many/clash").mkdir(parents=True)
        for name in ("clash", *map(str, range(300))):
            (many / name).write_text(name)
        with self.serve() as server:
            done = self.client(server, "put", many)
        self.assertEqual((done.returncode, self.lines(done)[1]),
                         (1, 'file_client: error 212: "many/clash" is a folder here'))
        self.assertTrue(self.lines(done)[0].startswith("301 entries"), done.err)
        self.assertEqual(len(list((self.root / "many").iterdir())), 301)

    def test_a_link_where_a_folder_should_go_is_named(self):  # F52
        tree, into = self.tree(), self.base / "into"
        (into / "tree").mkdir(parents=True)
        (self.root / "tree").mkdir()
        for there in (self.root, into):
            (there / "tree/sub").symlink_to("/tmp")
        told = 'open "tree/sub": a symbolic link is in this path, and none is followed'
        with self.serve() as server:
            done = self.client(server, "put", tree, "--retries", "0")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"file_client: error 202: {told}\n", done.err)
            self.assertEqual((self.root / "tree/plain").read_text(), "plain")
            (self.root / "tree/sub").unlink()
            self.put(server, tree)
            done = self.client(server, "get", "tree", "--into", into)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"file_client: {told}\n", done.err)
        self.assertEqual((into / "tree/plain").read_text(), "plain")
        self.assertTrue((into / "tree/sub").is_symlink())

    def hold(self, server, path):
        """A client in the midst of a file of five bytes."""
        holder = Peer("127.0.0.1", server.port)
        self.addCleanup(holder.peer.close)
        self.addCleanup(holder.stream.close)
        whole = file_records(path, b"hello")
        holder.send(frame(PUT), block(whole[:-5]))
        part = self.root / Path(path).parent / part_name(Path(path).name)
        wait_until(part.exists, "it has begun")
        return holder, block(whole[-5:]) + frame(END, struct.pack(">QQ", 1, 5))

    def test_a_file_that_another_client_writes_is_named_and_the_rest_arrives(self):  # F47
        tree = self.tree()
        with self.serve("--stop", "1s", "--drain", "1s") as server:
            self.hold(server, "tree/plain")
            done = self.client(server, "put", tree, "--retries", "1")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.lines(done)[1:], ['file_client: error 204: "tree/plain" is being written',
                                                "file_client: 1 of what was asked for did not arrive"])
        self.assertTrue((self.root / "tree/sub/.draft.partial").exists())
        self.assertFalse((self.root / "tree/plain").exists())

    def test_a_file_that_another_client_writes_is_tried_again(self):  # F47
        tree = self.tree()
        with self.serve() as server:
            holder, rest = self.hold(server, "tree/plain")
            connections = []

            def end_at_the_second():
                connections.append(None)
                if len(connections) == 2:
                    holder.send(rest)
                    holder.finish_put()
                return Fault()
            with Proxy(("127.0.0.1", server.port), end_at_the_second) as line:
                report = self.put(line, tree)
        self.assertEqual((report["retries"], report["problems"]), (1, []))
        self.assertEqual((self.root / "tree/plain").read_text(), "plain")

    def test_a_second_name_outside_the_root_keeps_its_mode_and_time(self):  # F52
        source, outside = self.file("source/big", 100_000), self.base / "outside"
        outside.write_bytes(source.read_bytes())
        outside.chmod(0o600)
        os.utime(outside, ns=(1, 1))
        os.link(outside, self.root / "big")
        source.chmod(0o640)
        with self.serve() as server:
            report = self.put(server, source, "--resume")
        self.assertEqual((report["entries"], report["skipped"]), (1, 0))
        facts = outside.stat()
        self.assertEqual((stat.S_IMODE(facts.st_mode), facts.st_mtime_ns, facts.st_nlink), (0o600, 1, 1))
        self.assertEqual(stat.S_IMODE((self.root / "big").stat().st_mode), 0o640)

    def test_a_file_without_a_size_that_cannot_be_read_is_named(self):  # F52
        with self.serve() as server:
            done = self.client(server, "put", "/proc/self/mem")
        self.assertEqual((done.returncode, done.err), (1, 'file_client: read "mem": Input/output error\n'))

    def test_one_missing_name_among_many_ends_nothing(self):  # F52
        files = [self.file(f"{i}", 10) for i in range(3)]
        into = self.base / "into"
        into.mkdir()
        with self.serve() as server:
            done = self.client(server, "put", files[0], self.base / "no\nthing", *files[1:])
            self.assertEqual(done.returncode, 1)
            self.assertIn("no\\x0athing", done.err)
            done = self.client(server, "get", "0", "nothing", "1", "2", "--into", into)
        self.assertEqual(done.returncode, 1)
        self.assertIn('error 203: open "nothing": No such file or directory', done.err)
        self.assertEqual(sorted(p.name for p in into.iterdir()), ["0", "1", "2"])

    def test_modes_and_times_come_along_there_and_back(self):  # F52
        tree = self.tree()
        for path, mode in (("plain", 0o444), ("sub/.draft.partial", 0o600), ("sub/deeper", 0o500), ("sub", 0o700)):
            os.utime(tree / path, ns=(-147_000_000_999_999_999, -147_000_000_999_999_999))
            (tree / path).chmod(mode)
        into = self.base / "into"
        with self.serve() as server:
            for connections in "1", "4":
                self.put(server, tree, "--to", connections, "--connections", connections)
                (into / connections).mkdir(parents=True)
                done = self.client(server, "get", f"{connections}/tree", "--into", into / connections,
                                   "--connections", connections)
                self.assertEqual(done.returncode, 0, done.err)
        for there in (self.root / "1/tree", self.root / "4/tree", into / "1/tree", into / "4/tree"):
            for one in tree.rglob("*"):
                ours, theirs = one.stat(), (there / one.relative_to(tree)).stat()
                self.assertEqual((oct(stat.S_IMODE(theirs.st_mode)), theirs.st_mtime_ns),
                                 (oct(stat.S_IMODE(ours.st_mode)), ours.st_mtime_ns), there / one.relative_to(tree))
        for folder in (tree, self.root / "1/tree", self.root / "4/tree", into / "1/tree", into / "4/tree"):
            (folder / "sub/deeper").chmod(0o700)

    def test_names_of_any_bytes_come_back(self):  # F52
        names = [b"b\xff\xfe", b"b\xfe\xff", b"\xed\xa0\x80", b"new\nline", b"\x1b[31mred", b" ", b"-", b"~", "grün".encode()]
        tree, into = os.fsencode(self.base / "tree"), self.base / "into"
        for name in names:
            os.makedirs(os.path.join(tree, name))
            with open(os.path.join(tree, name, name), "wb") as file:
                file.write(name)
        into.mkdir()
        with self.serve() as server:
            self.put(server, self.base / "tree")
            done = self.client(server, "get", "tree", "--into", into)
        self.assertEqual(done.returncode, 0, done.err)
        for there in (self.root, into):
            there = os.fsencode(there / "tree")
            self.assertEqual(sorted(os.listdir(there)), sorted(names))
            for name in names:
                with open(os.path.join(there, name, name), "rb") as file:
                    self.assertEqual(file.read(), name)

    def test_what_lies_too_deep_is_named_and_the_rest_arrives(self):  # F52
        deep = "tree" + "/d" * 63
        (self.base / deep).mkdir(parents=True)
        (self.base / deep / "below").write_text("x")
        (self.base / "tree/beside").write_text("x")
        with self.serve() as server:
            done = self.client(server, "put", self.base / "tree")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'file_client: the path "{deep}/below" has more than 64 names\n', done.err)
        self.assertTrue((self.root / "tree/beside").exists())

    @unittest.skipIf(sanitized(), "a sanitizer opens files of its own")
    def test_a_client_without_descriptors_is_told_at_once(self):  # F03
        source = self.file("small", 1000)
        with self.serve() as server:
            for most in range(3, 12):
                begin = time.monotonic()
                done = run("sh", "-c", f'ulimit -n {most}; exec "$@"', "sh", program("file_client"), "put", source,
                           "--connect", f"127.0.0.1:{server.port}", "--retries", "0")
                self.assertLess(time.monotonic() - begin, 5, most)
                if done.returncode == 0:
                    break
                self.assertIn("Too many open files" if most > 3 else "", done.err, most)
            self.assertEqual((self.root / "small").read_bytes(), source.read_bytes())

    def test_a_folder_that_is_mounted_in_itself_comes_to_an_end(self):  # F52
        tree = self.tree()
        (tree / "sub/again").mkdir()
        mount = f"mount --bind '{tree}' '{tree}/sub/again'"
        alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
        if run(*alone, mount).returncode != 0:
            self.skipTest("no user and mount namespace here")
        with self.serve() as server:
            done = run(*alone, f'{mount} && exec "$@"', "client", program("file_client"), "put", tree, "--connect",
                       server.address)
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual((self.root / "tree/sub/again/plain").read_text(), "plain")
        self.assertEqual(list((self.root / "tree/sub/again/sub/again").iterdir()), [])

    def test_a_file_that_is_there_gets_its_mode_and_time(self):
        source, into = self.file("big", 100_000), self.base / "into"
        into.mkdir()
        with self.serve() as server:
            self.put(server, source)
            self.client(server, "get", "big", "--into", into)
            source.chmod(0o640)
            os.utime(source, ns=(1, 1_234_567_890_123_456_789))
            report = self.put(server, source, "--resume")
            self.assertEqual((report["skipped"], report["entries"], report["bytes"]), (1, 0, 0))
            done = self.client(server, "get", "big", "--into", into, "--resume", "--json")
            report = json.loads(done.out)
            self.assertEqual((report["skipped"], report["entries"], report["bytes"]), (1, 0, 0))
        for there in (self.root / "big", into / "big"):
            facts = there.stat()
            self.assertEqual((stat.S_IMODE(facts.st_mode), facts.st_mtime_ns), (0o640, 1_234_567_890_123_456_789))

    def test_a_folder_is_resumed_by_its_parts(self):  # F42
        source, into = self.file("root/folder/big", 300_000), self.base / "into"
        (into / "folder").mkdir(parents=True)
        (into / "folder" / part_name("big")).write_bytes(source.read_bytes()[:200_000])
        with self.serve() as server:
            done = self.client(server, "get", "folder", "--into", into, "--resume", "--json")
        self.assertEqual((done.returncode, json.loads(done.out)["bytes"]), (0, 100_000), done.err)
        self.assertEqual((into / "folder/big").read_bytes(), source.read_bytes())


class Words(Files):
    """What the client makes of its arguments."""

    def test_two_of_one_name_are_refused_and_both_named(self):
        for one in "ab":
            self.file(f"{one}/x", 10)
            self.file(f"root/{one}/x", 10)
        with self.serve() as server:
            done = self.client(server, "put", self.base / "a/x", self.base / "b/x")
            self.assertEqual((done.returncode, done.err.count("\n")), (2, 1))
            self.assertIn("a/x", done.err)
            self.assertIn("b/x", done.err)
            done = self.client(server, "get", "a/x", "b/x", "--into", self.base)
            self.assertEqual((done.returncode, done.err.count("\n")), (2, 1))

    def test_an_overlap_is_one(self):
        self.folder("o")
        into = self.base / "into"
        into.mkdir()
        with self.serve() as server:
            self.put(server, self.base / "o", self.base / "o/empty", self.base / "o")
            self.assertEqual([p.name for p in self.root.iterdir()], ["o"])
            done = self.client(server, "get", "o", "o/empty", "./o/", "--into", into)
            self.assertEqual(done.returncode, 0, done.err)
        self.assert_same(self.base / "o", into / "o")

    def test_a_folder_may_be_written_with_a_slash(self):
        source = self.file("x", 10)
        with self.serve() as server:
            for to in ("a/", "./a", "a"):
                self.put(server, source, "--to", to)
            self.put(server, source, "--to", ".")
        self.assertEqual(sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*")), ["a", "a/x", "x"])

    def test_what_names_nothing_is_one_line(self):
        with self.serve() as server:
            for words in (("put", ""), ("put", "-")):
                done = self.client(server, *words)
                self.assertEqual((done.returncode, done.err.count("\n")), (2, 1), done.err)

    def test_all_has_three_names_and_a_path_lists_what_is_below(self):
        self.folder("root/things")
        with self.serve() as server:
            for i, name in enumerate((".", "/", "")):
                into = self.base / f"into{i}"
                into.mkdir()
                done = self.client(server, "get", name, "--into", into)
                self.assertEqual(done.returncode, 0, done.err)
                self.assert_same(self.root, into)
            done = self.client(server, "list", "things/sub/", "--json")
        listed = {json.loads(line)["path"] for line in done.out.splitlines()}
        self.assertEqual(listed, {str(p.relative_to(self.root)) for p in (self.root / "things/sub").rglob("*")} |
                         {"things/sub"})

    def test_options_may_stand_before_the_command(self):
        self.file("root/x", 10)
        with self.serve() as server:
            done = subprocess.run([program("file_client"), "--connect", f"127.0.0.1:{server.port}", "--json", "get",
                                   "x", "--into", self.base], capture_output=True, timeout=60)
        self.assertEqual((done.returncode, json.loads(done.stdout)["entries"]), (0, 1), done.stderr)

    def test_names_are_shown_escaped_and_told_apart(self):  # F52
        names = [b"new\nline", b"\x1b[31mred", b"b\xff\xfe", b"b\xfe\xff", "grün".encode(), "turned\u202e\u2066\u200f".encode(),
                 "\x9b1m\x7f".encode()]
        for name in names:
            (self.root / os.fsdecode(name)).touch()
        with self.serve() as server:
            done = self.run_client(server, "list", capture_output=True)
            as_json = self.run_client(server, "list", "--json", capture_output=True)
        shown = [line.split(b"Z  ", 1)[1] for line in done.stdout.splitlines()]
        self.assertEqual(sorted(shown), sorted([rb"new\x0aline", rb"\x1b[31mred", rb"b\xff\xfe", rb"b\xfe\xff",
                                                "grün".encode(), rb"turned\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f",
                                                rb"\xc2\x9b1m\x7f"]))
        self.assertTrue(all(0x20 <= byte < 0x7f or byte == 0x0a for byte in as_json.stdout), as_json.stdout)
        entries = [json.loads(line) for line in as_json.stdout.decode().splitlines()]
        self.assertEqual({bytes.fromhex(one["path_hex"]) if "path_hex" in one else one["path"].encode()
                          for one in entries}, set(names))

    def test_a_host_that_nobody_has_heard_of_is_told_at_once(self):
        begin = time.monotonic()
        for address in ("nobody.invalid:1", f"127.0.0.1:{free_port()}"):
            done = subprocess.run([program("file_client"), "put", __file__, "--connect", address], capture_output=True,
                                  timeout=60)
            self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1), done.stderr)
        self.assertLess(time.monotonic() - begin, 5)  # two of them took 12 s

    def test_a_server_that_takes_nothing_is_given_up_in_time(self):
        source = self.file("big", 30_000_000)  # more than the buffers between hold
        with self.serve() as server:
            server.process.send_signal(signal.SIGSTOP)
            begin = time.monotonic()
            done = self.client(server, "put", source, "--compress", "off", "--idle", "1s", "--retries", "0")
            self.assertLess(time.monotonic() - begin, 10)  # it took 30 s
            server.process.send_signal(signal.SIGCONT)
        self.assertEqual((done.returncode, done.err.count("\n")), (1, 1), done.err)

    def test_an_address_that_answers_nothing_is_given_up_in_time(self):
        with deaf_listener() as port:
            begin = time.monotonic()
            done = run(program("file_client"), "list", "--connect", f"127.0.0.1:{port}", "--connect-timeout", "1s")
            self.assertGreaterEqual(time.monotonic() - begin, 1)
            self.assertLess(time.monotonic() - begin, 5)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.err, "^file_client: connect 127.0.0.1:.*: Connection timed out\n$")

    def test_after_an_address_that_answers_nothing_the_next_of_its_name_is_tried(self):
        hosts = self.base / "hosts"
        hosts.write_text("127.0.0.1 two\n127.0.0.2 two\n")
        of_its_own = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                      f"mount --bind '{hosts}' /etc/hosts && exec \"$@\"", "client"]
        found = run(*of_its_own, "getent", "ahostsv4", "two")
        if found.returncode != 0:
            self.skipTest("no user and mount namespace here")
        self.assertTrue(found.out.startswith("127.0.0.1 "), found.out)
        (self.root / "here").touch()
        with deaf_listener() as port, Server(program("file_server"), "--root", self.root,
                                             listen=f"127.0.0.2:{port}") as server:
            begin = time.monotonic()
            done = run(*of_its_own, program("file_client"), "list", "--connect", f"two:{server.port}",
                       "--connect-timeout", "1s")
            self.assertEqual((done.returncode, done.out.split()[-1:]), (0, ["here"]), done.err)
            self.assertGreaterEqual(time.monotonic() - begin, 1)  # the first had its time


class ServersWord(Files):
    """What the server allows, and what it says when it can't."""

    def test_a_server_that_only_gives_takes_nothing(self):
        (self.root / "here").write_text("here")
        source = self.file("x", 100)
        with self.serve("--read-only") as server:
            done = self.client(server, "put", source)
            self.assertEqual((done.returncode, done.err),
                             (1, "file_client: error 211: this server takes no files: --read-only\n"))
            done = self.client(server, "get", "here", "--into", self.base)
            self.assertEqual((done.returncode, (self.base / "here").read_text()), (0, "here"), done.err)
        self.assertEqual([p.name for p in self.root.iterdir()], ["here"])

    def test_a_server_that_replaces_nothing_takes_what_is_new(self):
        tree = self.base / "tree"
        tree.mkdir()
        for name in ("old", "new"):
            (tree / name).write_text(name)
        (self.root / "tree").mkdir()
        (self.root / "tree/old").write_text("precious")
        with self.serve("--no-overwrite") as server:
            for _ in range(2):
                done = self.client(server, "put", tree)
                self.assertEqual(done.returncode, 1)
                self.assertIn('error 212: "tree/old" is here already, and is not replaced\n', done.err)
        self.assertEqual({p.name: p.read_text() for p in (self.root / "tree").iterdir()},
                         {"old": "precious", "new": "new"})

    def test_a_root_that_was_removed_or_replaced_is_an_error_of_its_own(self):
        source = self.file("x", 100)
        for replaced in (False, True):
            with self.serve() as server:
                self.root.rename(self.base / f"moved{replaced}")
                if replaced:
                    self.root.mkdir()
                for words in (("list",), ("get", "x", "--into", self.base), ("put", source)):
                    done = self.client(server, *words)
                    self.assertEqual((done.returncode, done.out), (1, ""), words)
                    self.assertIn("error 215: the server's folder was removed or replaced", done.err)
            if not replaced:
                (self.base / "movedFalse").rename(self.root)


class PretendedServer(Files):
    """A server that says what a test tells it."""

    def pretend(self, *answers, clients=1):
        """The port of a server that says this to so many clients; self.served counts them."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.served = 0

        def serve():
            with listener:
                while self.served < clients:
                    try:
                        peer, _ = listener.accept()
                    except OSError:  # nobody comes any more
                        return
                    self.served += 1
                    with peer:
                        peer.recv(1 << 20)
                        peer.sendall(hello() + b"".join(answers))
                        peer.shutdown(socket.SHUT_WR)
                        while peer.recv(1 << 20):
                            pass
        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        self.addCleanup(thread.join)
        self.addCleanup(lambda: listener.fileno() == -1 or listener.shutdown(socket.SHUT_RDWR))
        return port

    def test_a_list_that_counts_otherwise_is_an_error(self):
        one = entry("a", 7)[1:]
        port = self.pretend(frame(ENTRIES, struct.pack(">I", 1) + one), frame(END, struct.pack(">QQ", 2, 7)))
        done = self.client(port, "list")
        self.assertEqual((done.returncode, done.err), (1, "file_client: 1 entries came, where 2 were listed\n"))

    def fetched(self, port, *words, timeout=20):
        done = self.client(port, *words, timeout=timeout)
        self.assertEqual(done.returncode, 1, words)
        return done.err

    def test_a_file_given_up_without_a_word_is_an_error(self):
        given_up = block(entry("d", 5) + b"C" + struct.pack(">I", 2) + b"abX"), frame(END, struct.pack(">QQ", 1, 2))
        reason = frame(PROBLEM, struct.pack(">H", 210) + b"it changed")
        for into in (self.base, "-"):
            self.assertEqual(self.fetched(self.pretend(*given_up), "get", "d", "--into", into),
                             'file_client: the server sends no "d", and does not say why\n')
            self.assertEqual(self.fetched(self.pretend(reason, *given_up), "get", "d", "--into", into),
                             "file_client: error 210: it changed\n")
        self.assertFalse((self.base / "d").exists())

    def test_a_line_always_cut_before_the_end_is_given_up(self):  # F07
        port = self.pretend(block(file_records("d", b"content")), clients=9)
        self.assertIn("file_client: ", self.fetched(port, "get", "d", "--into", self.base, "--whole", "--retries", "1"))
        self.assertEqual(self.served, 3)  # the second brought nothing new, nor did the third

    def test_nothing_of_what_was_asked_for_is_an_error(self):
        nothing = frame(END, bytes(16))
        for words in (("list", "d"), ("get", "d"), ("get", "d", "--into", "-"), ("get", "d", "--connections", "2", "--whole")):
            self.assertEqual(self.fetched(self.pretend(nothing), *words),
                             'file_client: the server sends no "d", and does not say why\n')
        self.assertEqual(self.client(self.pretend(nothing), "list").out, "there is nothing\n")
        remark = frame(PROBLEM, struct.pack(">H", 213) + b"a link")  # of another one
        self.assertEqual(self.fetched(self.pretend(remark, nothing), "list", "d"),
                         'file_client: the server sends no "d", and does not say why\n')

    def test_problems_without_end_are_counted_and_not_kept(self):
        problems = (frame(PROBLEM, struct.pack(">H", 212) + b"%d" % i + b"x" * 1_000) for i in range(20_000))
        port = self.pretend(*problems, frame(END, bytes(16)))
        self.assertRegex(self.fetched(port, "list", timeout=100), r"(?m)^file_client: .*\d+ more were left out$")

    def test_a_server_takes_back_no_acknowledgement(self):
        source = self.file("x", 100)
        for acks in ([(0, 100), (0, 99)], [(2, 100)]):
            port = self.pretend(*(frame(ACK, struct.pack(">QQ", *ack)) for ack in acks))
            done = self.client(port, "put", source, "--whole")
            self.assertEqual(done.returncode, 1)
            self.assertIn("file_client: the server has ", done.err)

    def test_an_end_before_everything_is_acknowledged_is_an_error(self):
        source = self.file("x", 100)
        port = self.pretend(frame(END, struct.pack(">QQ", 0, 0)))
        done = self.client(port, "put", source, "--whole")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the server has 0 entries", done.err)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Pipes(Files):
    def test_a_pipe_may_pause_for_longer_than_the_server_waits(self):
        reading, writing = os.pipe()
        with self.serve("--idle", "1500ms") as server, os.fdopen(reading, "rb") as source:
            putting = subprocess.Popen([program("file_client"), "put", "-", "--to", "log", "--compress", "off",
                                        "--connect", f"127.0.0.1:{server.port}"], stdin=source, stderr=subprocess.PIPE)
            os.write(writing, b"first\n")
            part = self.root / part_name("log")
            wait_until(lambda: part.exists() and part.read_bytes() == b"first\n", "what was there has left")
            begin = time.monotonic()
            with self.assertRaises(subprocess.TimeoutExpired):
                putting.wait(3)  # twice as long as the server waits
            self.assertGreaterEqual(time.monotonic() - begin, 3)
            os.write(writing, b"second\n")
            os.close(writing)
            _, told = putting.communicate(timeout=60)
        self.assertEqual((putting.returncode, (self.root / "log").read_bytes()), (0, b"first\nsecond\n"), told)

    def test_a_refusal_does_not_wait_for_a_silent_pipe(self):
        reading, writing = os.pipe()
        with self.serve("--file-limit", "3") as server, os.fdopen(reading, "rb") as source:
            putting = subprocess.Popen([program("file_client"), "put", "-", "--to", "log", "--connect",
                                        f"127.0.0.1:{server.port}"], stdin=source, stderr=subprocess.PIPE)
            os.write(writing, b"more than three\n")
            _, told = putting.communicate(timeout=60)  # and nothing else comes
            os.close(writing)
        self.assertEqual(putting.returncode, 1)
        self.assertIn(b"error 208", told)

    def test_a_list_that_nobody_takes_is_an_error(self):  # F50
        self.file("root/x", 10)
        with self.serve() as server, open("/dev/full", "wb") as full:
            done = self.run_client(server, "list", stdout=full, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1))

    def test_a_list_of_nothing_that_nobody_takes_is_an_error(self):  # F50
        with self.serve() as server, open("/dev/full", "wb") as full:
            done = self.run_client(server, "list", stdout=full, stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1))
            self.assertEqual(self.client(server, "list").out, "there is nothing\n")
            self.assertEqual(self.client(server, "list", "--json").out, "")

    def test_without_a_standard_error_a_transfer_works(self):  # F50
        source = self.file("x", 100_000)
        with self.serve() as server:
            def close_it():
                os.close(2)
            done = self.run_client(server, "put", source, preexec_fn=close_it)
            self.assertEqual((done.returncode, (self.root / "x").read_bytes()), (0, source.read_bytes()))
            done = self.run_client(server, "get", "nothing", preexec_fn=close_it)
            self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
