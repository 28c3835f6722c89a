"""Hostile clients, by name: what each does to a server, and what must hold.

A client that is held stays as it is until it is let go; see `held`. It needs nothing but Python and an address.
"""

import contextlib
import dataclasses
import socket
import struct
import threading
import zlib
from typing import Callable

DEADLINE = 20  # seconds, for whatever a client waits for
FRAME_LIMIT = 1 << 20
DATA, END, ERROR = 1, 2, 3


def frame(payload=b"", kind=DATA):
    """A frame: magic, version, type, payload length, CRC-32 of all but itself, payload."""
    start = struct.pack(">HBBI", 0x534D, 1, kind, len(payload))
    return start + struct.pack(">I", zlib.crc32(payload, zlib.crc32(start))) + payload


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What a server understands."""
    name: str
    # The bytes of an endless stream of messages from an offset on, about so many; a server takes all of them.
    stream: Callable[[int, int], bytes]
    half: bytes = b"half"  # the beginning of a message
    whole: bytes = b"whole"  # all that an honest client sends before its end of the stream
    echoes: bool = False  # what it sends comes back as it is
    takes_all: bool = False  # a server answers at the end of the stream alone


def _periodic(period):
    """An endless stream that repeats `period`."""
    def part(offset, size):
        start = offset % len(period)
        return (period * ((start + size) // len(period) + 1))[start:start + size]
    return part


def echo():
    """Every byte comes back."""
    return Protocol("echo", _periodic(bytes(range(256)) * 16), echoes=True)


def messages(payload=b"x" * 5000):
    """Every frame comes back, or has an answer."""
    whole = frame(payload)
    return Protocol("messages", _periodic(whole), half=whole[:len(whole) // 2], whole=whole * 2)


def one_way(period, end=b""):
    """A stream that repeats `period`, ends with `end`, and has its answer then."""
    return Protocol("one way", _periodic(period), half=period[:len(period) // 2], whole=period * 3 + end, takes_all=True)


class Failed(Exception):
    """What must hold did not."""


def connect(address):
    """A socket connected to (host, port)."""
    return socket.create_connection(address, timeout=DEADLINE)


def read_to_end(peer):
    """Every byte up to the end of the stream."""
    parts = []
    while part := peer.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def expect_served(address, protocol):
    """An honest client of now has its answer."""
    try:
        with connect(address) as peer:
            peer.sendall(protocol.whole)
            peer.shutdown(socket.SHUT_WR)
            answer = read_to_end(peer)
    except OSError as error:
        raise Failed(f"an honest client is not served: {error}") from error
    if answer != protocol.whole if protocol.echoes else not answer:
        raise Failed(f"an honest client gets another answer: {answer[:100]!r}")


# Clients that are held ----------------------------------------------------------------------------------------------

def _silent(address, protocol, let_go):
    with connect(address):
        let_go.began.set()
        let_go.wait()


def _half(address, protocol, let_go):
    with connect(address) as peer:
        peer.sendall(protocol.half)
        let_go.began.set()
        let_go.wait()


def _stuck(address, protocol, let_go):
    with connect(address) as peer:
        peer.settimeout(0.2)  # so long nothing is taken: the buffers of both directions are full
        offset = 0
        with contextlib.suppress(TimeoutError):
            while not let_go.is_set():
                offset += peer.send(protocol.stream(offset, 1 << 16))
                if protocol.takes_all and offset >= 1 << 24:  # it takes everything
                    let_go.began.set()
        let_go.began.set()
        let_go.wait()


def _flood(address, protocol, let_go):
    with connect(address) as peer:
        peer.setblocking(False)
        offset, answered = 0, protocol.takes_all  # until it is, nobody may have accepted it
        while not let_go.is_set():
            with contextlib.suppress(BlockingIOError):
                offset += peer.send(protocol.stream(offset, 1 << 16))
            with contextlib.suppress(BlockingIOError):
                if not peer.recv(1 << 18):
                    return
                answered = True
            if answered and offset >= 1 << 24:
                let_go.began.set()


def _trickle(address, protocol, let_go):
    with connect(address) as peer:
        offset = 0
        while not let_go.wait(0.02):
            offset += peer.send(protocol.stream(offset, 1))
            let_go.began.set()


def _queued(address, protocol, let_go):
    with contextlib.ExitStack() as peers:
        for _ in range(5):
            peer = peers.enter_context(connect(address))
            peer.sendall(protocol.stream(0, 10))
        let_go.began.set()
        let_go.wait()


@dataclasses.dataclass(frozen=True)
class Attack:
    name: str
    fault: str  # its class
    does: str
    must_hold: str
    run: Callable


HELD = {attack.name: attack for attack in (
    Attack("silent", "F10", "connects and says nothing", "it is closed at a time-out; others are served", _silent),
    Attack("half", "F21", "sends half a message and no more", "it is closed at a time-out; nothing is delivered", _half),
    Attack("stuck", "F29", "sends until nothing more is taken, and reads nothing",
           "memory stays bounded; others are served; a stop ends it", _stuck),
    Attack("flood", "F45", "sends and reads as fast as it can", "others are served; a stop ends it", _flood),
    Attack("trickle", "F27", "sends a byte each 20 ms", "a deadline for the whole message", _trickle),
    Attack("queued", "F45", "connects five times, sends the beginning of a message, and waits",
           "each is served, told or closed", _queued))}


class _LetGo(threading.Event):
    def __init__(self):
        super().__init__()
        self.began = threading.Event()


@contextlib.contextmanager
def held(attack, address, protocol):
    """Runs an attack of HELD in a thread of its own; the block runs once it is under way, and its end lets it go.

    What the server does to the client, a reset among it, is no failure: what must hold is for the block to see.
    """
    let_go = _LetGo()

    def run():
        try:
            with contextlib.suppress(ConnectionError):
                attack.run(address, protocol, let_go)
        finally:
            let_go.began.set()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        if not let_go.began.wait(DEADLINE):
            raise Failed(f"{attack.name}: it did not get under way in {DEADLINE} s")
        yield
    finally:
        let_go.set()
        thread.join()
