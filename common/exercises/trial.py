"""Builds an answer and runs its test."""

import os
import re
import resource
import subprocess
from dataclasses import dataclass, field

from catalogue import ROOT

BUILD = ROOT / "build" / "dev"
LIMIT = 120  # seconds; the test's own deadlines are far shorter
LEAKS = "detected memory leaks"
TEST = re.compile(r"\[ +(RUN|OK|FAILED) +\] (\S+)")


@dataclass
class Trial:
    """What came of it."""
    built: bool
    said: str = ""  # by the compiler, or by the program on standard error
    code: int = 0  # the program's exit code; negative when a signal ended it
    passed: list = field(default_factory=list)  # names of tests
    failing: str = ""  # the test that was not passed
    steps: list = field(default_factory=list)  # of the failing test, as the four that follow
    wrong: str = ""
    advice: str = ""
    when_stuck: str = ""
    rest: str = ""  # what else it printed

    @property
    def solved(self):
        return self.built and self.code == 0 and bool(self.passed) and not self.failing  # or it has called exit


def read(output, trial):
    """Takes a test's output apart: see common/testing/steps.hpp."""
    rest = []
    for line in output.splitlines():
        if match := TEST.match(line):
            kind, test = match.groups()
            if kind == "RUN":
                trial.failing, trial.steps, trial.when_stuck, rest = test, [], "", []
            elif kind == "OK":
                trial.passed.append(test)
                trial.failing = ""
            else:
                break  # the first that fails is the one to explain
            continue
        kind, _, text = line.partition(": ")
        if kind == "step":
            trial.steps.append(text)
        elif kind == "stuck":
            trial.when_stuck = text
        elif kind == "wrong":
            trial.wrong = text
        elif kind == "advice":
            trial.advice = text
        elif trial.failing:
            rest.append(line)
    trial.rest = "\n".join(rest).strip()
    return trial


def build(exercise, answer):
    """Compiles the answer through a file of one line that includes it; returns what went wrong, or None."""
    source = BUILD / "answers" / exercise.chapter / f"{exercise.name}.cpp"
    source.parent.mkdir(parents=True, exist_ok=True)
    line = f'#include "{answer}"\n'
    if not source.exists() or source.read_text(encoding="utf-8") != line:
        source.write_text(line, encoding="utf-8")
    for command in (["cmake", "--preset", "dev"],
                    ["cmake", "--build", "--preset", "dev", "--target", exercise.target]):
        if command[1] == "--preset" and (BUILD / "build.ninja").exists():
            continue
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")
        if done.returncode:
            return done.stdout + done.stderr
    return None


def run(exercise, **environment):
    program = BUILD / "bin" / exercise.folder.name / f"answer-{exercise.number}"
    command = [program, f"--gtest_filter={exercise.suite}.*", "--gtest_fail_fast", "--gtest_color=no"]
    # What goes wrong in a header, as chrono's, has a line of the answer only further down the stack.
    traced = {"UBSAN_OPTIONS": "print_stacktrace=1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LIMIT,
                              env={**traced, **os.environ, **environment},
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
    except subprocess.TimeoutExpired as late:
        out = (late.stdout or b"").decode(errors="replace")
        return read(out, Trial(True, f"did not end within {LIMIT} s", -9))
    return read(done.stdout, Trial(True, done.stderr, done.returncode))


def attempt(exercise, answer):
    """Builds and runs."""
    failed = build(exercise, answer)
    if failed is not None:
        return Trial(False, failed)
    trial = run(exercise)
    if LEAKS in trial.said:
        # The quick way to note who asks for memory misses who called a library without frame pointers.
        exact = run(exercise, ASAN_OPTIONS="fast_unwind_on_malloc=0")
        return exact if LEAKS in exact.said else trial
    return trial
