#!/usr/bin/env python3
"""Prepares a Markdown page for Doxygen: figures from the results, links to the glossary, man pages and RFCs.

    docs/make/filter.py PAGE                writes the prepared page; Doxygen calls it so
    docs/make/filter.py --check PAGE...     writes nothing; exit code 1 when a page names what is not there,
                                       or holds what Doxygen misreads
"""

import re
import sys
from pathlib import Path

from parts import listing, places, prose, references
from parts.constructs import Constructs, UnknownConstruct
from parts.measured import Measured, UnknownFigure
from parts.terms import TERM, Glossary, UnknownTerm

FIGURE = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)

# Claims, verdicts and facts of the machine are words: no line of a list begins so.
NUMBERED = re.compile(r"^[ >]*(\{\{(?!(?:[\w-]+:)?(?:claim|verdict|context) )[^{}]+\}\}\.)[ ]", re.MULTILINE)

# Two colons in front of a name: Doxygen takes them for a reference to one of its entries, and drops them.
LEADING_COLONS = re.compile(r"(?<![\w:])(?=::[A-Za-z_])")
LEADING_COLONS_IN_CODE = re.compile(r"`(::[A-Za-z_]\w*)`")


class Page:
    """One page on its way to Doxygen; the lines keep their numbers."""

    def __init__(self, file, measured, glossary, constructs=None):
        self.file, self.measured, self.glossary, self.constructs = Path(file), measured, glossary, constructs
        self.text = self.file.read_text(encoding="utf-8")
        folder = self.file.resolve().parent
        self.chapter = places.name_of(folder) if folder.parent.name == "chapters" or folder.name == "netlab" else None
        self.errors = []

    def prepared(self):
        self.refuse_what_doxygen_misreads()
        text = self.glossary.with_first_uses(self.text) if self.chapter or self.file.stem == "measuring" else self.text
        text = prose.outside(prose.LITERAL, text, self.replace)
        text = prose.outside(prose.LINKED, text, lambda piece, _: references.link(piece))
        text = prose.outside(prose.LITERAL, text, lambda piece, _: LEADING_COLONS.sub(r"\\", piece))
        text = LEADING_COLONS_IN_CODE.sub(r"<code>\\\1</code>", text)
        if not self.chapter or not self.constructs:
            return listing.captions(text)
        before = set()
        return listing.captions(text, lambda file, marker: self.constructs.met(file, marker, before))

    def refuse_what_doxygen_misreads(self):
        for literal in prose.LITERAL.finditer(self.text):
            if literal["tick"] == "`" and "'" in literal[0]:
                self.refuse(literal.start(), literal[0], "a single quote cuts a code span: it needs double backticks")
        prose.outside(prose.LITERAL, self.text, self.refuse_lists)

    def refuse_lists(self, piece, offset):
        for line in NUMBERED.finditer(piece):
            before = offset + line.start()
            if before == 0 or self.text[before - 1] == "\n":
                self.refuse(offset + line.start(1), line[1], "a number and a full stop begin a list: break the line elsewhere")
        return piece

    def replace(self, piece, offset):
        piece = FIGURE.sub(lambda match: self.attempt(match, offset, self.figure), piece)
        return prose.unbroken(TERM.sub(lambda match: self.attempt(match, offset, self.term), piece))

    def figure(self, match):
        if match[1].startswith("met "):
            return self.constructs.first(match[1].removeprefix("met "))
        return self.measured.text(match[1], self.chapter) + "\n" * match[0].count("\n")

    def term(self, match):
        return self.glossary.link(match[1], match[2])

    def attempt(self, match, offset, make):
        try:
            return make(match)
        except (UnknownConstruct, UnknownFigure, UnknownTerm) as error:
            self.refuse(offset + match.start(), match[0], error)
            return match[0]

    def refuse(self, offset, what, reason):
        line = self.text.count("\n", 0, offset) + 1
        self.errors.append(f"{self.file}:{line}: {what}: {reason}")


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    check = arguments[0] == "--check"
    measured, glossary, constructs, failed = Measured(), Glossary(), Constructs(), False
    for file in arguments[1:] if check else arguments:
        page = Page(file, measured, glossary, constructs)
        text = page.prepared()
        if not check:
            sys.stdout.buffer.write(text.encode())
        for error in page.errors:
            print(error, file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
