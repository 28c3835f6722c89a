"""Where things stand in the repository."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
FIGURES = ROOT / "build" / "figures"
SITE = ROOT / "build" / "site"


def chapters(root=ROOT):
    """The chapters' folders in the order in which they are read: the numbers give it."""
    return sorted(folder for folder in (root / "chapters").glob("[0-9][0-9]-*") if folder.is_dir())


def experiment(folder):
    """What measures it: figures/ and results/ lie there. The pages beyond the chapters have theirs below docs."""
    return folder / "experiment" if (folder / "experiment").is_dir() else folder


def measured(root=ROOT):
    """Whatever has figures and results: the chapters, and the network that they are measured on."""
    netlab = root / "common" / "netlab"
    return chapters(root) + ([netlab] if netlab.is_dir() else [])


def command_of(folder):
    """The command that measures it anew."""
    if folder.parent.name == "chapters":
        return f"./course run {number_of(folder)}"
    return f"build/release/bin/{folder.name}-experiment"


def chapter_of(file):
    """The folder of the chapter that a file belongs to."""
    return next(folder for folder in file.parents if folder.parent.name == "chapters")


def name_of(folder):
    """The chapter's name, which is also its page's anchor: 01-blocking-echo is blocking-echo."""
    return re.sub(r"^\d+-", "", folder.name)


def number_of(folder):
    return int(folder.name.split("-")[0])


def lessons(root=ROOT):
    """The chapters that have a page, in order."""
    return [folder for folder in chapters(root) if (folder / "lesson.md").exists()]


class Page(NamedTuple):
    """A page of a chapter. Its name is the anchor of its title; NAME.html is its address."""

    folder: Path
    file: Path
    name: str
    title: str

    @property
    def address(self):
        return f"{self.name}.html"


def pages_of(folder):
    """The pages of a chapter in reading order: its lesson, then those that docs/lists/pages.txt adds."""
    root = folder.parents[1]
    listed = root / "docs" / "lists" / "pages.txt"
    found = re.search(rf"^{name_of(folder)}: (.*)$", listed.read_text(encoding="utf-8"), re.MULTILINE) if listed.exists() else None
    return [page(folder, folder / f"{name}.md") for name in (found[1].split() if found else ["lesson"])]


def page(folder, file):
    title = re.match(r"\s*# (.*?) *\{#([\w-]+)\}", file.read_text(encoding="utf-8"))
    if not title:
        raise SystemExit(f"docs: {file}: the first line is a title with its anchor, '# Title {{#name}}'")
    return Page(folder, file, title[2], title[1])


def pages(root=ROOT):
    """The pages of all chapters, in reading order."""
    return [page for folder in lessons(root) for page in pages_of(folder)]
