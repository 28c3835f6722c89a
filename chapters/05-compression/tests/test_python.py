"""Python's zlib against ours: what either compresses the other inflates, whatever the format, level and size."""

import os
import subprocess
import sys
import unittest
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent / "python"
sys.path.insert(0, str(PYTHON))

import send_compressed  # noqa: E402
from programs import Server, program, run  # noqa: E402

FORMATS = {"zlib": 15, "gzip": 31, "raw": -15}
LEVELS = [0, 1, 3, 6, 9]
SIZES = [0, 1, 5, 1000, 65536, 300_001]
TEXT = (PYTHON / "send_compressed.py").read_bytes() * 200


def compressed_by_python(data, level, wbits):
    squeeze = zlib.compressobj(level, zlib.DEFLATED, wbits)
    return squeeze.compress(data) + squeeze.flush()


def flate(data, *options):
    """What our program makes of standard input."""
    done = subprocess.run([program("flate"), *map(str, options)], input=data, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout


class BothDirections(unittest.TestCase):
    def test_each_inflates_what_the_other_has_compressed(self):
        cases = [(name, level, size) for name in FORMATS for level in LEVELS for size in SIZES]

        def check(case):
            name, level, size = case
            data, wbits = TEXT[:size], FORMATS[name]
            ours = flate(data, "--format", name, "--level", level, "--block", 1 + size % 1000)
            back = zlib.decompressobj(wbits)
            theirs = compressed_by_python(data, level, wbits)
            return (back.decompress(ours) == data and back.eof and not back.unused_data,
                    flate(theirs, "--inflate", "--format", name) == data)

        with ThreadPoolExecutor(2) as pool:
            results = dict(zip(cases, pool.map(check, cases)))
        self.assertEqual([case for case, good in results.items() if good != (True, True)], [])
        self.assertGreaterEqual(2 * len(results), 160)

    def test_every_window_is_understood(self):
        for bits in range(9, 16):
            ours = flate(TEXT[:100_000], "--window", bits)
            self.assertEqual(zlib.decompressobj(15).decompress(ours), TEXT[:100_000])


class Transfers(unittest.TestCase):
    def test_pythons_sender_and_our_server_agree(self):
        with Server(program("compressed_server")) as server:
            for size in SIZES:
                data = TEXT[:size]
                done = run("python3", PYTHON / "send_compressed.py", "--connect", server.address, stdin=data)
                self.assertEqual((done.returncode, done.err), (0, ""))
            _, out, _ = server.stop()
            self.assertEqual(out.splitlines(),
                             [f"received {size} bytes, CRC-32 {zlib.crc32(TEXT[:size]):08x}" for size in SIZES])

    def test_our_sender_and_pythons_receiver_agree_in_every_way(self):
        with Server("python3", PYTHON / "receive_compressed.py") as server:
            for way in ("one-shot", "streaming", "overlapped", "messages"):
                done = run(program("compressed_client"), "--connect", server.address, "--way", way, stdin=TEXT[:200_000])
                self.assertEqual((done.returncode, done.err), (0, ""), way)
            _, out, _ = server.stop()
            self.assertEqual(out.splitlines(), [f"received 200000 bytes, CRC-32 {zlib.crc32(TEXT[:200_000]):08x}"] * 4)

    def test_pythons_receiver_refuses_a_bomb(self):  # F32
        with Server("python3", PYTHON / "receive_compressed.py", "--limit", "1000000") as server:
            done = run(program("compressed_client"), "--connect", server.address, stdin=bytes(10_000_000))
            self.assertEqual(done.returncode, 1)
            self.assertIn("error 52: the stream inflates beyond its limit", done.err)

    def test_the_articles_way_round_trips(self):
        done = run("python3", PYTHON / "article.py", stdin=TEXT[:5000])
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn("5000 bytes", done.out)


if __name__ == "__main__":
    unittest.main()
