"""Each header and source of the course, compiled by itself (compiles_alone says how)."""

import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import commands
from precompiled import HEAVY, Precompiled


@dataclass(frozen=True)
class Unit:
    """One run of the compiler: a source, or a header, through a line that includes it."""
    path: str
    flags: tuple
    heavy: frozenset  # of HEAVY, what it includes itself or through files of the course
    key: str  # of all that decides whether it compiles


class Check:
    """`build` is a folder for what passed; `flags_of(PATH)` are the compiler and its flags."""

    def __init__(self, course, root, build, flags_of):
        self.course, self.root, self.build = course, root, build
        self.hashes = {path: hashlib.sha256(course.read(path).encode()).hexdigest() for path in course.code}
        self.units = {path: self.unit(path, flags_of(path)) for path in course.code}

    def unit(self, path, flags):
        ours, others = closure(self.course, path)
        heavy = others & frozenset(HEAVY)
        decides = [commands.compiler_version(flags[0]), *flags, *sorted(heavy), path,
                   *(f"{file} {self.hashes.get(file)}" for file in sorted(ours))]
        return Unit(path, flags, heavy, hashlib.sha256("\n".join(decides).encode()).hexdigest())

    def proved_by_sources(self):
        """Headers that a source includes before all else, with nothing precompiled that they do not include."""
        for path, unit in self.units.items():
            includes = self.course.includes(path)
            first = self.units.get(self.course.target(includes[0])) if includes and path.endswith(".cpp") else None
            if first and includes[0].bracket == '"' and unit.heavy <= first.heavy:
                yield first.path

    def newest_first(self, units):
        said = subprocess.run(["git", "-C", self.root, "diff", "--name-only", "HEAD"], capture_output=True, text=True)
        changed = set(said.stdout.split())
        return sorted(units, key=lambda unit: (unit.path not in changed, -(self.root / unit.path).stat().st_mtime))

    def work(self, paths, passed):
        """What is to be compiled: below one of the paths, all without one."""
        done = set() if paths else set(self.proved_by_sources())
        return self.newest_first(
            unit for path, unit in self.units.items() if path not in done and unit.key not in passed
            and (not paths or any(f"{path}/".startswith(f"{wanted}/") for wanted in paths)))

    def run(self, paths=()):
        """The number of files that do not compile; prints a line for each."""
        started, findings = time.monotonic(), 0
        memory = self.build / "passed"
        work = self.work(paths, set(memory.read_text().split()) if memory.exists() else set())
        with (Precompiled(self.build / "precompiled", work) as precompiled, memory.open("a") as log,
              ThreadPoolExecutor(len(os.sched_getaffinity(0))) as cores):
            list(cores.map(precompiled.make, precompiled.headers))
            runs = {cores.submit(self.compile, unit, precompiled.flags(unit)): unit for unit in work}
            for run in as_completed(runs):
                if said := run.result():
                    findings += 1
                    print(self.finding(runs[run], said), flush=True)
                else:
                    print(runs[run].key, file=log, flush=True)
        print(f"{len(self.units)} headers and sources, {len(work)} runs of the compiler, {findings} findings, "
              f"{time.monotonic() - started:.0f} s", file=sys.stderr)
        return findings

    def compile(self, unit, precompiled):
        """What the compiler says, "" when nothing: a warning is a finding too."""
        file = self.root / unit.path
        source = [file] if unit.path.endswith(".cpp") else ["-x", "c++", "-"]
        done = subprocess.run([*unit.flags, *precompiled, "-fsyntax-only", *source], cwd=self.root,
                              input=f'#include "{file}"\n', capture_output=True, text=True)
        return done.stderr or (f"the compiler ended with {done.returncode}" if done.returncode else "")

    def finding(self, unit, said):
        lines = said.replace(f"{self.root}/", "").splitlines()
        first = next((line for line in lines if "error: " in line or "warning: " in line), lines[0])
        return f"{unit.path}: does not compile by itself, include what it uses: {first}"


def closure(course, path):
    """The course's files that a file includes, itself among them, and the names of others' files."""
    ours, others, wait = {path}, set(), [path]
    while wait:
        for include in course.includes(wait.pop()):
            target = course.target(include) if include.bracket == '"' else None
            if target is None:
                others.add(include.name)
            elif target not in ours:
                ours.add(target)
                wait.append(target)
    return ours, frozenset(others)
