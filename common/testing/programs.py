"""What tests of the programs share: a server that is waited for, and a deadline on everything."""

import os
import re
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

BIN = Path(os.environ.get("COURSE_BIN", "."))
SANITIZED = not {"dev", "tsan"}.isdisjoint(BIN.parts)  # the programs are built with a sanitizer
DEADLINE = 20  # seconds


def program(name):
    """The path of a program of the chapter under test."""
    return str(BIN / name)


def run(*command, stdin=b"", timeout=DEADLINE):
    """Runs a command to its end; returns the completed process with text outputs."""
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, timeout=timeout)
    done.out, done.err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return done


def next_line(stream, deadline=DEADLINE):
    """The next line of a process's output, or what there is of it at its end or when the time is over."""
    end, line = time.monotonic() + deadline, b""
    while not line.endswith(b"\n"):
        # Byte by byte: what the stream itself read ahead, select would not see.
        ready, _, _ = select.select([stream], [], [], max(0, end - time.monotonic()))
        byte = os.read(stream.fileno(), 1) if ready else b""
        if not byte:
            break
        line += byte
    return line.decode()


def first_line(process, deadline=DEADLINE):
    """The first line of a process's standard output, or what it said instead."""
    line = next_line(process.stdout, deadline)
    if not line:
        process.kill()
        said = process.stderr.read().decode() if process.stderr else "elsewhere"
        raise AssertionError(f"{process.args}: no first line; stderr: {said!r}")
    return line


class Server:
    """A server on a port that the kernel picks; `port` is known once it listens.

    Ends with the `with` block, which checks that it drained and exited with 0.
    """

    def __init__(self, *command, host="127.0.0.1", listen=None, preexec=None, stderr=subprocess.PIPE):
        listen = listen or (f"[{host}]:0" if ":" in host else f"{host}:0")
        self.host = host
        self.process = subprocess.Popen([str(c) for c in command] + ["--listen", listen],
                                        stdout=subprocess.PIPE, stderr=stderr, preexec_fn=preexec)
        self.first = first_line(self.process)
        self.port = int(re.fullmatch(r"listening on .*:(\d+)\n", self.first).group(1))

    def connect(self):
        peer = socket.create_connection((self.host, self.port), timeout=DEADLINE)
        return peer

    @property
    def address(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def stop(self, how=signal.SIGTERM):
        """Asks it to end; returns (exit code, standard output, standard error)."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, out.decode(), (err or b"").decode()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            code, _, err = self.stop()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        if kind is None and code != 0:
            raise AssertionError(f"{self.process.args} exited with {code}: {err}")


def read_to_end(peer):
    """Every byte up to the end of the stream; any other end is an exception."""
    parts = []
    while part := peer.recv(65536):
        parts.append(part)
    return b"".join(parts)


def cpu_seconds(pid):
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def let_pass(seconds):
    """Where what is under test is that nothing happens for so long."""
    select.select([], [], [], seconds)


def wait_until(condition, what, deadline=DEADLINE):
    """Polls for a condition of another process that nothing announces."""
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        select.select([], [], [], 0.005)
