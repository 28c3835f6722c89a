"""A folder of 100,000 entries, and one that is 60 folders deep. A sanitizer gets fewer."""

import json
import unittest

from files import FilesTest, sanitized
from programs import program, run

FOLDERS = 100
DEPTH = 60


class LargeFolder(FilesTest):
    def test_a_hundred_thousand_entries_and_sixty_folders_deep_arrive(self):  # F52
        files = 10 if sanitized() else 1000  # in each folder
        deepest = self.base / "tree" / "/".join("d" * (DEPTH - 1))
        deepest.mkdir(parents=True)
        (deepest / "last").write_text("here")
        for folder in range(FOLDERS):
            where = self.base / f"tree/{folder}"
            where.mkdir()
            for file in range(files):
                (where / f"{file}").touch()
        entries = DEPTH + 1 + FOLDERS * (1 + files)
        with self.serve("--no-fsync") as server:
            done = run(program("file_client"), "put", self.base / "tree", "--json", "--connect", server.address,
                       timeout=150)
            self.assertEqual(done.returncode, 0, done.err)
            self.assertEqual(json.loads(done.out)["entries"], entries)
            done = run(program("file_client"), "list", "--json", "--connect", server.address, timeout=150)
        self.assertEqual((done.returncode, done.out.count("\n")), (0, entries), done.err)
        self.assertEqual((self.root / deepest.relative_to(self.base) / "last").read_text(), "here")


if __name__ == "__main__":
    unittest.main()
