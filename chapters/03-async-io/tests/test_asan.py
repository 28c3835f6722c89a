"""The dangling buffer in the build with AddressSanitizer: the report that the lesson shows is what it says today."""

import re
import unittest
from pathlib import Path

from programs import program, run

SHOWN = Path(__file__).resolve().parent / "output" / "asan" / "dangling_buffer.txt"


def shortened(report):
    """The lines that tell the story: what happened, and where the memory came from and went."""
    lines = []
    for line in report.splitlines():
        if re.search(r"ERROR: AddressSanitizer|freed by|previously allocated", line):
            lines.append(re.sub(r"^==\d+==| on address .*", "", line))
        elif "dangling_buffer.cpp" in line and " in greet" in line:
            lines.append("    in greet, " + line[line.rindex("dangling_buffer.cpp"):])
    return "\n".join(lines) + "\n"


class Dangling(unittest.TestCase):
    def test_a_large_write_is_reported_as_the_lesson_shows_it(self):
        done = run(program("dangling_buffer"), timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(shortened(done.err), SHOWN.read_text(encoding="utf-8"), done.err)

    def test_a_small_one_goes_unnoticed(self):
        done = run(program("dangling_buffer"), "--size", "1000", timeout=60)
        self.assertEqual(done.out, "1000 bytes arrived, 1000 of them as they were sent\n", done.err)


if __name__ == "__main__":
    unittest.main()
