"""./course check from end to end, on one exercise: an answer that does not compile, one that is wrong, one that is right."""

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
    def test_each_kind_of_answer_is_told_apart(self):
        exercise = catalogue.find("1.3")
        right = exercise.solution.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder, exercise.chapter, f"{exercise.name}.cpp")
            answer.parent.mkdir()
            for text, code, said in (
                    (right.replace("return std::nullopt;", "return nothing;"), 1, "It does not compile yet"),
                    (right.replace("rest.erase(0, end + 1)", "rest.erase(0, end)"), 1, '1. sent "one\\ntwo\\n"'),
                    (right, 0, "Solved: all 8 tests pass.")):
                answer.write_text(text, encoding="utf-8")
                done = subprocess.run([ROOT / "course", "check", "1.3"], capture_output=True, text=True, timeout=200,
                                      env={**os.environ, "COURSE_ANSWERS": folder}, stdin=subprocess.DEVNULL)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertIn(said, done.stdout)


if __name__ == "__main__":
    unittest.main()
