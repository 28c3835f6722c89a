"""The course's frame, as chapter 1 writes it in C++ (frame.cpp)."""

import struct
import zlib

HEADER = struct.Struct(">HBBII")  # magic, version, type, payload length, CRC-32
DATA = 1


def payload_of(size):
    return bytes(i * 7 % 251 for i in range(size))


def encode(kind, payload):
    start = HEADER.pack(0x534D, 1, kind, len(payload), 0)[:8]
    return start + struct.pack(">I", zlib.crc32(payload, zlib.crc32(start))) + payload


def receive(stream):
    """The next frame as (type, payload); nothing at the end of the stream."""
    header = stream.read(HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise EOFError("the stream ended inside a header")
    magic, version, kind, length, crc = HEADER.unpack(header)
    if (magic, version) != (0x534D, 1) or length > 1 << 20:
        raise ValueError(f"not a frame: {header!r}")
    payload = stream.read(length)
    if len(payload) < length or zlib.crc32(payload, zlib.crc32(header[:8])) != crc:
        raise ValueError("a frame is broken")
    return kind, payload
