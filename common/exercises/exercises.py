#!/usr/bin/env python3
"""usage: ./course check [CHAPTER.EXERCISE]    tests your answer, in words; without a number: the next one
       ./course hint CHAPTER.EXERCISE       the next hint
       ./course progress                    what is solved"""

import os
import re
import sys

import explain
import trial
from answers import Answers
from catalogue import Unknown, all_of, find


def shown(path):
    """Relative where that is shorter."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)


def check(label=None):
    answers, exercises = Answers(), all_of()
    exercise = find(label) if label else answers.next_of(exercises)
    if exercise is None:
        print("Every exercise is solved.")
        return 0
    answer = answers.path(exercise)
    print(f"{exercise.label} {exercise.title}")
    if answers.start(exercise):
        print(f"Your file, with the starter in it: {shown(answer)}\n")
    if not (trial.BUILD / "build.ninja").exists():
        print("The first check builds what the tests need, which takes a few minutes.", file=sys.stderr)
    outcome = trial.attempt(exercise, answer)
    already = answers.of(exercise)
    answers.note(exercise, tries=already["tries"] + 1, solved=already["solved"] or outcome.solved)
    if outcome.solved:
        number = len(outcome.passed)
        print("Solved: its test passes." if number == 1 else f"Solved: all {number} tests pass.")
        print(f"Compare with {shown(exercise.solution)}.")
        following = answers.next_of(exercises)
        print(f"Next: ./course check {following.label} ({following.title})" if following else "That was the last one.")
        return 0
    print("\n".join(explain.words(outcome, answer)))
    print(f"\nYour file: {shown(answer)}    A hint: ./course hint {exercise.label}")
    return 1


def hint(label):
    answers, exercise = Answers(), find(label)
    number = min(answers.of(exercise)["hints"] + 1, len(exercise.hints))
    answers.note(exercise, hints=number)
    print(f"{exercise.label} {exercise.title}: hint {number} of {len(exercise.hints)}\n")
    text = re.sub(r"\[\[(?:[^]|]*\|)?([^]]*)\]\]", r"\1", exercise.hints[number - 1])  # links to the glossary
    print("\n\n".join(explain.paragraph(" ".join(part.split()), 0) for part in text.split("\n\n")))
    if number == len(exercise.hints):
        print(f"\nThat was the last hint. The solution: {shown(exercise.solution)}")
    return 0


def progress():
    answers, exercises = Answers(), all_of()
    solved = 0
    for exercise in exercises:
        state = answers.of(exercise)
        solved += state["solved"]
        tried = f", {state['tries']} tries" if state["tries"] > 1 else ", 1 try" if state["tries"] else ""
        hints = f", {state['hints']} hints" if state["hints"] > 1 else ", 1 hint" if state["hints"] else ""
        print(f"{'[x]' if state['solved'] else '[ ]'} {exercise.label} {exercise.title}{tried}{hints}")
    print(f"{solved} of {len(exercises)} solved")
    if following := answers.next_of(exercises):
        print(f"Next: ./course check {following.label}")
    return 0


def main(arguments):
    commands = {"check": (check, (0, 1)), "hint": (hint, (1,)), "progress": (progress, (0,))}
    if not arguments or arguments[0] not in commands or len(arguments) - 1 not in commands[arguments[0]][1] \
            or any(argument.startswith("-") for argument in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]][0](*arguments[1:])
    except Unknown as error:
        print(f"course: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
