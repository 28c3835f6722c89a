"""./course check from end to end: answers that do not compile, that are wrong, that crash, that leak, that are right."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "common" / "exercises"))

import catalogue


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def check(self, label, text):
        """The exit code for an answer, and what is said about it, in one line."""
        exercise = catalogue.find(label)
        answer = Path(self.folder, exercise.chapter, f"{exercise.name}.cpp")
        answer.parent.mkdir(exist_ok=True)
        answer.write_text(text, encoding="utf-8")
        done = subprocess.run([ROOT / "course", "check", label], capture_output=True, text=True, timeout=200,
                              env={**os.environ, "COURSE_ANSWERS": self.folder}, stdin=subprocess.DEVNULL)
        return done.returncode, " ".join(done.stdout.split())

    def expect(self, label, text, code, *words):
        self.assertTrue(words)
        result, said = self.check(label, text)
        self.assertEqual(result, code, said)
        for each in words:
            self.assertIn(each, said)

    def changed(self, label, right, wrong):
        """The solution with a mistake, and the line on which it is."""
        text = catalogue.find(label).solution.read_text(encoding="utf-8")
        self.assertEqual(text.count(right), 1)
        return text.replace(right, wrong), text[:text.index(right)].count("\n") + 1

    def test_each_kind_of_answer_is_told_apart(self):
        self.expect("1.3", self.changed("1.3", "return std::nullopt;", "return nothing;")[0], 1, "It does not compile yet")
        self.expect("1.3", self.changed("1.3", "rest.erase(0, end + 1)", "rest.erase(0, end)")[0], 1, '1. sent "one\\ntwo\\n"')
        self.expect("1.3", catalogue.find("1.3").solution.read_text(encoding="utf-8"), 0, "Solved: all ",
                    "1 of 8 of this chapter are solved")

    def test_a_fault_that_is_mended_is_solved(self):
        self.expect("1.5", catalogue.find("1.5").solution.read_text(encoding="utf-8"), 0, "Solved: all ")

    def test_a_crash_is_told_by_its_line_also_while_the_test_waits_for_the_answer(self):
        text, line = self.changed("1.2", "    while (!bytes.empty()) {", "    std::size_t* sizes = nullptr;\n"
                                  "    std::fill_n(sizes, 5, bytes.size());\n    while (!bytes.empty()) {")
        self.expect("1.2", text, 1, f"2-short-write.cpp, line {line + 1})", "a pointer to nothing")

    def test_a_leak_is_told_by_its_line_also_where_a_library_asked_for_the_memory(self):
        text, _ = self.changed("5.1", "    ~inflating() { ::inflateEnd(&z); }\n", "")
        line = text[:text.index("::inflateInit")].count("\n") + 1
        self.expect("5.1", text, 1, f"never gave back some memory (1-bound.cpp, line {line})")


if __name__ == "__main__":
    unittest.main()
