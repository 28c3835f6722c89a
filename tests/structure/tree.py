"""The files that git tracks, and what their include lines lead to."""

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')
CHAPTER = re.compile(r"(chapters/(\d+)-([^/]+))/")


@dataclass(frozen=True)
class Include:
    """One include line: where it stands, which brackets it has, and what it names."""
    file: str
    line: int
    bracket: str
    name: str

    @property
    def place(self):
        return f"{self.file}:{self.line}"


class Tree:
    """Paths from the root of the course, and the text of each, which `read` gives."""

    def __init__(self, files, read):
        self.files = frozenset(files)
        self.read = read
        self._includes = {}

    @cached_property
    def code(self):
        """The headers and sources of the chapters and of common/."""
        return sorted(path for path in self.files
                      if path.endswith((".cpp", ".hpp")) and path.startswith(("chapters/", "common/")))

    @cached_property
    def chapters(self):
        """The chapters' folders, in their order."""
        return sorted({match[1] for path in self.files if (match := CHAPTER.match(path))})

    def entries(self, folder):
        """What a listing of the folder shows."""
        start = len(folder) + 1
        return sorted({path[start:].split("/")[0] for path in self.files if path.startswith(folder + "/")})

    def includes(self, path):
        if path not in self._includes:
            lines = enumerate(self.read(path).splitlines(), 1)
            self._includes[path] = [Include(path, number, match[1], match[2])
                                    for number, line in lines if (match := INCLUDE.match(line))]
        return self._includes[path]

    def target(self, include):
        """The tracked file that a quoted include names: beside it, from its chapter's root or from the root."""
        return next((path for path in self.candidates(include.file, include.name) if path in self.files), None)

    @staticmethod
    def candidates(includer, name):
        yield str(PurePosixPath(includer).parent / name)
        if chapter := chapter_of(includer):
            yield f"{chapter}/{name}"
        yield name


def chapter_of(path):
    """The chapter's folder, chapters/NN-name, or None."""
    match = CHAPTER.match(path)
    return match and match[1]


def room_of(path):
    """The first folder below the chapter, "" for a file at its top."""
    parts = path.split("/")
    return parts[2] if len(parts) > 3 else ""


def tracked(root=ROOT):
    """The course as git tracks it, and as it stands on the disk."""
    done = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"git cannot list the files of {root}: {done.stderr.strip()}")
    files = (path for path in done.stdout.split("\0") if path and (root / path).is_file())
    return Tree(files, lambda path: (root / path).read_text(encoding="utf-8"))
