"""Only what changed is sent: what is compared, what crosses the line, what is deleted, and when nothing is."""

import itertools
import json
import os
import shutil
import socket
import struct
import threading
import unittest

from files import FilesTest, part_name, told
from programs import wait_until
from proxy import Fault, Proxy
from transfer import (BLOCK, COMPARE, COMPARED, END, GET, HELLO, PROBLEM, PUT, REMOVE, REMOVED, THERE, WORKING,
                      Server as Peer, block, entry, frame, paths)

OLD = 1_600_000_000_000_000_000  # nanoseconds


class Recorder:
    """A proxy that notes each frame: (from the client, type, bytes)."""

    def __init__(self, port, kinds_refused=()):
        self.target, self.refused = port, kinds_refused
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.frames, self.connections, self.sockets, self.threads = [], 0, [], []
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # close() alone ends no accept()
        self.listener.close()
        for thread in self.threads:
            thread.join(10)
        for one in self.sockets:
            one.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [client, server]
            for source, other, ours in ((client, server, True), (server, client, False)):
                self.threads.append(threading.Thread(target=self.carry, args=(source, other, ours), daemon=True))
                self.threads[-1].start()

    def carry(self, source, other, ours):
        with source.makefile("rb") as stream:
            try:
                while len(header := stream.read(12)) == 12:
                    payload = stream.read(struct.unpack(">I", header[4:8])[0])
                    if ours and header[3] in self.refused:  # as by a server that does not know it
                        other.sendall(frame(255))
                        continue
                    self.frames.append((ours, header[3], 12 + len(payload)))
                    other.sendall(header + payload)
                other.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def round_trips(self):
        """That of connecting, and each time that the client waits for an answer before it says more."""
        turns, waits = self.connections, False
        for ours, kind, _ in self.frames:
            if ours:
                waits = True
            elif waits and kind not in (HELLO, WORKING):  # the greeting's answer is waited for with the next
                turns, waits = turns + 1, False
        return turns

    def bytes_of(self, *kinds):
        return sum(size for _, kind, size in self.frames if kind in kinds)

    def kinds(self):
        return {kind for _, kind, _ in self.frames}


class Changes(FilesTest):
    def setUp(self):
        super().setUp()
        self.into = self.base / "into"
        self.into.mkdir()

    def tree(self, name="tree", **files):
        where = self.base / name
        for path, content in ({"a": b"1", "sub/b": b"22", "sub/deeper/c": b"333"} | files).items():
            (where / path).parent.mkdir(parents=True, exist_ok=True)
            (where / path).write_bytes(content)
            os.utime(where / path, ns=(OLD, OLD))
        return where

    def many(self, where, count=10_000):
        for i in range(count):
            folder = where / f"folder-{i % 10}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"a file of many {i:05}").write_bytes(b"%d" % i)
        return where

    def get(self, server, *arguments, code=0):
        done = self.client(server, "get", "--json", "--no-fsync", "--into", self.into, *arguments)
        self.assertEqual(done.returncode, code, done.err)
        return json.loads(done.out)

    def both(self, server, **files):
        """Each direction, once the two sides are the same: (source, destination, how to bring it over)."""
        for putting in (True, False):
            for where in (self.base, self.root, self.into):
                shutil.rmtree(where / "tree", ignore_errors=True)
            tree = self.tree(**files)
            self.put(server, tree)
            self.get(server, "tree")
            if putting:
                yield tree, self.root / "tree", lambda *more: self.put(server, tree, *more)
            else:
                yield self.root / "tree", self.into / "tree", lambda *more: self.get(server, "tree", *more)

    def change(self, path, content, same_time=False):
        before = path.stat().st_mtime_ns
        path.write_bytes(content)
        os.utime(path, ns=(before, before if same_time else before + 1))


class WhatIsSent(Changes):
    def test_an_unchanged_folder_is_not_sent_again(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                for again in ((), ("--resume",), ("--connections", "3")):
                    report = bring(*again)
                    self.assertEqual((report["entries"], report["bytes"], report["skipped"]), (0, 0, 3), again)
                report = bring("--whole")
                self.assertEqual((report["entries"], report["bytes"], report["skipped"]), (6, 6, 0))

    def test_what_differs_in_size_or_time_is_sent_and_nothing_else(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                self.change(source / "sub/b", b"other")
                (source / "sub/new").write_bytes(b"n")
                report = bring()
                self.assertEqual((report["bytes"], report["skipped"]), (6, 2))
                self.assert_same(source, destination)
                self.change(source / "a", b"0")  # as long as before
                report = bring()
                self.assertEqual((report["entries"], report["bytes"], report["skipped"]), (1, 1, 3))
                self.assert_same(source, destination)
                self.assertEqual(bring()["entries"], 0)  # the folders have their times again

    def test_a_change_of_the_same_size_and_time_is_found_by_checksum_only(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                self.change(source / "sub/b", b"xx", same_time=True)
                self.assertEqual(bring()["bytes"], 0)
                self.assertNotEqual((destination / "sub/b").read_bytes(), b"xx")
                report = bring("--checksum", "--dry-run")
                self.assertEqual(report["planned"], ["tree/sub/b"])
                report = bring("--checksum")
                self.assertEqual((report["entries"], report["bytes"], report["skipped"]), (1, 2, 2))
                self.assert_same(source, destination)
                report = bring("--checksum")
                self.assertEqual((report["entries"], report["bytes"], report["skipped"]), (0, 0, 3))

    def test_a_mode_alone_and_a_time_alone_arrive_without_the_content_of_a_large_file(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server, big=bytes(200_000)):
                (source / "big").chmod(0o600)
                (source / "sub").chmod(0o750)
                os.utime(source / "big", ns=(5, -OLD))
                report = bring()
                self.assertEqual((report["bytes"], report["skipped"]), (0, 4))
                for name in ("big", "sub"):
                    self.assertEqual((destination / name).stat().st_mode, (source / name).stat().st_mode)
                self.assertEqual((destination / "big").stat().st_mtime_ns, -OLD)
                self.assertEqual(bring()["entries"], 0)
                os.utime(source / "big", ns=(OLD, OLD))
                bring()

    def test_what_is_empty_arrives_by_checksum_too(self):
        tree, alone = self.tree(**{"void": b"", "package/__init__.py": b""}), self.base / "alone"
        (tree / "empty/deeper").mkdir(parents=True)
        alone.touch()
        with self.serve("--no-fsync") as server:
            report = self.put(server, tree, alone, "--checksum", "--dry-run")
            self.assertEqual((len(report["planned"]), report["skipped"]), (12, 0))
            report = self.put(server, tree, alone, "--checksum")
            self.assertEqual((report["entries"], report["skipped"]), (12, 0))
        self.assert_same(tree, self.root / "tree")
        self.assertTrue((self.root / "alone").exists())

    def test_nothing_is_there_already_on_a_server_that_has_nothing(self):
        mine = self.into / "mine"
        with self.serve() as server:
            for option in ("--checksum", "--whole"):
                mine.write_bytes(b"m")
                self.assertEqual(self.get(server, ".", option)["skipped"], 0)
                self.assertEqual(self.get(server, ".", option, "--delete")["deleted"], ["mine"])
                self.assertFalse(mine.exists())

    def test_a_part_is_taken_up_without_a_word(self):  # F42
        content = os.urandom(300_000)
        with self.serve("--no-fsync") as server:
            tree = self.tree(big=content)
            (self.root / "tree").mkdir()
            (self.root / "tree" / part_name("big")).write_bytes(content[:200_000])
            self.assertEqual(self.put(server, tree)["resumed_bytes"], 200_000)
            (self.into / part_name("big")).write_bytes(content[:100_000])
            self.assertEqual(self.get(server, "tree/big")["bytes"], 200_000)
            (self.into / "tree").mkdir()
            (self.into / "tree" / part_name("big")).write_bytes(content[:200_000])
            self.assertEqual(self.get(server, "tree")["bytes"], 100_006)
            self.assert_same(tree, self.into / "tree")

    def test_several_connections_share_what_changed(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                for i in range(8):
                    (source / f"sub/new{i}").write_bytes(os.urandom(100_000))
                report = bring("--connections", "4")
                self.assertEqual((report["bytes"], report["skipped"]), (800_000, 3))
                self.assert_same(source, destination)
                self.assertEqual(bring("--connections", "4")["entries"], 0)

    def test_a_closed_folder_is_opened_before_several_connections_bring_what_is_in_it(self):
        with self.serve("--no-fsync") as server:
            tree = self.tree()
            self.put(server, tree)
            for i in range(8):
                (tree / f"sub/new{i}").write_bytes(os.urandom(100_000))
            folders = tree / "sub", self.root / "tree/sub"
            for folder in folders:
                folder.chmod(0o555)
            with Recorder(server.port) as line:
                self.put(line, tree, "--connections", "3")
            first_end = line.frames.index(next(one for one in line.frames if one[:2] == (True, END)))
            sent = sum(size for ours, kind, size in line.frames[:first_end] if kind == BLOCK)
            self.assertLess(sent, 1_000)  # no file before the end of what opens the folder
            self.assert_same(tree, self.root / "tree")
            self.assertEqual(folders[1].stat().st_mode & 0o777, 0o555)
            for folder in folders:
                folder.chmod(0o755)

    def test_several_named_paths_are_compared_each_by_itself(self):
        with self.serve("--no-fsync") as server:
            one, other, alone = self.tree("one"), self.tree("other"), self.file("alone", 100)
            self.put(server, one, other, alone)
            self.get(server, "one", "other", "alone")
            self.change(one / "a", b"9")
            self.assertEqual(self.put(server, one, other, alone)["bytes"], 1)
            report = self.get(server, "one", "other", "alone")
            self.assertEqual((report["bytes"], report["skipped"]), (1, 6))
            self.assert_same(one, self.into / "one")

    def test_a_server_that_cannot_compare_is_sent_all_and_a_line_says_so(self):
        with self.serve("--no-fsync") as server, Recorder(server.port, (COMPARE,)) as line:
            tree = self.tree()
            for _ in range(2):
                report = self.put(line, tree)
                self.assertEqual((report["bytes"], report["skipped"]), (6, 0))
                self.assertEqual(report["remarks"], ["the server is of an edition that cannot compare: all is sent"])
            self.assertEqual(self.get(line, "tree")["remarks"], [])  # nothing is here that could be compared
            report = self.get(line, "tree")
            self.assertEqual((report["bytes"], report["skipped"]), (6, 0))
            self.assertEqual(report["remarks"], ["the server is of an edition that cannot compare: all is fetched"])
            for option in ("--delete", "--dry-run", "--checksum"):
                for words in (("put", tree), ("get", "tree", "--into", self.into)):
                    done = self.client(line, *words, option, "--retries", "0")
                    self.assertEqual((done.returncode, done.err),
                                     (1, "file_client: the server is of an edition that cannot compare\n"))

    def test_a_cut_line_compares_again(self):
        with self.serve("--no-fsync") as server:
            tree = self.tree()
            self.put(server, tree)
            faults = iter([Fault("reset", 20), Fault("close", 60)])
            with Proxy(("127.0.0.1", server.port), lambda: next(faults, Fault())) as line:
                report = self.put(line, tree)
            self.assertEqual((report["entries"], report["skipped"], report["retries"]), (0, 3, 2))


class RoundTrips(Changes):
    def reports(self, server, source):
        """Each direction: what the client says, and what has crossed the line."""
        for words in (("put", source), ("get", "many", "--into", self.into, "--no-fsync")):
            with Recorder(server.port) as line:
                done = self.client(line, *words, "--json")
                self.assertEqual(done.returncode, 0, done.err)
                report = json.loads(done.out)
                yield (report["entries"], report["bytes"], report["skipped"]), line

    def test_ten_thousand_files_take_three_round_trips_and_one_changed_of_them_an_exchange_more(self):
        source = self.many(self.base / "many")
        with self.serve("--no-fsync") as server:
            self.put(server, source)
            self.get(server, "many")
            for report, line in self.reports(server, source):
                self.assertEqual(report, (0, 0, 10_000))
                self.assertLessEqual(line.round_trips(), 3)
                self.assertLess(sum(size for _, _, size in line.frames), 500)
                self.assertEqual(line.kinds() - {WORKING}, {HELLO, COMPARE, COMPARED})
            self.change(source / "folder-3/a file of many 00003", b"other")
            for report, line in self.reports(server, source):
                self.assertEqual(report, (1, 5, 9_999))
                self.assertLessEqual(line.round_trips(), 4)
                self.assertEqual(line.connections, 1)
                self.assertLessEqual(line.bytes_of(COMPARE, THERE, COMPARED), 64 * 10_011)
                self.assertLess(line.bytes_of(BLOCK, PUT, GET, END), 1_000)
            self.assert_same(source, self.into / "many")


class Deleting(Changes):
    def test_what_the_source_does_not_have_is_deleted_when_that_is_asked_for(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                (destination / "extra/deep").mkdir(parents=True)
                (destination / "extra/deep/x").write_bytes(b"x")
                (destination / "extra/deep" / part_name("y")).write_bytes(b"y")
                (destination / "sub/z").write_bytes(b"z")
                self.assertEqual(bring()["deleted"], [])
                report = bring("--delete", "--dry-run")
                gone = ["tree/sub/z", "tree/extra/deep/x", "tree/extra/deep", "tree/extra"]
                self.assertEqual((report["planned"], report["deleted"]), ([], gone))
                self.assertTrue((destination / "sub/z").exists())
                self.assertEqual(bring("--delete")["deleted"], gone)
                self.assert_same(source, destination)
                report = bring("--delete")
                self.assertEqual((report["entries"], report["deleted"]), (0, []))  # folders have their times again

    def test_each_deleted_name_is_a_line_and_they_are_counted(self):
        with self.serve("--no-fsync") as server:
            tree = self.tree()
            self.put(server, tree)
            (self.root / "tree/x\ny").write_bytes(b"")
            done = self.client(server, "put", tree, "--delete")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn(", 3 there already, 1 deleted\n", done.err)
        self.assertIn('file_client: deleted "tree/x\\x0ay"\n', done.err)

    def test_nothing_outside_the_named_folder_and_behind_no_link(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                outside = destination.parent / "outside"
                outside.mkdir()
                (outside / "kept").write_bytes(b"k")
                (destination / "link").symlink_to(outside)
                (destination / "sub/file link").symlink_to(outside / "kept")
                report = bring("--delete")
                self.assertEqual(report["deleted"], [])
                self.assertTrue((outside / "kept").exists())
                self.assertTrue((destination / "link").is_symlink())
                (destination / "link").unlink()
                (destination / "sub/file link").unlink()

    def test_a_name_that_is_a_link_at_the_source_stays(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                (source / "other").symlink_to("a")
                (source / "folder").symlink_to("sub")
                (destination / "other").write_bytes(b"o")
                (destination / "folder").mkdir()
                (destination / "folder/x").write_bytes(b"x")
                self.assertEqual(bring("--delete")["deleted"], [])
                for name in ("other", "folder"):
                    (source / name).unlink()
                self.assertEqual(len(bring("--delete")["deleted"]), 3)

    def test_nothing_is_deleted_when_something_of_the_source_is_missing(self):
        with self.serve("--no-fsync") as server:
            tree = self.tree()
            self.put(server, tree)
            self.get(server, "tree")
            for where in (self.root, self.into):
                (where / "tree/extra").write_bytes(b"x")
            done = self.client(server, "put", tree, self.base / "not there", "--delete", "--json")
            self.assertEqual((done.returncode, json.loads(done.out)["deleted"]), (1, []))
            (self.root / "tree/extra").unlink()
            done = self.client(server, "get", "tree", "nothing", "--into", self.into, "--delete", "--json")
            report = json.loads(done.out)
            self.assertEqual((done.returncode, report["deleted"]), (1, []))
            self.assertIn("nothing was deleted, because not all of the source was there, or arrived", report["remarks"])
            self.assertTrue((self.into / "tree/extra").exists())

    def test_a_file_in_the_way_keeps_all_others(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                (destination / "extra").write_bytes(b"x")
                (destination / "a").unlink()
                (destination / "a").mkdir()
                with self.assertRaises(AssertionError):  # exit code 1
                    bring("--delete")
                self.assertTrue((destination / "extra").exists())

    def test_a_server_that_takes_nothing_or_replaces_nothing_deletes_nothing(self):
        tree = self.tree()
        with self.serve("--no-fsync") as server:
            self.put(server, tree)
        (self.root / "tree/extra").write_bytes(b"x")
        for option in ("--read-only", "--no-overwrite"):
            with self.serve("--no-fsync", option) as server:
                done = self.client(server, "put", tree, "--delete")
                self.assertEqual(done.returncode, 1)
                self.assertIn(option, done.err)
                self.assertEqual(told(server, frame(REMOVE, bytes(4)))[0], 211)
        self.assertTrue((self.root / "tree/extra").exists())

    def test_a_lost_connection_deletes_nothing(self):
        with self.serve("--no-fsync", "--drain", "200ms") as server:
            tree = self.tree()
            self.put(server, tree)
            (self.root / "tree/extra").write_bytes(b"x")
            when = (self.root / "tree/extra").stat().st_mtime_ns
            whole = frame(REMOVE, struct.pack(">I", 1) + entry("tree/extra", 1, modified_ns=when)[1:])
            for size in (12, len(whole) // 2, len(whole) - 1):
                self.assertEqual(told(server, whole[:size], half_close=True)[0], 5)
            (tree / "new").write_bytes(os.urandom(1_000_000))
            with Proxy(("127.0.0.1", server.port), lambda: Fault("close", 300_000)) as cut:
                done = self.client(cut, "put", tree, "--delete", "--retries", "0", "--compress", "off")
            self.assertEqual(done.returncode, 1)
            self.assertTrue((self.root / "tree/extra").exists())
            self.assertEqual(self.put(server, tree, "--delete")["deleted"], ["tree/extra"])

    def test_what_was_written_since_it_was_listed_stays(self):
        with self.serve("--no-fsync") as server:
            (self.root / "x").write_bytes(b"12")
            peer = Peer("127.0.0.1", server.port)
            facts = (self.root / "x").stat()
            for size, when in ((1, facts.st_mtime_ns), (2, facts.st_mtime_ns + 1)):
                self.assertEqual(self.removed(peer, ("x", size, "f", when)), [0])
                self.assertEqual(peer.problems.pop()[0], 210)
            self.assertEqual(self.removed(peer, ("x", 2, "d", 0)), [0])
            self.assertEqual(peer.problems.pop()[0], 212)
            self.assertEqual(self.removed(peer, ("x", 2, "f", facts.st_mtime_ns), ("gone", 1, "f", 0)), [1, 1])

    def test_what_is_being_written_stays(self):  # F47
        with self.serve("--no-fsync") as server:
            (self.root / "d").mkdir()
            (self.root / "d/x").write_bytes(b"1")
            writer = Peer("127.0.0.1", server.port)
            writer.send(frame(PUT), block(entry("d/x", 5)))
            wait_until(lambda: (self.root / "d" / part_name("x")).exists(), "it has begun")
            peer = Peer("127.0.0.1", server.port)
            when = (self.root / "d/x").stat().st_mtime_ns
            self.assertEqual(self.removed(peer, ("d/x", 1, "f", when), ("d", 0, "d", 0)), [0, 0])
            codes = [code for code, _ in peer.problems]
            self.assertEqual(codes[0], 204)
            self.assertIn(codes[1], (204, 212))  # whatever is found in it first

    def removed(self, peer, *entries):
        body = b"".join(entry(path, size, kind=kind, modified_ns=when)[1:] for path, size, kind, when in entries)
        peer.send(frame(REMOVE, struct.pack(">I", len(entries)) + body))
        flags = []
        while True:
            kind, payload = peer.receive(REMOVED, END)
            if kind == END:
                self.assertEqual(struct.unpack(">QQ", payload)[0], sum(flags))
                return flags
            self.assertEqual(struct.unpack_from(">I", payload)[0], len(payload) - 4)
            flags += payload[4:]

    def test_all_that_is_here_is_deleted_only_in_a_folder_that_is_named(self):
        with self.serve() as server:
            done = self.client(server, "get", ".", "--delete")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--into", done.err)


class Excluding(Changes):
    def test_what_is_excluded_is_neither_sent_nor_deleted(self):
        with self.serve("--no-fsync") as server:
            for source, destination, bring in self.both(server):
                for where in (source, destination):
                    (where / "build").mkdir()
                (source / "build/new.o").write_bytes(b"n")
                (source / "sub/new.o").write_bytes(b"n")
                (source / "sub/new.c").write_bytes(b"n")
                (destination / "build/kept").write_bytes(b"k")
                (destination / "extra/deep").mkdir(parents=True)
                (destination / "extra/deep/kept.o").write_bytes(b"k")
                (destination / "extra/gone").write_bytes(b"g")
                report = bring("--delete", "--exclude", "/build/", "--exclude", "*.o")
                self.assertEqual(report["deleted"], ["tree/extra/gone"])
                self.assertTrue((destination / "sub/new.c").exists())
                for name in ("sub/new.o", "build/new.o"):
                    self.assertFalse((destination / name).exists(), name)
                for name in ("build/kept", "extra/deep/kept.o"):
                    self.assertTrue((destination / name).exists(), name)

    def test_a_first_copy_leaves_it_out_too(self):
        with self.serve("--no-fsync") as server:
            tree = self.tree()
            self.put(server, tree, "--exclude", "deeper/")
            self.assertEqual(sorted(p.name for p in (self.root / "tree").rglob("*")), ["a", "b", "sub"])
            self.put(server, tree)
            self.get(server, "tree", "--exclude", "/sub/b")
            self.assertEqual(sorted(p.name for p in (self.into / "tree").rglob("*")), ["a", "c", "deeper", "sub"])

    def test_a_bad_pattern_is_a_wrong_argument(self):
        for pattern in ("[a", "/", "", "[[:letter:]]"):
            done = self.client(1, "put", self.base, "--exclude", pattern)
            self.assertEqual(done.returncode, 2, pattern)
            self.assertEqual(len(done.err.splitlines()), 1, done.err)


class DryRun(Changes):
    def state(self, where):
        return {p: (p.stat().st_mtime_ns, p.stat().st_mode, p.stat().st_size) for p in [where, *where.rglob("*")]}

    def test_it_says_what_would_be_done_and_does_none_of_it(self):
        with self.serve() as server:
            tree = self.tree()
            for words in (("put", tree), ("get", "tree", "--into", self.into)):
                before = self.state(self.base)
                with Recorder(server.port) as line:
                    done = self.client(line, *words, "--dry-run")
                self.assertEqual((done.returncode, sorted(done.out.splitlines())[-1]), (0, "send tree/sub/deeper/c"))
                self.assertIn("nothing was done: 6 would be sent, 0 deleted, 0 are there already", done.err)
                self.assertEqual(line.kinds() - {WORKING, PROBLEM}, {HELLO, COMPARE, COMPARED} |  # nothing is there yet
                                 ({THERE} if words[0] == "get" else set()))
                self.assertEqual(self.state(self.base), before)
                self.client(server, *words)


class Hostile(Changes):
    def test_payloads_that_break_the_protocol_are_told(self):
        with self.serve("--no-fsync") as server:
            good = paths("x") + bytes(24)
            for kind, payload, code in (
                    (COMPARE, b"", 200), (COMPARE, good[:-1], 200), (COMPARE, good + b"x", 200),
                    (COMPARE, paths("a", "a") + bytes(24), 200), (COMPARE, paths("../x") + bytes(24), 202),
                    (COMPARE, struct.pack(">I", 16_385) + bytes(3 * 16_385 + 24), 200),
                    (REMOVE, b"", 200), (REMOVE, struct.pack(">I", 1), 200),
                    (REMOVE, struct.pack(">I", 2) + 2 * entry("a", 1)[1:], 200),
                    (REMOVE, struct.pack(">I", 1) + entry("a", 1, kind="o")[1:], 200),
                    (REMOVE, struct.pack(">I", 1) + entry("", 1)[1:], 202),
                    (REMOVE, struct.pack(">I", 1) + entry("..", 1, kind="d")[1:], 202),
                    (REMOVE, struct.pack(">I", 1) + entry(part_name("a"), 1)[1:], 202),
                    (THERE, bytes(4), 6), (COMPARED, bytes(17), 6), (REMOVED, bytes(4), 6)):
                self.assertEqual(told(server, frame(kind, payload))[0], code, (kind, payload[:40]))

    def test_nothing_is_removed_through_a_link(self):  # F38
        outside = self.base / "outside"
        outside.mkdir()
        (outside / "x").write_bytes(b"x")
        when = (outside / "x").stat().st_mtime_ns
        os.symlink(outside, self.root / "up")
        os.symlink(outside / "x", self.root / "file")
        with self.serve("--no-fsync") as server:
            peer = Peer("127.0.0.1", server.port)
            deleting = Deleting("removed")
            for one in (("up/x", 1, "f", when), ("up", 0, "d", 0), ("file", 1, "f", when)):
                self.assertEqual(deleting.removed(peer, one), [0], one)
        self.assertEqual((outside / "x").read_bytes(), b"x")
        self.assertTrue((self.root / "up").is_symlink() and (self.root / "file").is_symlink())

    def answer(self, *frames):
        """A server that answers a comparison with these frames."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer, peer.makefile("rb") as stream:
                    for _ in range(2):
                        header = stream.read(12)
                        stream.read(struct.unpack(">I", header[4:8])[0])
                    peer.sendall(frame(HELLO, struct.pack(">HI", 1, 0)) + b"".join(frames))
                    peer.shutdown(socket.SHUT_WR)
                    stream.read()
        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    def there(self, *found):
        return frame(THERE, struct.pack(">I", len(found)) + b"".join(
            struct.pack(">BHqQHH", ord(kind), 0o644, 0, 1, kept, len(rest)) + rest for kind, kept, rest in found))

    def test_a_client_believes_no_answer_that_cannot_be(self):
        (self.into / "tree").mkdir()
        (self.into / "tree/mine").write_bytes(b"m")
        result = lambda same, listed: frame(COMPARED, struct.pack(">BQQ", same, listed, 0))
        f = self.there
        for frames, why in (
                ((f(("f", 0, b"tree/a")), result(0, 2)), "1 entries came, where 2 are there"),
                ((f(("f", 0, b"other")), result(0, 1)), "nobody has asked for"),
                ((f(("f", 0, b"tree/../x")), result(0, 1)), "name of dots"),
                ((f(("f", 1, b"tree")), result(0, 1)), "a path that cannot be"),
                ((f(("f", 0, b"tree/a"), ("f", 7, b"b")), result(0, 2)), "a path that cannot be"),
                ((f(("x", 0, b"tree/a")), result(0, 1)), "an unknown kind"),
                ((frame(THERE, struct.pack(">I", 9)), result(0, 0)), "items in one message"),
                ((result(2, 0),), "neither yes nor no"),
                ((frame(COMPARED, bytes(16)),), "cut short"),
                ((frame(END, bytes(16)),), "a frame of this type"),
                ((result(0, 0),), 'the server sends no "tree", and does not say why'),
                ((f(("d", 0, b"tree")),), "")):
            done = self.client(self.answer(*frames), "get", "tree", "--into", self.into, "--delete", "--retries", "0",
                               "--idle", "5s")
            self.assertEqual(done.returncode, 1, why)
            self.assertIn(why, done.err)
            self.assertEqual(len(done.err.splitlines()), 1, done.err)
            self.assertEqual((self.into / "tree/mine").read_bytes(), b"m")


    def test_what_is_the_same_as_nothing_or_is_a_link_has_not_come(self):
        (self.into / "tree").mkdir()
        (self.into / "tree/mine").write_bytes(b"m")
        same = frame(COMPARED, struct.pack(">BQQ", 1, 0, 0))
        link = self.there(("o", 0, b"gone")) + frame(COMPARED, struct.pack(">BQQ", 0, 1, 0))
        for frames, words in itertools.product(
                (same, link), (("--delete",), ("--exclude", "*.o"), ("--connections", "4"), ("--whole", "--delete"),
                               ("tree",), ("tree", "--checksum"))):
            if (frames, words[0]) == (link, "tree"):
                continue  # it says nothing of the tree
            done = self.client(self.answer(frames), "get", "gone", "--into", self.into, "--retries", "0", *words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn('the server sends no "gone", and does not say why', done.err)


class Sums(Changes):
    def test_a_client_made_from_the_drawings_has_the_same_sum(self):
        tree = self.tree(**{"sub/\udcff name": b"n", "old": b""})
        os.utime(tree / "old", ns=(0, -5_000_000_001))
        with self.serve("--no-fsync") as server:
            self.put(server, tree)
            told = []
            for path in [tree, *tree.rglob("*")]:
                facts, folder = path.stat(), path.is_dir()
                told.append((str(path.relative_to(self.base)), 0 if folder else facts.st_size, "d" if folder else "f",
                             facts.st_mode & 0o777, facts.st_mtime_ns))
            peer = Peer("127.0.0.1", server.port)
            self.assertIsNone(peer.compare(["tree"], told))
            self.assertIsNone(peer.compare(["tree"], told[::-1]))  # in any order
            for at, other in ((0, "tree/other"), (1, 99), (3, 0o600), (4, 1)):
                wrong = [*told[:-1], (*told[-1][:at], other, *told[-1][at + 1:])]
                self.assertEqual(sorted(peer.compare(["tree"], wrong)), sorted(told), at)


if __name__ == "__main__":
    unittest.main()
