"""The drawings of the protocol, byte by byte: requests made from them, answers taken apart by them."""

import hashlib
import re
import struct
import unittest
import uuid
import zlib
from contextlib import contextmanager
from pathlib import Path

from files import FilesTest
from transfer import (ACK, ANSWER, ASK, BLOCK, COMPARE, COMPARED, END, ENTRIES, GET, HEADER, LIST, PROBLEM, PUT, REMOVE,
                      REMOVED, THERE, Server as Peer, Told, frame)

CHAPTER = Path(__file__).parent.parent
LESSON, PROTOCOL = ((CHAPTER / page).read_text(encoding="utf-8") for page in ("lesson.md", "protocol.md"))
SECTION = PROTOCOL.split("{#transfer-bytes}")[1]
DRAWINGS = {name: [field.split() for field in fields.strip("| ").split(" | ")]
            for name, fields in re.findall(r"^ (\w+) +(\|.+\|)", SECTION, re.MULTILINE)}
INTEGER = {1: "B", 2: "H", 4: "I", 8: "Q"}


def make(name, values):
    """The bytes of a drawing: {field: value}, counts and lengths left out."""
    made, fields = b"", DRAWINGS[name]
    for (field, size), (following, _) in zip(fields, [*fields[1:], (None, None)]):
        if size != "...":
            value = len(values[following]) if field in ("count", "length") else values[field]
            made += struct.pack(">" + INTEGER[int(size)], value)
        elif field not in DRAWINGS:
            made += values[field]
        else:
            items = values[field] if isinstance(values[field], list) else [values[field]]
            made += b"".join(make(field, one) for one in items)
    return made


def take(name, payload):
    """{field: value} of a drawing, counts and lengths left out; and the bytes behind it."""
    values, before, number = {}, None, None
    for field, size in DRAWINGS[name]:
        if size != "...":
            number, = struct.unpack_from(">" + INTEGER[int(size)], payload)
            payload = payload[int(size):]
            if field not in ("count", "length"):
                values[field] = number
        elif field not in DRAWINGS:
            length = number if before == "length" else len(payload)
            values[field], payload = payload[:length], payload[length:]
        elif before == "count":
            values[field] = []
            for _ in range(number):
                one, payload = take(field, payload)
                values[field].append(one)
        else:
            values[field], payload = take(field, payload)
        before = field
    return values, payload


def enumerators(header, name):
    """{enumerator: value} of an enum in a header."""
    body = re.search(rf"enum class {name}[^{{]*{{(.*?)}};", header.read_text(encoding="utf-8"), re.DOTALL).group(1)
    found, value = {}, -1
    for one, given in re.findall(r"^ *(\w+)(?: = (\d+))?,", body, re.MULTILINE):
        value = int(given) if given else value + 1
        found[one] = value
    return found


def file(path, content):
    """A file's entry, with values that show which field is which, and its records."""
    entry = {"kind": ord("f"), "mode": 0o640, "mtime_ns": 1234567890123456789, "size": len(content), "offset": 0,
             "path": {"bytes": path}}
    return entry, (b"E" + make("E", {"entry": entry}) + b"C" + make("C", {"bytes": content}) +
                   b"Z" + make("Z", {"checksum": zlib.crc32(content)}))


class Layout(FilesTest):
    @contextmanager
    def connect(self, *options):
        with self.serve("--no-fsync", *options) as server:
            peer = Peer("127.0.0.1", server.port)
            with peer.peer, peer.stream:
                yield peer

    def whole(self, name, payload):
        values, rest = take(name, payload)
        self.assertEqual(rest, b"", f"bytes behind {name}")
        return values

    def put(self, peer, records, totals):
        """Sends a block; the totals of the last ack."""
        block = make("block", {"codec": 1, "size": len(records), "bytes": zlib.compress(records)})
        peer.send(frame(PUT), frame(BLOCK, block), frame(END, make("end", totals)))
        last, kind = None, None
        while kind != END:
            kind, payload = peer.receive(ACK, END)
            if kind == ACK:
                last = self.whole("ack", payload)
        self.assertEqual(self.whole("end", payload), totals)
        return last

    def test_the_greeting_is_as_drawn(self):
        with self.connect("--without", "nodelay") as peer:
            self.assertEqual(self.whole("hello", peer.greeting), {"version": 1, "without": 2, "can": 1})

    def test_a_file_comes_back_by_the_drawings(self):
        content = b"some text " * 1000
        entry, records = file(b"a name", content)
        path, other, sizes = entry["path"], {"bytes": b"x"}, {"entries": 1, "bytes": len(content)}
        with self.connect() as peer:
            self.put(peer, records, sizes)

            peer.send(frame(LIST, make("list", {"path": [path]})))
            self.assertEqual(self.whole("entries", peer.receive(ENTRIES)), {"entry": [entry]})
            self.assertEqual(self.whole("end", peer.receive(END)), sizes)

            peer.send(frame(ASK, make("ask", {"path": [path, other]})))
            self.assertEqual(self.whole("answer", peer.receive(ANSWER))["holding"], [
                {"state": 2, "size": len(content), "checksum": zlib.crc32(content), "path": path},
                {"state": 0, "size": 0, "checksum": 0, "path": other}])

            part = {"state": 1, "size": 10, "checksum": zlib.crc32(content[:10]), "path": path}
            peer.send(frame(GET, make("get", {"path": [path], "holding": [part], "level": 0})))
            block = self.whole("block", peer.receive(BLOCK))
            self.assertEqual((block["codec"], block["size"]), (0, len(block["bytes"])))
            begun, rest = take("E", block["bytes"][1:])
            self.assertEqual(begun["entry"], entry | {"offset": 10})
            piece, rest = take("C", rest[1:])
            self.assertEqual(piece["bytes"], content[10:])
            self.assertEqual(self.whole("Z", rest[1:]), {"checksum": zlib.crc32(content)})
            self.assertEqual(self.whole("end", peer.receive(END)), {"entries": 1, "bytes": len(content) - 10})

    def test_a_comparison_and_a_removal_go_by_the_drawings(self):
        entry, records = file(b"a name", b"some text")
        question = {"path": [entry["path"]], "entries": 0, "high": 0, "low": 0}
        found = {field: entry[field] for field in ("kind", "mode", "mtime_ns", "size", "path")} | {"kept": 0}
        text = struct.pack(">BHqQ", entry["kind"], entry["mode"], entry["mtime_ns"], entry["size"]) + b"a name"
        space = uuid.UUID(re.search(r"name space `([0-9a-f-]+)`", SECTION).group(1))
        named = uuid.UUID(bytes=hashlib.sha1(space.bytes + text).digest()[:16], version=5)
        high, low = struct.unpack(">QQ", named.bytes)
        with self.connect() as peer:
            self.put(peer, records, {"entries": 1, "bytes": 9})
            peer.send(frame(COMPARE, make("compare", question)))
            self.assertEqual(self.whole("there", peer.receive(THERE)), {"found": [found]})
            self.assertEqual(self.whole("compared", peer.receive(COMPARED)), {"same": 0, "entries": 1, "parts": 0})
            peer.send(frame(COMPARE, make("compare", question | {"entries": 1, "high": high, "low": low})))
            self.assertEqual(self.whole("compared", peer.receive(COMPARED)), {"same": 1, "entries": 0, "parts": 0})
            peer.send(frame(REMOVE, make("remove", {"entry": [entry]})))
            self.assertEqual(self.whole("removed", peer.receive(REMOVED)), {"gone": [{"yes": 1}]})
            self.assertEqual(self.whole("end", peer.receive(END)), {"entries": 1, "bytes": 9})

    def test_an_acknowledgement_is_as_drawn(self):
        files = [file(b"%d" % i, b"abc")[1] for i in range(300)]
        with self.connect() as peer:
            acknowledged = self.put(peer, b"".join(files), {"entries": 300, "bytes": 900})
        self.assertEqual(acknowledged, {"entries": 256, "bytes": 768})

    def test_an_acknowledgement_waits_for_no_further_block(self):
        records = b"".join(file(b"%d" % i, b"abc")[1] for i in range(256))
        with self.connect() as peer:
            peer.send(frame(PUT), frame(BLOCK, make("block", {"codec": 0, "size": len(records), "bytes": records})))
            self.assertEqual(self.whole("ack", peer.receive(ACK)), {"entries": 256, "bytes": 768})

    def test_a_time_before_1970_is_below_zero(self):  # in two's complement
        entry, _ = file(b"old", b"")
        entry["mtime_ns"] = 2**64 - 147_000_000_999_999_999
        records = b"E" + make("E", {"entry": entry}) + b"Z" + make("Z", {"checksum": 0})
        with self.connect() as peer:
            self.put(peer, records, {"entries": 1, "bytes": 0})
            self.assertEqual((self.root / "old").stat().st_mtime_ns, -147_000_000_999_999_999)
            peer.send(frame(LIST, make("list", {"path": [entry["path"]]})))
            self.assertEqual(self.whole("entries", peer.receive(ENTRIES)), {"entry": [entry]})

    def test_an_end_that_counts_otherwise_is_refused(self):
        _, records = file(b"a", b"content")
        for wrong in ({"entries": 2, "bytes": 7}, {"entries": 1, "bytes": 8}):
            with self.connect() as peer, self.assertRaisesRegex(Told, "1 entries and 7 bytes came"):
                self.put(peer, records, wrong)
        self.assertEqual(list(self.root.iterdir()), [])

    def test_a_problem_is_as_drawn_and_its_code_in_the_table(self):
        with self.connect() as peer:
            peer.send(frame(LIST, make("list", {"path": [{"bytes": b"nothing"}]})))
            payload = peer.receive(PROBLEM)
            problem = self.whole("problem", payload)
            self.assertIn(f"| {problem['code']} | not_found |", SECTION)
            self.assertEqual(problem["text"], b'open "nothing": No such file or directory')
            self.assertEqual(self.whole("end", peer.receive(END)), {"entries": 0, "bytes": 0})

    def test_an_error_is_as_drawn_and_its_code_in_the_table(self):
        with self.connect() as peer:
            peer.send(frame(LIST, make("list", {"path": [{"bytes": b"../a"}]})))
            _, _, _, length, _ = HEADER.unpack(peer.stream.read(HEADER.size))
            error = self.whole("error", peer.stream.read(length))
        self.assertIn(f"| {error['code']} | bad_path |", SECTION)
        self.assertEqual(error["text"], b'the path "../a" has a name of dots in it')

    def test_a_bit_stands_for_each_technique_in_the_order_of_the_table(self):
        table = LESSON.split("{#transfer-ablation}")[1].split("\n## ")[0]
        bits = {name: 1 << i for i, name in enumerate(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))}
        self.assertEqual(bits, enumerators(CHAPTER / "wire" / "techniques.hpp", "technique"))
        self.assertIn(f"`gather` is {bits['gather']}, `order` is {bits['order']}", SECTION)

    def test_the_tables_have_the_numbers_of_the_headers(self):
        rows = re.findall(r"^\| (\d+) \| (\w+) \|", SECTION, re.MULTILINE)
        types = enumerators(CHAPTER / "wire" / "protocol.hpp", "message")
        codes = (enumerators(CHAPTER.parent / "03-async-io" / "robust" / "refusal.hpp", "refusal") |
                 enumerators(CHAPTER / "disk" / "failure.hpp", "errc"))
        numbered = [(name, str(value)) for table in (types, codes) for name, value in table.items()]
        self.assertEqual([(name, number) for number, name in rows], numbered)
        self.assertEqual(set(types) - set(DRAWINGS), {"put", "working"})  # which are empty


if __name__ == "__main__":
    unittest.main()
