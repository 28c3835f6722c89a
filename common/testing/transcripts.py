"""The output that a lesson shows is what the programs print: each transcript in COURSE_OUTPUT is run again.

A transcript has commands, `$ program ...` or `$ server ... &`, with what they print below them; what a server says
before it listens stands above that line. All run in a folder of the transcript's own, where the shell's commands make
what is needed. A free port takes the place of 1234, and a program, or a command of one, that takes --connect gets it
too. Times of day, durations and rates are compared by their form alone.
"""

import os
import re
import select
import shlex
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from programs import DEADLINE, Server, program, run

VARIES = [(re.compile(pattern), form) for pattern, form in (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"\d+(\.\d+)? ([KMG]i)?B/s", "RATE"),
    (r"\b\d+\.\d\d s\b", "SECONDS"))]


def form(text):
    """A transcript without what differs from run to run."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text


def reserved_port():
    """A socket that keeps a free port from everybody but those that listen with SO_REUSEADDR: it never listens."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    return kept


def said_so_far(server):
    """What a server has printed on standard error until now."""
    stream = server.process.stderr
    return os.read(stream.fileno(), 65536).decode() if select.select([stream], [], [], 0)[0] else ""


def connected(words, address):
    """The command with the address of the server, where it takes one."""
    name, *rest = words
    for at in (0, 1):  # of the program, or of its command
        command = [program(name), *rest[:at]]
        if len(rest) >= at and "--connect" in run(*command, "--help").out:
            return [*command, "--connect", address, *rest[at:]]
    return [program(name), *rest]


def replay(text):
    """Runs the commands of a transcript and writes it anew."""
    lines, servers, before = [], [], os.getcwd()
    with reserved_port() as kept, tempfile.TemporaryDirectory() as folder:
        port = kept.getsockname()[1]
        address = f"127.0.0.1:{port}"
        os.chdir(folder)
        try:
            for line in text.splitlines():
                if not line.startswith("$ "):
                    continue
                lines.append(line)
                words = shlex.split(line[2:].replace(":1234", f":{port}"))
                if not Path(program(words[0])).exists():
                    done = subprocess.run(line[2:], shell=True, capture_output=True, text=True, timeout=DEADLINE)
                    lines += (done.stdout + done.stderr).splitlines()
                elif words[-1] == "&":
                    servers.append(Server(program(words[0]), *words[1:-1], listen=address))
                    lines += (said_so_far(servers[-1]) + servers[-1].first).splitlines()
                else:
                    done = run(*connected(words, address))
                    lines += (done.out + done.err).splitlines()
        finally:
            os.chdir(before)
            for server in servers:
                server.stop()
    return "\n".join(lines).replace(f":{port}", ":1234") + "\n"


class Transcripts(unittest.TestCase):
    def test_each_is_what_the_programs_print_today(self):
        files = sorted(Path(os.environ["COURSE_OUTPUT"]).glob("*.txt"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file=file.name):
                self.assertEqual(form(replay(file.read_text())), form(file.read_text()))


if __name__ == "__main__":
    unittest.main()
