"""The programs as a user meets them, the twins in Python, and a library that writes twice."""

import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from programs import DEADLINE, Server, first_line, program, run

PYTHON = Path(__file__).resolve().parents[1] / "python"
PATTERNS = ["separate", "gathered", "joined", "corked", "more", "trickle"]


def ask(server, *options, requests=5):
    """The client's JSON after some requests."""
    done = run(program("request_client"), "--connect", server.address, "--requests", str(requests), "--json", *options)
    if done.returncode:
        raise AssertionError(done.err)
    return json.loads(done.out)


class Arguments(unittest.TestCase):
    def test_help_names_every_option_and_exits_with_0(self):
        common = ["--pattern", "--header-size", "--nodelay", "--quickack", "separate|gathered|joined|corked|more|trickle"]
        for name, own in (("request_server", ["--listen", "--reply-size", "--nodelay-listening"]),
                          ("request_client", ["--connect", "--requests", "--size", "--think-time", "--each", "--json"]),
                          ("packet_ladder", ["--rtt", "--request", "--size", "--json"])):
            done = run(program(name), "--help")
            self.assertEqual((done.returncode, done.err), (0, ""), name)
            for option in common + own:
                self.assertIn(option, done.out, name)

    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        for wrong in (["--pattern", "sideways"], ["--header-size", "0"], ["--quickack", "never"], ["--size", "2M"],
                      ["--requests", "0"], ["--no-such"]):
            done = run(program("request_client"), *wrong)
            self.assertEqual((done.returncode, done.out), (2, ""), wrong)
            self.assertRegex(done.err, r"\Arequest_client: [^\n]+\n\Z")

    def test_a_port_in_use_is_one_line_that_names_it_and_exit_code_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            done = run(program("request_server"), "--listen", address)
            self.assertEqual((done.returncode, done.err),
                             (1, f"request_server: bind {address}: Address already in use\n"))

    def test_a_server_that_speaks_otherwise_is_one_line_and_exit_code_1(self):
        with Server(program("request_server"), "--reply-size", "5") as server:
            done = run(program("request_client"), "--connect", server.address, "--requests", "2")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.err, r"\Arequest_client: a reply differs [^\n]+\n\Z")


class Exchange(unittest.TestCase):
    def test_every_pattern_is_answered_and_measured(self):
        with Server(program("request_server")) as server:
            for pattern in PATTERNS:
                row = ask(server, "--pattern", pattern, "--nodelay")
                self.assertEqual(row["pattern"], pattern)
                for key in ("first_us", "median_us", "p99_us", "max_us", "segments_per_request",
                            "wire_bytes_per_request", "cpu_us_per_request"):
                    self.assertGreater(row[key], 0, key)

    def test_a_server_takes_the_same_options(self):
        with Server(program("request_server"), "--pattern", "separate", "--nodelay", "--quickack", "always",
                    "--header-size", "3", "--reply-size", "1000") as server:
            ask(server, "--reply-size", "1000", "--pattern", "corked")

    def test_each_round_trip_can_be_printed(self):
        with Server(program("request_server")) as server:
            done = run(program("request_client"), "--connect", server.address, "--requests", "4", "--each",
                       "--pattern", "gathered", "--think-time", "1ms")
            self.assertEqual(done.returncode, 0)
            self.assertEqual(re.findall(r"^ +(\d+) +[\d.]+ us$", done.err, re.MULTILINE), ["1", "2", "3", "4"])
            self.assertIn("each request took", done.out)

    def test_many_requests_take_no_more_segments_than_they_need(self):
        with Server(program("request_server")) as server:
            row = ask(server, "--pattern", "gathered", requests=200)
            self.assertLess(row["segments_per_request"], 2.5)


class Ladder(unittest.TestCase):
    def test_a_gathered_request_is_one_packet_and_its_reply(self):
        done = run(program("packet_ladder"), "--pattern", "gathered", "--rtt", "2ms", "--request", "2")
        if done.returncode:
            self.skipTest(done.err)
        self.assertIn("header + body, 76 B", done.out)
        self.assertIn("reply, 16 B", done.out)


class Twins(unittest.TestCase):
    """Each client against each server."""

    def test_python_and_cpp_understand_each_other(self):
        theirs = [sys.executable, "-B", str(PYTHON / "request_server.py"), "--listen", "127.0.0.1:0", "--nodelay-listening"]
        process = subprocess.Popen(theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            port = first_line(process).rsplit(":", 1)[1].strip()
            with Server(program("request_server")) as ours:
                for address in (f"127.0.0.1:{port}", ours.address):
                    for pattern in ("separate", "gathered", "joined"):
                        for client in ([program("request_client")], [sys.executable, "-B", str(PYTHON / "request_client.py")]):
                            done = run(*client, "--connect", address, "--requests", "3", "--pattern", pattern, "--json")
                            self.assertEqual((done.returncode, done.err), (0, ""))
                            self.assertEqual(json.loads(done.out)["requests"], 3)
        finally:
            process.terminate()
            process.communicate(timeout=DEADLINE)


class Library(unittest.TestCase):
    def test_http_client_writes_header_and_body_apart_and_sets_the_option_for_it(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve():
                peer, _ = listener.accept()
                with peer:
                    peer.settimeout(DEADLINE)
                    while b"body" not in peer.recv(65536):
                        pass
                    peer.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            thread = threading.Thread(target=serve)
            thread.start()
            connection = http.client.HTTPConnection(*listener.getsockname(), timeout=DEADLINE)
            connection.connect()
            self.assertTrue(connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            written = []
            connection.sock = Recorded(connection.sock, written)
            connection.request("POST", "/", body=b"body")
            self.assertEqual(connection.getresponse().status, 204)
            self.assertEqual(len(written), 2)
            self.assertEqual(written[1], b"body")
            connection.close()
            thread.join()


class Recorded:
    """A socket that notes what is written."""

    def __init__(self, inner, written):
        self.inner, self.written = inner, written

    def sendall(self, data):
        self.written.append(bytes(data))
        self.inner.sendall(data)

    def __getattr__(self, name):
        return getattr(self.inner, name)


if __name__ == "__main__":
    unittest.main()
