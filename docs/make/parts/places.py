"""Where things stand in the repository."""

import re
from pathlib import Path

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


def title_of(folder):
    """The title of a chapter's lesson."""
    first = (folder / "lesson.md").read_text(encoding="utf-8").lstrip().split("\n", 1)[0]
    return re.sub(r"\s*\{#.*\}\s*$", "", first.lstrip("# "))
