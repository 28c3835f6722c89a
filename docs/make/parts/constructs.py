"""C++ beyond a first book: docs/lists/cpp.txt says how it is found, docs/cpp-you-will-meet.md explains it.

Under a listing stand links to what its page has not met before. On the explaining page, {{met NAME}} becomes the line
of the course that has the construct first.
"""

import html
import re

from parts import places
from parts.terms import first_sentence

PAGE = "cpp-you-will-meet"
SNIPPET = re.compile(r"^[ ]*[@\\]snippet(?:\{[^}]*\})?[ ]+(\S+)[ ]+(\S+)[ ]*$", re.MULTILINE)
HEADING = re.compile(r"^## (.*?) *\{#([\w-]+)\}", re.MULTILINE)
ENTRY = re.compile(r"^### +.+? *\{#(cpp-[\w-]+)\} *\n+(.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


class UnknownConstruct(Exception):
    """The page names a construct that the list lacks, or that no source of the course has."""


def anchor_of(name):
    return "cpp-" + re.sub(r"\W+", "-", name)


def shown(root, file, marker):
    """(number of the first line, text) of a marked piece."""
    text = (root / file).read_text(encoding="utf-8")
    mark = rf"^[ ]*(?://!|##?!?)[ ]*\[{re.escape(marker)}\][ ]*\n"
    found = re.search(mark + r"(.*?)" + mark, text, re.MULTILINE | re.DOTALL)
    return (text.count("\n", 0, found.start(1)) + 1, found[1]) if found else (1, "")


class Constructs:
    """The list with the first sentence of each entry."""

    def __init__(self, root=places.ROOT):
        self.root = root
        lines = (root / "docs" / "lists" / "cpp.txt").read_text(encoding="utf-8").splitlines()
        listed = [line.split(" | ", 1) for line in lines if line and not line.startswith("#")]
        self.patterns = {name: re.compile(pattern) for name, pattern in listed}
        text = (root / "docs" / f"{PAGE}.md").read_text(encoding="utf-8")
        self.sentences = {anchor: first_sentence(entry) for anchor, entry in ENTRY.findall(text)}

    def used(self, code):
        """The names of what a piece of code has, in the order of the list."""
        return [name for name, pattern in self.patterns.items() if pattern.search(code)]

    def link(self, name):
        anchor = anchor_of(name)
        return (f'<a class="term" href="{PAGE}.html#{anchor}" '
                f'title="{html.escape(self.sentences[anchor])}">{html.escape(name)}</a>')

    def met(self, file, marker, before):
        """What stands under a listing, for a page that has met `before`, to which it adds."""
        new = [name for name in self.used(shown(self.root, file, marker)[1]) if name not in before]
        before.update(new)
        return f'<p class="meets">C++ in it: {", ".join(map(self.link, new))}</p>' if new else ""

    def first(self, name):
        """The line of the course that has it first: in a lesson's listing, else in the sources."""
        if name not in self.patterns:
            raise UnknownConstruct(f"docs/lists/cpp.txt has no construct {name!r}")
        for number, line, file, where in self.pieces():
            found = self.patterns[name].search(line)
            if found:
                at = line.count("\n", 0, found.start())
                code = html.escape(line.splitlines()[at].strip())
                place = f'<a data-file="{file}" data-line="{number + at}">{file.rpartition("/")[2]}</a>'
                return f'@htmlonly[block]<p class="met">Met first in {where}{place}: <code>{code}</code></p>@endhtmlonly'
        raise UnknownConstruct(f"no source of the course has a {name}: {self.patterns[name].pattern}")

    def pieces(self):
        """(number of its first line, text, file, words for the place) of all listings in order, then of the sources."""
        for page in places.pages(self.root):
            text = page.file.read_text(encoding="utf-8")
            for snippet in SNIPPET.finditer(text):
                heading = HEADING.findall(text[:snippet.start()])[-1:]
                place = f"chapter {places.number_of(page.folder)}" + "".join(f", {title}" for title, _ in heading)
                anchor = "".join(f"#{anchor}" for _, anchor in heading)
                number, piece = shown(self.root, snippet[1], snippet[2])
                yield number, piece, snippet[1], f'<a href="{page.address}{anchor}">{html.escape(place)}</a>, '
        for folder in places.chapters(self.root):
            for file in sorted([*folder.rglob("*.hpp"), *folder.rglob("*.cpp")]):
                if not {"tests", "practice"} & set(file.parts):
                    yield 1, file.read_text(encoding="utf-8"), str(file.relative_to(self.root)), ""
