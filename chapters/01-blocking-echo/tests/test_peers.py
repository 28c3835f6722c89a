"""Real peers: Python's sockets, netcat and curl against our servers, and our client against Python's."""

import shutil
import subprocess
import sys
import unittest
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent / "python"
sys.path.insert(0, str(PYTHON))

import message_client  # noqa: E402
from programs import Server, program, read_to_end, run  # noqa: E402


class PythonClients(unittest.TestCase):
    def test_a_python_socket_reads_its_echo_after_a_half_close(self):
        for name in ("echo_server", "posix_echo_server"):
            with Server(program(name)) as server, server.connect() as peer:
                peer.sendall(b"from Python")
                peer.shutdown(1)
                self.assertEqual(read_to_end(peer), b"from Python", name)

    def test_pythons_frames_are_our_frames(self):
        with Server(program("message_server")) as server:
            done = run("python3", PYTHON / "message_client.py", "--connect", server.address, "a", "bc")
            self.assertEqual((done.returncode, done.out), (0, "a\nbc\n"), done.err)

    def test_a_wrong_checksum_is_answered_with_an_error_frame_and_the_end(self):
        with Server(program("message_server")) as server, server.connect() as peer:
            frame = bytearray(message_client.encode(message_client.DATA, b"payload"))
            frame[-1] ^= 1
            peer.sendall(frame)
            with peer.makefile("rb") as stream:
                kind, payload = message_client.receive(stream)
                self.assertEqual(kind, message_client.ERROR)
                self.assertIn(b"CRC-32", payload)
                self.assertEqual(stream.read(), b"")


class OtherPeers(unittest.TestCase):
    def test_our_client_reads_its_echo_from_pythons_server(self):
        with Server("python3", PYTHON / "echo_server.py") as server:
            done = run(program("echo_client"), "--connect", server.address, "hello")
            self.assertEqual((done.returncode, done.out), (0, "hello\n"))

    @unittest.skipUnless(shutil.which("nc"), "netcat is not installed")
    def test_netcat_reads_its_echo(self):
        with Server(program("echo_server")) as server:
            done = run("nc", "-N", "127.0.0.1", str(server.port), stdin=b"from netcat\n")
            self.assertEqual(done.out, "from netcat\n")

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl_is_refused_with_a_readable_reason_and_logged(self):  # F22
        with Server(program("message_server")) as server:
            done = subprocess.run(["curl", "-s", "--http0.9", f"http://{server.address}/"],
                                  capture_output=True, timeout=20)
            self.assertIn(b"not a frame", done.stdout)
            _, _, err = server.stop()
            self.assertIn('at "GET / HTTP/1"', err)

    def test_control_bytes_of_another_protocol_are_escaped_in_the_log(self):  # F22
        with Server(program("message_server")) as server:
            with server.connect() as peer:
                peer.sendall(b"\x16\x03\x01\x1b[2J")
                peer.shutdown(1)
                read_to_end(peer)
            _, _, err = server.stop()
            self.assertIn(r'at "\x16\x03\x01\x1b[2J"', err)


if __name__ == "__main__":
    unittest.main()
