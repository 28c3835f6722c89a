"""The exercises of the course, as the files in the chapters' folders tell them."""

import re
from dataclasses import dataclass
from pathlib import Path

import mutate

ROOT = Path(__file__).resolve().parents[2]
BRIEF = 250  # characters, which is three lines
HINT = re.compile(r"^## Hint \d+ *$", re.MULTILINE)


def plain(text):
    """For a terminal: without links, to the glossary and to pages."""
    text = re.sub(r"\[\[(?:[^]|]*\|)?([^]]*)\]\]", r"\1", text)
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)


class Unknown(Exception):
    """There is no such exercise; the text says what there is."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: a starter and a solution that share a test, and a page."""
    folder: Path  # of the chapter
    number: int
    slug: str

    @property
    def practice(self):
        return self.folder / "practice"

    @property
    def chapter(self):
        """The chapter's name, its folder's without the number."""
        return re.sub(r"^\d+-", "", self.folder.name)

    @property
    def name(self):
        return f"{self.number}-{self.slug}"

    @property
    def key(self):
        """Names it in the reader's progress, also after its chapter has moved."""
        return f"{self.chapter}/{self.name}"

    @property
    def label(self):
        """What the reader calls it: 1.2."""
        return f"{int(self.folder.name.split('-')[0])}.{self.number}"

    @property
    def fault(self):
        """Where the task is to find a fault: what it is, and in which file of the chapter."""
        file = self.practice / "mutants" / f"{self.name}.fault"
        return mutate.read(file) if file.exists() else None

    @property
    def starter(self):
        """The text that the reader begins with."""
        if fault := self.fault:
            return fault.text()
        return (self.practice / "exercises" / f"{self.name}.cpp").read_text(encoding="utf-8")

    @property
    def declaration(self):
        """The header that says what the reader writes, where there is no fault to find."""
        return self.practice / "exercises" / f"{self.name}.hpp"

    @property
    def solution(self):
        """The file that solves it."""
        return self.fault.source if self.fault else self.practice / "solutions" / f"{self.name}.cpp"

    @property
    def suite(self):
        return self.slug.replace("-", "_")

    @property
    def target(self):
        """Builds the reader's answer together with the test."""
        return f"{self.chapter}-answer-{self.number}"

    @property
    def page(self):
        return (self.practice / "exercises" / f"{self.name}.md").read_text(encoding="utf-8")

    @property
    def title(self):
        return self.page.lstrip().split("\n", 1)[0].lstrip("# ").strip()

    @property
    def task(self):
        return HINT.split(self.page)[0].lstrip().split("\n", 1)[1].strip()

    @property
    def brief(self):
        """The task in a few words: the story of a fault; else the paragraph that says what to do, the second if there is one."""
        paragraphs = self.task.split("\n\n")
        sentences = re.split(r"(?<=[.?:])\s+", " ".join(plain(paragraphs[0 if self.fault else min(1, len(paragraphs) - 1)]).split()))
        while len(sentences) > 1 and len(" ".join(sentences)) > BRIEF:
            sentences.pop()
        return " ".join(sentences)

    @property
    def hints(self):
        return [hint.strip() for hint in HINT.split(self.page)[1:]]


def of_chapter(folder):
    found = [Exercise(folder, int(match[1]), match[2]) for file in (folder / "practice" / "exercises").glob("*.md")
             if (match := re.fullmatch(r"(\d+)-(.+)", file.stem))]
    return sorted(found, key=lambda exercise: exercise.number)


def all_of(root=ROOT):
    """Every exercise, in the order in which the course is read."""
    return [exercise for folder in sorted((root / "chapters").glob("[0-9][0-9]-*"))
            for exercise in of_chapter(folder)]


def find(label, root=ROOT):
    """The exercise that a reader calls 1.2."""
    exercises = all_of(root)
    for exercise in exercises:
        if re.sub(r"^0+", "", label) == exercise.label:
            return exercise
    raise Unknown(f"there is no exercise {label}; there are {', '.join(e.label for e in exercises)}")
