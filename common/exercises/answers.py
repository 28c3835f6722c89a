"""What the reader has done: their answers and their progress, in answers/, which git does not look at."""

import json
import os
from pathlib import Path

from catalogue import ROOT


class Answers:
    """The reader's folder. A starter is copied there, so that the course can be updated below it."""

    def __init__(self, folder=None):
        self.folder = Path(folder or os.environ.get("COURSE_ANSWERS") or ROOT / "answers").resolve()
        self.file = self.folder / "progress.json"
        try:
            self.progress = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.progress = {}

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
        return {"solved": False, "tries": 0, "hints": 0, **self.progress.get(exercise.key, {})}

    def note(self, exercise, **what):
        """Keeps it at once, and whole or not at all."""
        self.progress[exercise.key] = {**self.of(exercise), **what}
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps(self.progress, indent=1) + "\n", encoding="utf-8")
        draft.replace(self.file)

    def next_of(self, exercises):
        """The first that is not solved; none when all are."""
        return next((exercise for exercise in exercises if not self.of(exercise)["solved"]), None)
