"""An exercise on its chapter's page: the task, the starter, three hints and the solution to unfold."""

import html
import re

from parts import places, references

TERM = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")
LINK = re.compile(r"\[([^\]\[]+)\]\(([^)\s]+)\)")
EMPHASIS = re.compile(r"(?<![\w*])\*([^*\s](?:[^*]*[^*\s])?)\*(?![\w*])")


def prose(text, glossary):
    """A paragraph's Markdown: code, emphasis, links, terms, man pages and RFCs."""
    result = []
    for at, piece in enumerate(text.split("`")):
        if at % 2:
            result.append(f"<code>{html.escape(piece)}</code>")
            continue
        piece = EMPHASIS.sub(r"<em>\1</em>", html.escape(piece, quote=False))
        piece = LINK.sub(r'<a href="\2">\1</a>', references.link(piece))
        result.append(TERM.sub(lambda match: glossary.link(match[1], match[2]), piece))
    return "".join(result)


def blocks(text, glossary):
    """Paragraphs, and lists of lines that start with a hyphen."""
    result = []
    for block in re.split(r"\n{2,}", text.strip()):
        if block.startswith("- "):
            items = "".join(f"<li>{prose(item, glossary)}</li>" for item in re.split(r"\n?^- ", block, flags=re.MULTILINE)[1:])
            result.append(f"<ul>{items}</ul>")
        else:
            result.append(f"<p>{prose(block, glossary)}</p>")
    return "\n".join(result)


def unfold(summary, text):
    return f"<details><summary>{summary}</summary>{text}</details>\n"


def listing(name, text):
    """A file, and its name below."""
    text = text.removeprefix("/// @file\n")
    return f'<pre class="fragment">{html.escape(text)}</pre><p class="source-of">{name}</p>'


def starter(exercise):
    """What the reader begins with, below the declaration that it keeps."""
    if fault := exercise.fault:
        return unfold("The file with the fault", listing(fault.source.name, exercise.starter))
    return unfold("The starter", listing(exercise.declaration.name, exercise.declaration.read_text(encoding="utf-8"))
                  + listing(f"{exercise.name}.cpp", exercise.starter))


def solution(exercise, glossary):
    path = exercise.solution.relative_to(places.ROOT)
    if fault := exercise.fault:
        return unfold("The fault", f'<p>{prose(fault.what[:1].upper() + fault.what[1:], glossary)}. '
                      f'Without it the file is <a data-file="{path}">{path}</a>.</p>')
    return unfold("The solution", listing(path, exercise.solution.read_text(encoding="utf-8")))


def section(exercise, glossary, solved):
    """One exercise."""
    anchor = f"exercise-{exercise.name}"
    title = f"{exercise.label} {prose(exercise.title, glossary)}"
    hints = "".join(unfold(f"Hint {number}", blocks(hint, glossary)) for number, hint in enumerate(exercise.hints, 1))
    mark = ' <span class="read">\u2713 solved</span>' if solved else ""
    return (f'<section class="exercise" aria-labelledby="{anchor}"><h3 id="{anchor}">{title}</h3>\n{blocks(exercise.task, glossary)}\n'
            f'<p class="exercise-command"><code>./course check {exercise.label}</code>{mark}</p>\n'
            f"{starter(exercise)}{hints}{solution(exercise, glossary)}</section>\n")


def page(exercises, glossary, answers):
    """All of a chapter's, and which of them the reader has solved."""
    return "".join(section(exercise, glossary, answers.of(exercise)["solved"]) for exercise in exercises)
