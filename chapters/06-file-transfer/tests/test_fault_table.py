"""The chapter's table of faults: each class has a row, and each test that a row names is there."""

import re
import unittest
from pathlib import Path

CHAPTER = Path(__file__).parent.parent
PAGE = (CHAPTER / "stable.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ((?:F\d\d )+)([^|]*)\|([^|]*)\|([^|]*)\|$", PAGE, re.MULTILINE)
# chapter 1, `test_programs`: *one test*, *another*
NAMED = re.compile(r"(?:chapter (\d), )?`(\w+)`: ((?:\*[^*]+\*(?:, )?)+)")


def tests_of(chapter, file):
    """The names of the tests in a file, a GoogleTest's without and with its suite, in words."""
    folder = next(CHAPTER.parent.glob(f"{int(chapter or 6):02}-*")) / "tests"
    found = set()
    for path in folder.glob(f"{file}.*"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"def test_(\w+)\(", text))
        for suite, name in re.findall(r"TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", text):
            found |= {name, f"{suite}_{name}"}
    return {name.replace("_", " ") for name in found}


class FaultTable(unittest.TestCase):
    def test_each_class_of_faults_has_one_row(self):
        named = [one for row in ROWS for one in row[0].split()]
        self.assertEqual(sorted(named), [f"F{i:02}" for i in range(1, 53) if i != 4])

    def test_each_test_that_is_named_exists(self):
        for ids, _, _, where in ROWS:
            found = NAMED.findall(where)
            self.assertTrue(found or "cannot apply" in where, ids)
            for chapter, file, names in found:
                known = tests_of(chapter, file)
                for name in re.findall(r"\*([^*]+)\*", names):
                    self.assertIn(name, known, f"{ids}: {file}")


if __name__ == "__main__":
    unittest.main()
