"""What the reader has done: their answers and their progress, in answers/, which git does not look at."""

import json
import os
import sys
from pathlib import Path

from catalogue import ROOT

NEW = {"solved": False, "tries": 0, "hints": 0}


def shown(path):
    """Relative where that is shorter."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)


def progress_of(text):
    """The progress that a file holds; an error of ValueError's kind when it is none."""
    progress = json.loads(text)
    if not isinstance(progress, dict) or not all(
            isinstance(state, dict) and all(type(state.get(name, value)) is type(value) for name, value in NEW.items())
            for state in progress.values()):
        raise ValueError("it holds no progress")
    return progress


class Answers:
    """The reader's folder. A starter is copied there, so that the course can be updated below it."""

    def __init__(self, folder=None):
        self.folder = Path(folder or os.environ.get("COURSE_ANSWERS") or ROOT / "answers").resolve()
        self.file = self.folder / "progress.json"
        self.progress = {}  # the exercise that was worked on last stands last
        try:
            self.progress = progress_of(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            pass
        except (ValueError, RecursionError):
            aside = self.file.with_suffix(".damaged")
            self.file.replace(aside)
            print(f"course: {shown(self.file)} is damaged: it is {aside.name} now, and progress begins anew", file=sys.stderr)

    def path(self, exercise):
        return self.folder / exercise.chapter / f"{exercise.name}.cpp"

    def start(self, exercise):
        """Lays the starter out; False when there is an answer already."""
        path = self.path(exercise)
        if path.exists():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(exercise.starter, encoding="utf-8")
        return True

    def of(self, exercise):
        return {**NEW, **self.progress.get(exercise.key, {})}

    def note(self, exercise, **what):
        """Keeps it at once, and whole or not at all."""
        state = {**self.of(exercise), **what}
        self.progress.pop(exercise.key, None)
        self.progress[exercise.key] = state
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps(self.progress, indent=1) + "\n", encoding="utf-8")
        draft.replace(self.file)

    def solved(self, exercises):
        """How many of them are."""
        return sum(self.of(exercise)["solved"] for exercise in exercises)

    def next_of(self, exercises):
        """The one that the reader is at; when it is solved the next of its chapter, and then of all. None when all are."""
        keys = [exercise.key for exercise in exercises]
        at = next((keys.index(key) for key in reversed(self.progress) if key in keys), 0)
        in_turn = exercises[at:] + exercises[:at]
        in_turn.sort(key=lambda exercise: exercise.chapter != exercises[at].chapter)
        return next((exercise for exercise in in_turn if not self.of(exercise)["solved"]), None)
