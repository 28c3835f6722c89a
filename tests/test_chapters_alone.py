"""Each chapter builds alone: its own configure, one of its programs, and its tests listed."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, cwd=ROOT)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


class Chapters(unittest.TestCase):
    def test_each_configures_builds_a_target_and_lists_its_tests_alone(self):
        for chapter in sorted((ROOT / "chapters").glob("[0-9][0-9]-*")):
            name = chapter.name.split("-", 1)[1]
            (ROOT / "build").mkdir(exist_ok=True)
            with self.subTest(chapter=chapter.name), tempfile.TemporaryDirectory(dir=ROOT / "build") as build:
                # As the presets do, so that ccache finds their objects.
                run("cmake", "-G", "Ninja", "-S", str(chapter), "-B", build)
                run("cmake", "--build", build, "--target", f"{name}-lib", "-j2")
                listed = run("ctest", "--test-dir", build, "-N")
                self.assertGreater(int(re.search(r"Total Tests: (\d+)", listed).group(1)), 1)
                self.assertIn(f"{name}.", listed)


if __name__ == "__main__":
    unittest.main()
