#!/usr/bin/env python3
"""Makes what a lesson includes as CHAPTER-questions.html: its questions, from the chapter's questions.md.

    ## A question, with `code` and [[terms]]?
    - A wrong answer. | Why it is wrong.
    + The right answer. | Why it is right.

A figure of the results stands in double braces, as in the lesson.
"""

import re
import sys

from parts import places, question
from parts.exercise import prose
from parts.measured import Measured, UnknownFigure
from parts.prose import unbroken
from parts.terms import Glossary, UnknownTerm


def main():
    measured, glossary = Measured(), Glossary()
    for folder in places.chapters():
        file, name = folder / "practice" / "questions.md", places.name_of(folder)
        if not file.exists():
            continue
        try:
            text = re.sub(r"\{\{(.+?)\}\}", lambda match: measured.text(match[1], name), file.read_text(encoding="utf-8"))
            page = question.page(question.read(text), lambda piece: unbroken(prose(piece, glossary)))
        except (UnknownFigure, UnknownTerm, question.Unreadable) as error:
            sys.exit(f"{file.relative_to(places.ROOT)}: {error}")
        (places.FIGURES / f"{name}-questions.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
