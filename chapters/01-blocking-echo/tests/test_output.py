"""The output that the lesson shows is what the programs print: each file of output/ is run again."""

import shlex
import socket
import unittest
from pathlib import Path

from programs import Server, program, run

OUTPUT = Path(__file__).resolve().parent.parent / "output"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def replay(text):
    """Runs the commands of a transcript, `$ command` or `$ server &`, and writes it anew."""
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
                done = run(program(words[0]), "--connect", address, *words[1:])
                lines += (done.out + done.err).splitlines()
    finally:
        for server in servers:
            server.stop()
    return "\n".join(lines).replace(address, "127.0.0.1:1234") + "\n"


class Output(unittest.TestCase):
    def test_each_transcript_is_what_the_programs_print_today(self):
        files = sorted(OUTPUT.glob("*.txt"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file=file.name):
                self.assertEqual(replay(file.read_text()), file.read_text())


if __name__ == "__main__":
    unittest.main()
