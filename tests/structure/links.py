"""What programs link: only what measures needs the network in a box or Google Benchmark."""

import re
import subprocess

LIBRARIES = {"libcourse_netlab.a": "netlab", "libbenchmark": "Google Benchmark"}
# Programs that measure, and over what.
MEASURES = {"packet_ladder": "netlab"}


def programs(course):
    """(chapter's folder, name) of each file in programs/, mains and others."""
    for path in course.code:
        match = re.fullmatch(r"chapters/([^/]+)/programs/([^/]+)\.cpp", path)
        if match:
            yield match[1], match[2]


def link_command(build, output):
    """How ninja would link the file, None where the build has no such file."""
    done = subprocess.run(["ninja", "-C", build, "-t", "commands", "-s", output], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def findings(course, command_of):
    """`command_of(FILE)` is the command that links bin/NN-name/PROGRAM."""
    linked = 0
    for folder, name in programs(course):
        command = command_of(f"bin/{folder}/{name}")
        linked += command is not None
        for file, library in LIBRARIES.items():
            if command and file in command and MEASURES.get(name) != library:
                yield (f"chapters/{folder}/programs/{name}.cpp: links {library}, which only what measures needs; "
                       "move what uses it to experiment/")
    if not linked:
        yield "no program of chapters/*/programs is in the build; configure it first: cmake --preset release"
