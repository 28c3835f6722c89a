"""The reader's guess before a figure: the form, and what the guess is compared with.

A figure's specification asks for one in its usermeta:

    "predict": {"ask": "Receives that hold exactly one message, in %",
                "answer": "{{stream/back_to_back exact_percent .0f}}", "unit": "%"}
    "predict": {"ask": "Which is faster?", "choices": ["Asio", "bare calls", "neither"],
                "answer": "neither: {{round_trip/asio median_us .1f}} and {{round_trip/posix median_us .1f}} µs"}

An answer is text with expressions in double braces, as in a lesson.
"""

import html
import json
import re

from parts import measured, rows
from parts.prose import unbroken

EXPRESSION = re.compile(r"\{\{(.+?)\}\}")


def answers(folder, predict):
    """What was measured, by source; a source that lacks a figure is left out."""
    found = {}
    for source, results in rows.results(folder).items():
        try:
            value = EXPRESSION.sub(lambda match: measured.number(results, match[1].split()), predict["answer"])
        except measured.UnknownFigure:
            if source == "reference":
                raise
            continue
        found[source] = unbroken(f"{value} {predict['unit']}" if "unit" in predict else value)
    return found


def field(name, predict):
    ask = html.escape(predict["ask"])
    if "choices" in predict:
        choices = "".join(f'<label><input type="radio" name="{name}" value="{html.escape(choice)}" required> '
                          f"{html.escape(choice)}</label>" for choice in predict["choices"])
        return f"<fieldset><legend>{ask}</legend>{choices}</fieldset>"
    return (f'<label for="{name}">{ask}</label>'
            f'<input id="{name}" name="{name}" type="number" step="any" inputmode="decimal" autocomplete="off" required>')


def form(folder, name, predict):
    """Hidden until a script shows it: without one the figure stands there at once."""
    given = html.escape(json.dumps(answers(folder, predict), ensure_ascii=False))
    return (f'<form class="predict" hidden data-answers="{given}" data-unit="{html.escape(predict.get("unit", ""))}">'
            f'{field(f"guess-{name}", predict)}'
            '<p><button type="submit">Compare</button> <button type="button" class="show">Show me (Esc)</button> '
            '<button type="button" class="never">Never ask</button></p></form>\n')
