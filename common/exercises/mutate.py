#!/usr/bin/env python3
"""usage: mutate.py FAULT    prints the source file of the chapter with the fault in it

A fault names a file of its chapter, says in a line what is wrong, and gives the text to replace and what stands
there instead:

    file: socket/stream.cpp
    what: the number that write_some returns is dropped
    <<<<
    the right text
    ====
    the wrong text
    >>>>
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

FORM = re.compile(r"file: (\S+)\nwhat: ([^\n]+)\n(<<<<\n.*>>>>\n)\Z", re.DOTALL)
CHANGE = re.compile(r"<<<<\n(.*?)====\n(.*?)>>>>\n", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """One realistic mistake in one file of a chapter."""
    source: Path
    what: str
    changes: tuple

    def text(self):
        """The whole file with the fault; an error when the text to replace is not there exactly once."""
        text = self.source.read_text(encoding="utf-8")
        for right, wrong in self.changes:
            if text.count(right) != 1:
                sys.exit(f"{self.source}: the text of its fault is there {text.count(right)} times:\n{right}")
            text = text.replace(right, wrong)
        return re.sub(r"^ *//! \[\w+\]\n", "", text, flags=re.MULTILINE)  # marks of the lesson's listings


def read(file):
    """The fault that a file in a chapter's practice/mutants/ describes."""
    match = FORM.match(file.read_text(encoding="utf-8"))
    if not match:
        sys.exit(f"{file}: not a fault; see mutate.py --help")
    return Fault(file.parents[2] / match[1], match[2], tuple(CHANGE.findall(match[3])))


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    sys.stdout.write(read(Path(sys.argv[1]).resolve()).text())
