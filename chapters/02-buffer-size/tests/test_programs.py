"""The programs as a user meets them: help, arguments, errors, transfers."""

import json
import signal
import socket
import threading
import unittest
from pathlib import Path

from programs import BIN, DEADLINE, Server, next_line, program, read_to_end, run

PYTHON = Path(__file__).resolve().parents[1] / "python"
PROGRAMS = {"sender": "--connect", "receiver": "--listen", "path_advisor": "--connect", "granted_sizes": "SIZES"}


class Arguments(unittest.TestCase):
    def test_help_names_every_option_and_exits_with_0(self):
        for name, option in PROGRAMS.items():
            done = run(program(name), "--help")
            self.assertEqual((done.returncode, done.err), (0, ""), name)
            self.assertIn(option, done.out)
        for option in ("--buffer", "--sndbuf", "--rcvbuf", "--bytes", "--duration", "--composed", "--json"):
            self.assertIn(option, run(program("sender"), "--help").out)

    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        wrong = {"sender": [["--buffer", "0"], ["--buffer", "x"], ["--buffer", "65M"], ["--sndbuf", "2G"],
                            ["--duration", "5"], ["--bytes", "1K", "--duration", "1s"], ["--connect", "x"], ["more"]],
                 "receiver": [["--buffer", "0"], ["--rcvbuf", "0"], ["--listen", "a:70000"], ["--no-such"]],
                 "path_advisor": [["--duration", "1us"], ["--connect"]],
                 "granted_sizes": [["x"], ["2G"], ["--no-such"]]}
        for name, cases in wrong.items():
            for case in cases:
                done = run(program(name), *case)
                self.assertEqual(done.returncode, 2, (name, case))
                self.assertRegex(done.err, rf"\A{name}: [^\n]+\n\Z")
                self.assertEqual(done.out, "")

    def test_a_port_in_use_is_one_line_that_names_it_and_exit_code_1(self):  # F12
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            done = run(program("receiver"), "--listen", address)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.err, f"receiver: bind {address}: Address already in use\n")

    def test_nobody_at_the_far_end_is_one_line_and_exit_code_1(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            address = f"127.0.0.1:{gone.getsockname()[1]}"
        for name in ("sender", "path_advisor"):
            done = run(program(name), "--connect", address)
            self.assertEqual((done.returncode, done.err), (1, f"{name}: connect {address}: Connection refused\n"))


class Transfers(unittest.TestCase):
    def test_both_sides_agree_for_every_combination_of_options(self):
        for receiving in ([], ["--buffer", "1000"], ["--rcvbuf", "16K", "--composed"]):
            with Server(program("receiver"), "--json", *receiving) as server:
                for sending in (["--buffer", "100"], ["--buffer", "1M", "--sndbuf", "16K"],
                                ["--composed", "--buffer", "256K", "--rcvbuf", "16K"]):
                    done = run(program("sender"), "--json", "--connect", server.address, "--bytes", "500001", *sending)
                    self.assertEqual((done.returncode, done.err), (0, ""), (receiving, sending))
                    sent, received = json.loads(done.out), json.loads(next_line(server.process.stdout))
                    self.assertEqual((sent["bytes"], received["bytes"]), (500001, 500001))
                    self.assertEqual(sent["receiver_calls"], received["calls"])
                    self.assertIn("cpu_ns_per_kib", sent)
                    self.assertIn("receiver_window_bytes", sent)
                    if "--sndbuf" in sending:
                        self.assertEqual(sent["send_buffer_bytes"], 2 * 16384)
                    if "--rcvbuf" in receiving:
                        self.assertEqual(received["receive_buffer_bytes"], 2 * 16384)

    def test_a_duration_ends_the_transfer_and_the_text_names_both_sides(self):
        with Server(program("receiver")) as server:
            done = run(program("sender"), "--connect", server.address, "--duration", "20ms")
            self.assertEqual(done.returncode, 0, done.err)
            for word in ("sender:", "receiver:", "round trip", "retransmissions"):
                self.assertIn(word, done.out)

    def test_a_stream_that_is_not_ours_is_refused_with_its_offset_and_the_next_is_served(self):
        with Server(program("receiver")) as server:
            with server.connect() as peer:
                peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
                peer.shutdown(socket.SHUT_WR)
                self.assertIn(b"the byte at 0 is not the one that was sent", read_to_end(peer))
            done = run(program("sender"), "--connect", server.address, "--bytes", "1000")
            self.assertEqual(done.returncode, 0, done.err)

    def test_a_receiver_that_ends_early_is_one_line_and_exit_code_1(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def hang_up():
                peer, _ = listener.accept()
                peer.close()
            thread = threading.Thread(target=hang_up)
            thread.start()
            done = run(program("sender"), "--connect", f"127.0.0.1:{listener.getsockname()[1]}", "--bytes", "100M")
            thread.join(DEADLINE)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.err, r"\Asender: [^\n]+\n\Z")

    def test_sigterm_and_sigint_end_a_waiting_receiver_with_0(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            self.assertEqual(Server(program("receiver")).stop(how)[0], 0)

    def test_the_advisor_says_three_lines(self):
        with Server(program("receiver")) as server:
            for more in ([], ["--rate", "100mbit"]):
                done = run(program("path_advisor"), "--connect", server.address, "--duration", "60ms", *more)
                self.assertEqual(done.returncode, 0, done.err)
                self.assertRegex(done.out, r"\Apath: [^\n]+\nlimits: [^\n]+\nadvice: [^\n]+\n\Z")
            self.assertIn("at 100.0 Mbit/s (given)", done.out)

    def test_the_advisor_says_that_it_needs_a_receiver(self):
        def serve(listener, how):
            peer, _ = listener.accept()
            with peer:
                how(peer)
        for how in (lambda peer: peer.sendall(b"220 hello\r\n") or peer.recv(1), lambda peer: peer.recv(1)):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                address = f"127.0.0.1:{listener.getsockname()[1]}"
                thread = threading.Thread(target=serve, args=(listener, how))
                thread.start()
                done = run(program("path_advisor"), "--connect", address, "--duration", "60ms")
                thread.join(DEADLINE)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.err, rf"\Apath_advisor: {address}: [^\n]+; is there a receiver of this chapter\?\n\Z")

    def test_the_advisor_names_the_window_that_held_the_sender_back(self):
        netlab = BIN.parent / "netlab"
        link = [netlab, "--quiet", "--rtt", "40ms", "--rate", "100mbit"]
        if not netlab.exists() or run(*link, "--", "true").returncode:
            self.skipTest("there is no network in a box here")
        for ours, theirs, words in (([], ["--rcvbuf", "64K"], "the receiver's window held the sender back"),
                                    (["--tcp-wmem", "4K,16K,128K"], [], "the send buffer held the sender back"),
                                    ([], [], "leave SO_SNDBUF and SO_RCVBUF alone; 8K")):
            receiver = " ".join([str(program("receiver")), "--listen 0.0.0.0:1234", *theirs])
            for _ in range(5):  # on a busy machine the receiver's program may be what is slow, and the advice is that
                done = run(*link, *ours, "--server", receiver, "--", program("path_advisor"), "--connect", "server:1234",
                           "--duration", "2s")
                self.assertEqual(done.returncode, 0, done.err)
                if words in (advice := done.out.splitlines()[2]):
                    break
            self.assertIn(words, advice, done.out)
            self.assertEqual("its rate is not known" in done.out, bool(ours or theirs), done.out)


class Python(unittest.TestCase):
    def test_the_articles_way_moves_the_same_bytes(self):
        for into in ([], ["--into"]):
            with Server("python3", PYTHON / "receiver.py", *into) as server:
                done = run("python3", PYTHON / "sender.py", "--connect", server.address, "--count", "20")
                self.assertEqual(done.returncode, 0, done.err)
                received = json.loads(next_line(server.process.stdout))
                self.assertEqual(received["bytes"], 20 * 128 * 1024)
                self.assertGreaterEqual(received["calls"], 20 * 16)


if __name__ == "__main__":
    unittest.main()
