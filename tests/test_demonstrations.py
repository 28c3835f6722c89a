"""What docs/measuring.md shows is what docs/demonstrate prints, but for the numbers: those belong to a machine."""

import os
import re
import socket
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def form(text):
    """Without the numbers, their plural and the lines that say the same again."""
    return re.sub(r"\d[\d.]*", "N", text)


class Demonstrations(unittest.TestCase):
    def test_each_prints_what_the_page_shows(self):
        if not (ROOT / "build/release/bin/03-async-io/load_client").exists():
            self.skipTest("build/release/bin has no programs: ./course run --smoke 1 3 builds them")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        for name in ("repeat", "omission"):
            done = subprocess.run(["docs/demonstrate", name, "3"], cwd=ROOT, env={**os.environ, "COURSE_PORT": str(port)},
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)
            shown = (ROOT / "docs" / "output" / f"{name}.txt").read_text(encoding="utf-8")
            self.assertEqual(form(done.stdout), form(shown), name)

    def test_the_page_shows_each(self):
        page = (ROOT / "docs" / "measuring.md").read_text(encoding="utf-8")
        for file in (ROOT / "docs" / "output").glob("*.txt"):
            self.assertIn(f"@verbinclude docs/output/{file.name}", page)
            self.assertIn(f"docs/demonstrate {file.stem}", page)


if __name__ == "__main__":
    unittest.main()
