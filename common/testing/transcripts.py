"""The output that a lesson shows is what the programs print: each transcript in COURSE_OUTPUT is run again.

A transcript has commands, `$ program ...` or `$ server ... &`, with what they print below them. A server
gets a port of its own, and a program that takes --connect gets it too.
"""

import os
import shlex
import socket
import unittest
from pathlib import Path

from programs import Server, program, run


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def replay(text):
    """Runs the commands of a transcript and writes it anew."""
    lines, servers, address = [], [], f"127.0.0.1:{free_port()}"
    try:
        for line in text.splitlines():
            if not line.startswith("$ "):
                continue
            lines.append(line)
            words = shlex.split(line[2:])
            if words[-1] == "&":
                servers.append(Server(program(words[0]), *words[1:-1], listen=address))
                lines.append(servers[-1].first.rstrip("\n"))
            else:
                peer = ["--connect", address] if "--connect" in run(program(words[0]), "--help").out else []
                done = run(program(words[0]), *peer, *words[1:])
                lines += (done.out + done.err).splitlines()
    finally:
        for server in servers:
            server.stop()
    return "\n".join(lines).replace(address, "127.0.0.1:1234") + "\n"


class Transcripts(unittest.TestCase):
    def test_each_is_what_the_programs_print_today(self):
        files = sorted(Path(os.environ["COURSE_OUTPUT"]).glob("*.txt"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file=file.name):
                self.assertEqual(replay(file.read_text()), file.read_text())


if __name__ == "__main__":
    unittest.main()
