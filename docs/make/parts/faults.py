"""The fault table: what can happen to a server, what must then hold, and the tests that hold it.

A test says so itself: its fault's id stands in a comment beside its name (`// F09`, `# F12, F13`).
"""

import functools
import html
import re

from parts import headings, places

TEST = re.compile(r"^TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)|^    def (test_\w+)\(", re.MULTILINE)
MARK = re.compile(r"(?://|  #) *(?:[A-Za-z' ]*)?(F\d\d(?:, [FP]\d+)*)\b")
ROW = re.compile(r"^\| *((?:F\d\d *)+)[^|]*\| *([^|]*?) *\| *([^|]*?) *\|$", re.MULTILINE)
WHOLE = "file-transfer"  # the chapter of which a page goes through all of them


def classes(root=places.ROOT):
    """(group, id, what happens, what must hold) in order."""
    group = None
    for line in (root / "docs" / "lists" / "faults.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            group = line[3:]
        elif line and not line.startswith("#"):
            yield group, *(part.strip() for part in line.split("|"))


def marked(file):
    """(id, name in words) of each test of a file that names a fault."""
    text = file.read_text(encoding="utf-8")
    tests = [(match.start(), match[2] or match[3].removeprefix("test_")) for match in TEST.finditer(text)]
    for mark in MARK.finditer(text):
        before = [name for at, name in tests if at <= mark.start()]
        for identity in re.findall(r"F\d\d", mark[1]) if before else []:
            yield identity, before[-1].replace("_", " ")


@functools.cache
def tests():
    """id -> [(folder of the chapter, name of the file, name of the test in words)]"""
    found = {}
    for folder in places.chapters():
        for file in sorted([*folder.glob("tests/*.cpp"), *folder.glob("tests/*.py")]):
            for identity, name in marked(file):
                entry = (folder, file.name, name)
                if entry not in found.setdefault(identity, []):
                    found[identity].append(entry)
    return found


@functools.cache
def of_the_transfer():
    """id -> what the last chapter's own table says of it: how it shows there, and where it is tested."""
    folder = next((folder for folder in places.lessons() if places.name_of(folder) == WHOLE), None)
    text = "".join(page.file.read_text(encoding="utf-8") for page in places.pages_of(folder)) if folder else ""
    return {identity: (match[2], match[3]) for match in ROW.finditer(text) for identity in match[1].split()}


def words(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def held_by(identity):
    """The chapters whose tests hold it, each to unfold to the tests."""
    chapters = {}
    for folder, file, name in tests().get(identity, []):
        chapters.setdefault(folder, []).append(f"<li>{html.escape(name)} <code>{file}</code></li>")
    result = ""
    for folder, items in chapters.items():
        number = f"{len(items)} test{'s' if len(items) > 1 else ''}"
        result += (f'<details><summary>chapter {places.number_of(folder)}: {number}</summary>'
                   f'<ul>{"".join(items)}</ul></details>')
    numbers = {places.name_of(folder) for folder in chapters}
    told = of_the_transfer().get(identity, ("", ""))[1]
    if WHOLE not in numbers and told and not told.startswith("chapter"):
        result += f"<p>chapter 6: {words(told)}</p>"
    return result or "<p>no test</p>"


def row(identity, what, holds):
    return (f'<tr id="{identity}"><th scope="row"><b>{identity}</b> {words(what)}</th>'
            f'<td data-label="What must hold">{words(holds)}</td>'
            f'<td data-label="Held by">{held_by(identity)}</td></tr>\n')


def page():
    """All of it: a heading and a table for each group."""
    groups = {}
    for group, *rest in classes():
        groups.setdefault(group, []).append(row(*rest))
    head = '<thead><tr><th scope="col">What happens</th><th scope="col">What must hold</th><th scope="col">Held by</th></tr></thead>'
    return "".join(f"{headings.section(f'faults-{number}', html.escape(group))}\n"
                   f'<table class="cards faults">{head}<tbody>{"".join(rows)}</tbody></table>\n'
                   for number, (group, rows) in enumerate(groups.items(), 1))
