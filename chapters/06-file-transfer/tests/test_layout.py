"""The lesson's drawings of the protocol, byte by byte: requests made from them, answers taken apart by them."""

import re
import struct
import unittest
import zlib
from pathlib import Path

from files import FilesTest
from transfer import ACK, ANSWER, ASK, BLOCK, END, ENTRIES, GET, LIST, PUT, Server as Peer, Told, frame

CHAPTER = Path(__file__).parent.parent
SECTION = (CHAPTER / "lesson.md").read_text(encoding="utf-8").split("{#transfer-bytes}")[1].split("{#transfer-full}")[0]
DRAWINGS = {name: [field.split() for field in fields.strip("| ").split(" | ")]
            for name, fields in re.findall(r"^ (\w+) +(\|.+\|)", SECTION, re.MULTILINE)}
INTEGER = {1: "B", 2: "H", 4: "I", 8: "Q"}


def make(name, values):
    """The bytes of a drawing; `values` go into its fields, in order."""
    made, before = b"", None
    for (field, size), value in zip(DRAWINGS[name], values, strict=True):
        if size != "...":
            made += struct.pack(">" + INTEGER[int(size)], value)
        elif field in DRAWINGS:
            made += b"".join(make(field, one) for one in (value if before == "count" else [value]))
        else:
            made += value
        before = field
    return made


def take(name, payload):
    """The values in a drawing's fields, in order, and the bytes behind it."""
    values, before = [], None
    for field, size in DRAWINGS[name]:
        if size != "...":
            value, = struct.unpack_from(">" + INTEGER[int(size)], payload)
            payload = payload[int(size):]
        elif field not in DRAWINGS:
            length = values[-1] if before == "length" else len(payload)
            value, payload = payload[:length], payload[length:]
        elif before == "count":
            value = []
            for _ in range(values[-1]):
                one, payload = take(field, payload)
                value.append(one)
        else:
            value, payload = take(field, payload)
        values.append(value)
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


class Layout(FilesTest):
    def whole(self, name, payload):
        values, rest = take(name, payload)
        self.assertEqual(rest, b"", f"bytes behind {name}")
        return values

    def test_the_greeting_is_as_drawn(self):
        with self.serve("--limit", "7", "--idle", "9s") as server:
            self.assertEqual(self.whole("hello", Peer("127.0.0.1", server.port).greeting), [1, 0, 262144, 7, 9000])

    def test_a_file_goes_and_comes_back_by_the_drawings(self):
        content, name = b"some text " * 1000, [len(b"a name"), b"a name"]
        about = [ord("f"), 0o640, 1234567890123456789, len(content), 0, name]
        records = (b"E" + make("E", [about]) + b"C" + make("C", [len(content), content]) +
                   b"Z" + make("Z", [zlib.crc32(content)]))
        with self.serve("--no-fsync") as server:
            peer = Peer("127.0.0.1", server.port)
            packed = zlib.compress(records)
            peer.send(frame(PUT), frame(BLOCK, make("block", [1, len(records), packed])),
                      frame(END, make("end", [1, len(content)])))
            kind, answer = peer.receive(ACK, END)
            while kind == ACK:
                self.whole("ack", answer)
                kind, answer = peer.receive(ACK, END)
            self.assertEqual(self.whole("end", answer), [1, len(content)])

            peer.send(frame(LIST, make("list", [1, [name]])))
            self.assertEqual(self.whole("entries", peer.receive(ENTRIES))[1], [about])
            self.assertEqual(self.whole("entries", peer.receive(ENTRIES)), [0, []])
            self.assertEqual(self.whole("end", peer.receive(END)), [1, len(content)])

            peer.send(frame(ASK, make("ask", [2, [name, [1, b"x"]]])))
            self.assertEqual(self.whole("answer", peer.receive(ANSWER))[1],
                             [[2, len(content), zlib.crc32(content), name], [0, 0, 0, [1, b"x"]]])

            peer.send(frame(GET, make("get", [1, [name], 1, [[1, 10, zlib.crc32(content[:10]), name]], 0])))
            codec, size, block = self.whole("block", peer.receive(BLOCK))
            self.assertEqual((codec, size), (0, len(block)))
            (entry,), rest = take("E", block[1:])
            self.assertEqual(entry, about[:4] + [10, name])
            (_, piece), rest = take("C", rest[1:])
            self.assertEqual(piece, content[10:])
            self.assertEqual(self.whole("Z", rest[1:]), [zlib.crc32(content)])
            self.assertEqual(self.whole("end", peer.receive(END)), [1, len(content) - 10])

    def test_an_error_is_as_drawn_and_its_code_in_the_table(self):
        with self.serve() as server:
            peer = Peer("127.0.0.1", server.port)
            with self.assertRaises(Told) as caught:
                peer.get("../a")
        self.assertIn(f"| {caught.exception.args[0]} | bad_path |", SECTION)

    def test_the_tables_have_the_numbers_of_the_headers(self):
        rows = re.findall(r"^\| (\d+) \| (\w+) \|", SECTION, re.MULTILINE)
        types = enumerators(CHAPTER / "protocol.hpp", "message")
        codes = (enumerators(CHAPTER.parent / "03-async-io" / "robust.hpp", "refusal") |
                 enumerators(CHAPTER / "protocol.hpp", "errc"))
        numbered = [(name, str(value)) for table in (types, codes) for name, value in table.items()]
        self.assertEqual([(name, number) for number, name in rows], numbered)
        self.assertEqual(set(types) - set(DRAWINGS), {"put"})  # which is empty


if __name__ == "__main__":
    unittest.main()
