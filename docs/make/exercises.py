#!/usr/bin/env python3
"""Makes what a lesson includes as CHAPTER-exercises.html: its exercises, from the files in the chapter's folder."""

import sys

from parts import exercise, places
from parts.terms import Glossary, UnknownTerm

sys.path.insert(0, str(places.ROOT / "common" / "exercises"))

import catalogue  # noqa: E402  (found by the line above)
from answers import Answers  # noqa: E402


def main():
    glossary, answers = Glossary(), Answers()
    for folder in places.chapters():
        try:
            text = exercise.page(catalogue.of_chapter(folder), glossary, answers)
        except UnknownTerm as error:
            sys.exit(f"{folder.relative_to(places.ROOT)}/practice/exercises: {error}")
        (places.FIGURES / f"{places.name_of(folder)}-exercises.html").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
