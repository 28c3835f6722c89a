#!/usr/bin/env python3
"""usage: ./course check [CHAPTER.EXERCISE]    tests your answer, in words; without a number: the next one
       ./course hint CHAPTER.EXERCISE       the next hint
       ./course progress                    what is solved"""

import sys

import explain
import trial
from answers import Answers, shown
from catalogue import Unknown, all_of, find, plain


def say(text="", indent=0):
    print(explain.paragraph(" ".join(text.split()), indent))


def check(label=None):
    answers, exercises = Answers(), all_of()
    exercise = find(label) if label else answers.next_of(exercises)
    if exercise is None:
        say("Every exercise is solved.")
        return 0
    answer = answers.path(exercise)
    say(f"{exercise.label} {exercise.title}")
    say(exercise.brief, 2)
    say(f"Edit {shown(answer)}" + (", which has the starter in it." if answers.start(exercise) else "."), 2)
    print(flush=True)
    if not (trial.BUILD / "build.ninja").exists():
        print("The first check builds what the tests need, which takes a few minutes.", file=sys.stderr)
    outcome = trial.attempt(exercise, answer)
    already = answers.of(exercise)
    answers.note(exercise, tries=already["tries"] + 1, solved=already["solved"] or outcome.solved)
    if outcome.solved:
        praise(answers, exercises, exercise, len(outcome.passed))
        return 0
    print("\n".join(explain.words(outcome, answer)))
    print(f"\nYour file: {shown(answer)}\nA hint: ./course hint {exercise.label}")
    return 1


def praise(answers, exercises, exercise, tests):
    """What is reached, and what is next."""
    say("Solved: its test passes." if tests == 1 else f"Solved: all {tests} tests pass.")
    say(f"Compare with {shown(exercise.solution)}.")
    chapter = [each for each in exercises if each.chapter == exercise.chapter]
    say(f"{answers.solved(chapter)} of {len(chapter)} of this chapter are solved, "
        f"{answers.solved(exercises)} of {len(exercises)} in all.")
    following = answers.next_of(exercises)
    say(f"Next: ./course check {following.label} ({following.title})" if following else "That was the last one.")


def hint(label):
    answers, exercise = Answers(), find(label)
    number = min(answers.of(exercise)["hints"] + 1, len(exercise.hints))
    answers.note(exercise, hints=number)
    say(f"{exercise.label} {exercise.title}: hint {number} of {len(exercise.hints)}")
    for part in exercise.hints[number - 1].split("\n\n"):
        print()
        say(plain(part))
    if number == len(exercise.hints):
        print()
        say(f"That was the last hint. The solution: {shown(exercise.solution)}")
    return 0


def progress():
    answers, exercises = Answers(), all_of()
    for exercise in exercises:
        state = answers.of(exercise)
        tried = f", {state['tries']} tries" if state["tries"] > 1 else ", 1 try" if state["tries"] else ""
        hints = f", {state['hints']} hints" if state["hints"] > 1 else ", 1 hint" if state["hints"] else ""
        say(f"{'[x]' if state['solved'] else '[ ]'} {exercise.label} {exercise.title}{tried}{hints}")
    say(f"{answers.solved(exercises)} of {len(exercises)} solved")
    if following := answers.next_of(exercises):
        say(f"Next: ./course check {following.label}")
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
    except OSError as error:
        print(f"course: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
