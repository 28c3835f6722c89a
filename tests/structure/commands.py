"""With which flags the build compiles a file: those of its own target, without what is precompiled."""

import functools
import json
import os
import re
import shlex
import subprocess
from pathlib import Path, PurePosixPath

import tree

WITH_OPERAND = ("-o", "-include", "-c")


@functools.cache
def compiler_version(compiler):
    return subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout


def plain(command):
    """The compiler and its flags, without input, output and the precompiled header."""
    words = shlex.split(command)
    kept = []
    for before, word in zip(["", *words], words):
        if word not in WITH_OPERAND and before not in WITH_OPERAND and word != "-Winvalid-pch":
            kept.append(word)
    return tuple(kept)


def shared(flags):
    """Those on which a precompiled header depends: not the paths, nor what the course defines for a target."""
    return tuple(flag for flag in flags if not re.match("-I|-D(COURSE|NETLAB)_", flag))


class Flags:
    """The flags of each file, from a configuration of its own that has every target of the course."""

    def __init__(self, build):
        subprocess.run(["cmake", "-S", tree.ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCCACHE=OFF"],
                       env={**os.environ, "COURSE_CI": "1"}, stdout=subprocess.DEVNULL, check=True)
        self.known = {}
        for entry in json.loads((build / "compile_commands.json").read_text()):
            for path in self.sources(Path(entry["file"])):
                self.known.setdefault(path, plain(entry["command"]))

    @staticmethod
    def sources(file):
        """The file; or those that a file of CMake's includes, which the build compiles as one."""
        text = file.read_text() if "CMakeFiles" in file.parts and file.exists() else f'#include "{file}"'
        for name in re.findall(r'#include "([^"]+)"', text):
            if Path(name).is_relative_to(tree.ROOT):
                yield str(Path(name).relative_to(tree.ROOT))

    def of(self, path):
        """Its own, or for a header and for what no target here compiles those of a source as near as possible."""
        if path in self.known:
            return self.known[path]
        for folder in PurePosixPath(path).parents:
            near = [known for known in self.known if known.startswith(f"{folder}/")]
            if near:
                return self.known[min(near)]
        raise LookupError(f"{path}: no source near it is compiled")
