"""The questions at the end of a chapter: each answer unfolds to what is right or wrong with it."""

import re


class Unreadable(Exception):
    """A question that cannot be shown."""


def read(text):
    """[(question, [(right, answer, why)])] of the text of a questions.md."""
    result = []
    for block in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        ask, _, rest = block.partition("\n")
        answers = []
        for sign, line in re.findall(r"^([-+]) (.*(?:\n(?![-+] ).*)*)", rest, flags=re.MULTILINE):
            answer, bar, why = (part.strip() for part in " ".join(line.split()).partition("|"))
            if not bar or not why:
                raise Unreadable(f"{answer!r} has no explanation after a bar")
            if "[[" in answer:
                raise Unreadable(f"{answer!r} unfolds at a click and cannot be a link as well: link the term in its explanation")
            answers.append((sign == "+", answer, why))
        if sum(right for right, _, _ in answers) != 1 or len(answers) < 3:
            raise Unreadable(f"{ask!r} needs one right answer and at least two wrong ones")
        result.append((ask.strip(), answers))
    return result


def section(number, ask, answers, prose):
    # One of a group is open at a time where the browser knows how; without scripts all of it works.
    folds = "".join(
        f'<details name="question-{number}" class="{"right" if right else "wrong"}"><summary>{prose(answer)}</summary>'
        f'<p><b>{"Yes." if right else "No."}</b> {prose(why)}</p></details>\n' for right, answer, why in answers)
    return f'<section class="question" aria-labelledby="question-{number}"><h3 id="question-{number}">{number}. {prose(ask)}</h3>\n{folds}</section>\n'


def page(questions, prose):
    return "".join(section(number, *one, prose) for number, one in enumerate(questions, 1))
