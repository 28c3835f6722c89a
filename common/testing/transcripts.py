"""The output that a lesson shows is what the programs print: each transcript in COURSE_OUTPUT is run again.

A transcript has commands, `$ program ...` or `$ server ... &`, with what they print below them; what a server says
before it listens stands above that line, and what it says later on standard error is left out. All of a transcript is one
session of a shell, in a folder of its own, where its commands make what is needed; `chapters` leads to the course's. A free
port takes the place of 1234, and a program, or a command of one, that takes --connect or --listen gets it too, as does a
client in Python. Times of day, durations, rates and counts of messages are compared by their form alone; where a file's
name ends in -measured, all numbers are.
"""

import os
import re
import shlex
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from programs import DEADLINE, next_line, program, run

ROOT = Path(__file__).resolve().parents[2]
VARIES = [(re.compile(pattern), form) for pattern, form in (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"\d+(\.\d+)? ([KMG]i)?B/s", "RATE"),
    (r"(?m)^received \d+ bytes, .*\n", ""),  # a server's, before or after its client's line
    (r"\b\d+\.\d+ s\b", "SECONDS"),
    (r"(?m)^within: .*", "TIMES"),
    (r" *\b\d+(\.\d+)? us\b", " US"),
    (r"\b\d+ messages\b", "MESSAGES"),
    (r'"(messages|peak_queued_bytes|accept_errors)":\d+', r'"\1"'),
    (r"\d+\.\d MiB were\b", "MIB"),
    (r"\b\d+ KiB each, \d+ MiB in all\b", "MEMORY"),  # it follows the machine's processors
    (r"[ \t]*\b\d+ kB\b", " KB"))]
NUMBERS = re.compile(r" *\b\d+(\.\d+)?\b")


def form(text, measured):
    """A transcript without what differs from run to run."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return NUMBERS.sub(" N", text) if measured else text


def reserved_port():
    """A socket that keeps a free port from everybody but those that listen with SO_REUSEADDR: it never listens."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    return kept


def takes(option, *command):
    return option in run(*command, "--help").out


def connected(words, address):
    """The command with the address of the server, where it takes one."""
    name, *rest = words
    for at in (0, 1):  # of the program, or of its command
        command = [program(name), *rest[:at]]
        if len(rest) >= at and takes("--connect", *command):
            return [*command, "--connect", address, *rest[at:]]
    return [program(name), *rest]


class Shell:
    """A session of bash, in which the course's servers listen, and its clients connect, where they are told to."""

    END = "--- that was all ---"

    def __init__(self, folder, programs, servers, address):
        self.commands, self.said = Path(folder) / "commands", Path(folder) / "said"
        self.commands.mkdir()
        for name in programs:
            if name in servers:
                self.wrap(name, f'--listen {address} "$@" 2>>"{self.said}"')
            else:
                self.wrap(name, f'--connect {address} "$@"' if takes("--connect", program(name)) else '"$@"')
        self.process = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env={**os.environ, "PATH": f"{self.commands}:{os.environ['PATH']}"})

    def wrap(self, name, arguments):
        wrapper = self.commands / name
        wrapper.write_text(f'#!/bin/sh\nexec "{program(name)}" {arguments}\n')
        wrapper.chmod(0o700)

    def say(self, command):
        self.process.stdin.write(f"{command}\n".encode())
        self.process.stdin.flush()

    def line(self):
        line = next_line(self.process.stdout, 3 * DEADLINE)
        if not line.endswith("\n"):
            raise AssertionError(f"the shell says no more than {line!r}")
        return line.rstrip("\n")

    def run(self, command):
        """What a command prints until the next may follow; one in the background may print later."""
        self.say(f"{command}\necho {shlex.quote(self.END)}")
        return list(iter(self.line, self.END))

    def serve(self, command):
        """What a server prints until it listens."""
        self.said.write_text("")
        self.say(command)
        listens = self.line()
        return [*self.said.read_text().splitlines(), listens]

    def asked(self, command):
        """The line with which a server answers a signal."""
        self.say(command)
        return [self.line()]

    def end(self):
        self.say("kill $(jobs -p); wait; exit")
        try:
            self.process.communicate(timeout=DEADLINE)
        finally:
            self.process.kill()


def replay(text):
    """Runs the commands of a transcript and writes it anew."""
    commands, before = [line for line in text.splitlines() if line.startswith("$ ")], os.getcwd()
    programs = {word for line in commands for word in re.findall(r"[\w-]+", line) if Path(program(word)).is_file()}
    servers, lines = {name for name in programs if takes("--listen", program(name))}, []
    with reserved_port() as kept, tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
        port = kept.getsockname()[1]
        os.chdir(folder)
        if "chapters/" in text:
            Path("chapters").symlink_to(ROOT / "chapters")
        shell = Shell(beside, programs, servers, f"127.0.0.1:{port}")
        try:
            for line in commands:
                lines.append(line)
                command = re.sub(r"\b1234\b", str(port), line[2:])
                command = re.sub(r"chapters/\S+_client\.py", rf"\g<0> --connect 127.0.0.1:{port}", command)
                words = command.split()
                if words[-1] == "&" and servers & set(words):
                    lines += shell.serve(command)
                elif "-USR1" in words:
                    lines += shell.asked(command)
                elif words[0] in programs and not re.search(r"[&|<>]", command):
                    done = run(*connected(shlex.split(command), f"127.0.0.1:{port}"), timeout=3 * DEADLINE)  # some measure
                    lines += (done.out + done.err).splitlines()
                else:
                    lines += shell.run(command)
        finally:
            os.chdir(before)
            shell.end()
    return "\n".join(lines).replace(str(port), "1234") + "\n"


class Transcripts(unittest.TestCase):
    def test_each_is_what_the_programs_print_today(self):
        files = sorted(Path(os.environ["COURSE_OUTPUT"]).glob("*.txt"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file=file.name):
                measured = file.stem.endswith("-measured")
                self.assertEqual(form(replay(file.read_text()), measured), form(file.read_text(), measured))


if __name__ == "__main__":
    unittest.main()
