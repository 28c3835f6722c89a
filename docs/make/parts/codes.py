"""The codes of the course's own error frames: numbers from the headers, meaning and remedy from docs/lists/error-codes.txt."""

import html
import re

from parts import places
from parts.faults import words

ENUM = r"enum class %s\b[^{]*\{(.*?)\};"


class Missing(Exception):
    """A code without a line, or a line that names what is not there."""


def entries(root=places.ROOT):
    """(header, enum, name, meaning, remedy, test's file, test's name)"""
    header = None
    for line in (root / "docs" / "lists" / "error-codes.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            header = line[3:]
        elif line and not line.startswith("#"):
            code, means, do, test = (part.strip() for part in line.split("|"))
            yield header, *code.split("::"), means, do, *test.split()


def numbers(header, enum, root=places.ROOT):
    """name -> number, as the compiler counts."""
    body = re.search(ENUM % enum, (root / header).read_text(encoding="utf-8"), re.DOTALL)[1]
    found, number = {}, -1
    for name, value in re.findall(r"^\s*(\w+)(?: *= *(\d+))?", re.sub(r"//.*", "", body).replace(",", ",\n"), re.MULTILINE):
        number = int(value) if value else number + 1
        found[name] = number
    return found


def checked(root=places.ROOT):
    """The entries with their numbers and chapters; each enumerator has exactly one line."""
    listed, wanted = list(entries(root)), {}
    for header, enum, *_ in listed:
        wanted.update({(enum, name): number for name, number in numbers(header, enum, root).items()})
    for missing in wanted.keys() - {(enum, name) for _, enum, name, *_ in listed}:
        raise Missing(f"docs/lists/error-codes.txt has no line for {'::'.join(missing)}")
    for header, enum, name, means, do, file, test in listed:
        if (enum, name) not in wanted:
            raise Missing(f"docs/lists/error-codes.txt: {header} has no {enum}::{name}")
        chapter = places.chapter_of(root / header)
        tests = chapter / "tests" / file
        if not re.search(rf"\b(?:test_)?{test}\b", tests.read_text(encoding="utf-8")):
            raise Missing(f"docs/lists/error-codes.txt: {tests} has no test {test}")
        yield wanted[enum, name], enum, name, means, do, places.number_of(chapter), file, test


def row(number, enum, name, means, do, chapter, file, test):
    return (f'<tr id="code-{number}"><th scope="row"><b>{number}</b> {enum}::<wbr>{name}</th>'
            f'<td data-label="Means">{words(means)}</td><td data-label="Do">{words(do)}</td>'
            f'<td data-label="Brought about by">chapter {chapter}: {html.escape(test.replace("_", " "))} <code>{file}</code></td></tr>\n')


def page():
    head = "".join(f'<th scope="col">{title}</th>' for title in ("Code", "Means", "Do", "Brought about by"))
    return (f'<table class="cards codes"><thead><tr>{head}</tr></thead>'
            f'<tbody>{"".join(row(*entry) for entry in checked())}</tbody></table>\n')
