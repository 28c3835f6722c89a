"""The program netlab with real peers: Python's sockets, iperf3, tshark, and chapter 1's programs."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from programs import BIN, DEADLINE, program, run, wait_until

NETLAB = program("netlab")
HERE = Path(__file__).resolve().parent
ECHO = f"{sys.executable} -B {HERE / 'echo.py'}"
UNAVAILABLE = (121, 122)  # no user namespaces, no TUN device


def netlab(*arguments, **more):
    return run(NETLAB, *arguments, **more)


def setUpModule():
    done = netlab("--", "true")
    if done.returncode in UNAVAILABLE:
        raise unittest.SkipTest(done.err.strip())


def processes_of(namespace):
    """The processes that live in a network namespace, which is named as in /proc/PID/ns/net."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            if os.readlink(entry) == namespace:
                found.append(entry.parts[2])
        except OSError:
            pass  # it has ended
    return found


class Program(unittest.TestCase):
    def test_a_client_reaches_the_server_by_name_and_prints_alone_on_standard_output(self):
        done = netlab("--rtt", "4ms", "--rate", "80mbit", "--server", f"{ECHO} serve", "--", *ECHO.split(), "say", "hello")
        self.assertEqual((done.returncode, done.out), (0, "hello\n"), done.err)
        self.assertIn("listening", done.err)
        self.assertRegex(done.err, r"client to server: \d+ packets, \d+ bytes; 0 lost, 0 dropped at the queue")

    def test_the_links_that_the_pages_list_are_those_that_have_a_name(self):
        self.assertEqual(netlab("--links").out, (HERE / "output" / "links.txt").read_text(encoding="utf-8"))
        help_text = netlab("--help").out
        for line in netlab("--links").out.splitlines()[2:]:
            self.assertIn(line.split()[0], help_text)

    def test_the_clients_exit_code_is_netlabs(self):
        self.assertEqual(netlab("--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(netlab("--", "sh", "-c", "kill -9 $$").returncode, 128 + 9)

    def test_the_clients_standard_input_is_netlabs(self):
        self.assertEqual(netlab("--", "cat", stdin=b"through").out, "through")

    def test_a_transfer_with_loss_is_exact(self):
        done = netlab("--rtt", "2ms", "--loss", "2%", "--server", f"{ECHO} serve", "--", *ECHO.split(), "check", "500000")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertRegex(done.err, r" [1-9]\d* lost")

    def test_a_server_that_does_not_listen_is_given_its_time(self):
        done = netlab("--ready-after", "50ms", "--server", "sleep 100", "--", "echo", "started")
        self.assertEqual((done.returncode, done.out), (0, "started\n"), done.err)

    def test_a_shell_runs_in_the_client_host(self):
        done = run("env", "SHELL=/bin/sh", NETLAB, "--shell", stdin=b"hostname; exit 3\n")
        self.assertEqual((done.returncode, done.out), (3, "client\n"), done.err)

    def test_the_system_keeps_its_own_hosts_file_and_name(self):
        before = Path("/etc/hosts").read_text(), os.uname().nodename
        done = netlab("--", "cat", "/etc/hosts")
        self.assertIn("10.77.0.2 server", done.out)
        self.assertEqual((Path("/etc/hosts").read_text(), os.uname().nodename), before)

    def test_a_command_may_have_as_many_words_as_the_system_allows(self):
        done = netlab("--quiet", "--", "sh", "-c", "echo $#", "sh", *["word"] * 40_000)
        self.assertEqual((done.returncode, done.out), (0, "40000\n"), done.err)

    def test_a_netlab_inside_a_netlab_works(self):
        done = netlab("--quiet", "--", NETLAB, "--quiet", "--", "cat", "/etc/hosts")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn("10.77.0.2 server", done.out)

    def test_a_standard_descriptor_that_is_closed_is_closed_for_the_client_too(self):
        for closed, command, code in (("<&-", "cat", 1), ("2>&-", "true", 0), (">&-", "true", 0), ("<&- >&- 2>&-", "true", 0)):
            done = run("sh", "-c", f'exec "$0" -- {command} {closed}', NETLAB)
            self.assertEqual(done.returncode, code, (closed, done.err))

    def test_the_congestion_control_is_the_same_on_every_route(self):
        ask = ("import os, socket\n"
               "for family, address in ((2, '127.0.0.1'), (2, '127.0.0.7'), (2, '10.77.0.1'), (10, '::1'), (10, 'fd77::1')):\n"
               "    if family == 10 and not os.path.exists('/proc/net/if_inet6'): continue\n"
               "    with socket.create_server((address, 0), family=family) as to, socket.create_connection(to.getsockname()[:2]) as one:\n"
               "        print(one.getsockopt(6, socket.TCP_CONGESTION, 16).rstrip(b'\\0').decode())\n")
        for name in ("cubic", "reno"):
            done = netlab("--congestion-control", name, "--server", f"{ECHO} serve", "--", "sh", "-c",
                          f'{sys.executable} -c "$1" && {ECHO} say hello >&2', "sh", ask)
            self.assertEqual((done.returncode, set(done.out.split())), (0, {name}), done.err)
            self.assertIn(f"netlab: {name}, tcp_rmem", done.err)

    def test_a_daemon_of_root_can_give_up_its_rights(self):
        if os.geteuid() != 0:
            return  # only root maps other users than itself
        done = netlab("--", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "id", "-u")
        self.assertEqual(done.out, "65534\n", done.err)


class Refusals(unittest.TestCase):
    def refused(self, code, text, *arguments, **more):
        done = netlab(*arguments, **more)
        self.assertEqual(done.returncode, code, done.err)
        self.assertRegex(done.err, text)
        self.assertEqual(done.err.count("\n"), 1, done.err)

    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        for wrong in (["--rtt", "40"], ["--rate", "0mbit"], ["--loss", "101%"], ["--mtu", "100"], ["--queue", "0"],
                      ["--link", "moon"], ["--tcp-rmem", "1,2"], ["--seed", "-1"], ["--nonsense"]):
            self.refused(2, wrong[0], *wrong, "--", "true")
        self.refused(2, "client")
        self.refused(2, "--shell", "--shell", "--", "true")
        self.refused(2, "--ready-after", "--ready-after", "1s", "--", "true")

    def test_a_client_that_is_missing_or_no_program_has_the_shells_exit_codes(self):
        self.refused(127, "no-such-program: No such file", "--", "no-such-program")
        self.refused(126, "/etc/hosts: Permission denied", "--", "/etc/hosts")

    def test_a_server_that_ends_before_it_listens_is_named(self):
        self.refused(123, "exit code 3 before it listened: exit 3", "--server", "exit 3", "--", "true")

    def test_a_server_that_never_listens_and_a_client_that_never_ends_meet_the_time_limit(self):
        self.refused(124, "did not listen within 0.2 s", "--time-limit", "200ms", "--server", "sleep 100", "--", "true")
        self.refused(124, "did not end within 0.2 s", "--time-limit", "200ms", "--", "sleep", "100")

    def test_a_missing_tun_device_says_how_to_get_one(self):
        done = run("env", "NETLAB_TUN=/dev/net/none", NETLAB, "--", "true")
        self.assertEqual(done.returncode, 122)
        self.assertRegex(done.err, "^netlab: /dev/net/none: No such file.*modprobe tun.*--device /dev/net/tun\n$")

    def test_forbidden_user_namespaces_are_named_with_the_setting(self):
        forbid = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" -- true"
        done = run("unshare", "--user", "--map-root-user", "sh", "-c", forbid, NETLAB)
        self.assertEqual(done.returncode, 121, done.err)
        self.assertRegex(done.err, "^netlab: user namespaces: .*user.max_user_namespaces.*\n$")

    def mounted(self, folder, *command):
        """Runs it where a folder is read-only."""
        script = f'mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} && exec "$@"'
        done = run("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command)
        if "unshare" in done.err or "mount:" in done.err:
            self.skipTest(f"this system does not let a test mount: {done.err}")
        return done

    def test_a_read_only_folder_for_temporary_files_is_no_obstacle(self):
        done = self.mounted("/tmp", NETLAB, "--quiet", "--", "cat", "/etc/hosts")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn("10.77.0.2 server", done.out)

    def test_settings_that_are_read_only_are_named_with_a_remedy(self):
        done = self.mounted("/proc/sys", NETLAB, "--tcp-rmem", "4K,64K,1M", "--", "true")
        self.assertEqual(done.returncode, 125, done.err)
        self.assertRegex(done.err, r"\Anetlab: set ipv4/[^\n]*: Read-only file system; in a container, [^\n]*\n\Z")

    def test_too_few_descriptors_are_named_with_a_remedy(self):
        for limit in (8, 10, 12, 14):
            done = run("sh", "-c", f'ulimit -n {limit} && exec "$0" -- true', NETLAB)
            self.assertIn("Too many open files", done.err)
            self.assertNotEqual(done.returncode, 0)

    def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(self):
        self.refused(125, "/no/such/folder/x: No such file", "--pcap", "/no/such/folder/x", "--", "echo", "ran")

    def test_an_unknown_congestion_control_is_named(self):
        self.refused(125, "nonsense", "--congestion-control", "nonsense", "--", "true")


class Teardown(unittest.TestCase):
    """However netlab ends, nothing is left."""

    def start(self):
        """netlab with a server and a client that would run for ever, and their two namespaces."""
        with tempfile.TemporaryDirectory() as folder:
            names = [Path(folder) / host for host in ("server", "client")]
            sit = "readlink /proc/self/ns/net > {0}.part; mv {0}.part {0}; sleep 1000 & sleep 1000"
            process = subprocess.Popen([NETLAB, "--ready-after", "0s", "--server", sit.format(names[0]), "--",
                                        "sh", "-c", sit.format(names[1])],
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.addCleanup(process.stderr.close)
            self.addCleanup(process.kill)
            wait_until(lambda: all(name.exists() for name in names), "both programs run")
            namespaces = [name.read_text().strip() for name in names]
        for namespace in namespaces:
            self.assertTrue(processes_of(namespace))
        return process, namespaces

    def nothing_left(self, namespaces):
        for namespace in namespaces:
            wait_until(lambda: not processes_of(namespace), "all processes inside have ended")

    def test_nothing_is_left_after_an_interrupt_and_the_exit_code_says_so(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process, namespaces = self.start()
            process.send_signal(number)
            self.assertEqual(process.wait(DEADLINE), 128 + number)
            self.nothing_left(namespaces)

    def test_nothing_is_left_after_netlab_is_killed(self):
        process, namespaces = self.start()
        process.kill()
        process.wait(DEADLINE)
        self.nothing_left(namespaces)

    def test_nothing_is_left_after_the_helper_is_killed_and_netlab_ends(self):
        process, namespaces = self.start()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        self.assertEqual(process.wait(DEADLINE), 125)
        self.nothing_left(namespaces)


class Recording(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.pcap, self.trace = (Path(self.folder.name) / name for name in ("x.pcap", "x.json"))
        done = netlab("--rtt", "200ms", "--pcap", self.pcap, "--trace", self.trace,
                      "--server", f"{ECHO} serve", "--", *ECHO.split(), "say", "hello")
        self.assertEqual(done.returncode, 0, done.err)

    def test_the_trace_tells_the_whole_exchange_with_both_times_of_every_packet(self):
        rows = json.loads(self.trace.read_text())
        self.assertEqual([rows[i]["label"] for i in range(3)], ["SYN", "SYN ACK", "ACK"])
        self.assertEqual(sum("FIN" in row["flags"] for row in rows), 2)
        self.assertEqual([row["label"] for row in rows if row["kind"] == "data"], ["data 5 B", "data 5 B"])
        # It was still on its way when the client's program had ended.
        self.assertEqual((rows[-1]["from"], rows[-1]["label"]), ("client", "ACK"))
        for row in rows:
            self.assertGreaterEqual(row["ended_ms"] - row["sent_ms"], 100)
            self.assertEqual(row["fate"], "arrived")

    @unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
    def test_tshark_reads_the_pcap_without_complaint(self):
        done = run("tshark", "-r", self.pcap, "-T", "fields", "-e", "tcp.flags.str", "-e", "_ws.malformed")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(len(done.out.splitlines()), len(json.loads(self.trace.read_text())))


class Peers(unittest.TestCase):
    @unittest.skipUnless(shutil.which("iperf3"), "iperf3 is not installed")
    def test_iperf3_unchanged_reports_the_set_rate(self):
        done = netlab("--rtt", "10ms", "--rate", "20mbit", "--server", "iperf3 -s -1", "--",
                      "iperf3", "-c", "server", "-t", "3", "-O", "1", "--json")
        self.assertEqual(done.returncode, 0, done.err)
        rate = json.loads(done.out)["end"]["sum_received"]["bits_per_second"]
        self.assertLess(rate, 20e6)
        self.assertGreater(rate, 10e6)  # loose: a busy machine slows it; the experiment measures it

    def test_python_talks_to_chapter_1s_echo_server(self):
        servers = list(BIN.glob("*-blocking-echo/echo_server"))
        if not servers:
            self.skipTest("chapter 1's programs are not built here")
        done = netlab("--rtt", "4ms", "--loss", "1%", "--server", f"{servers[0]} --listen 0.0.0.0:1234", "--",
                      *ECHO.split(), "check", "200000")
        self.assertEqual(done.returncode, 0, done.err)

    def test_chapter_1s_echo_client_talks_to_python(self):
        clients = list(BIN.glob("*-blocking-echo/echo_client"))
        if not clients:
            self.skipTest("chapter 1's programs are not built here")
        done = netlab("--rtt", "40ms", "--rate", "80mbit", "--server", f"{ECHO} serve", "--",
                      clients[0], "--connect", "server:1234", "hello")
        self.assertEqual((done.returncode, done.out), (0, "hello\n"), done.err)


class OrdinaryUser(unittest.TestCase):
    """As root: the same as nobody. Of an ordinary user all other tests are of this kind."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)
        if os.geteuid() != 0:
            self.tun = "/dev/net/tun"
            return
        # Where only root may open the device, one of the test's own stands in for it.
        self.tun = os.path.join(self.folder.name, "tun")
        try:
            os.mknod(self.tun, stat.S_IFCHR | 0o666, os.makedev(10, 200))
            os.chmod(self.tun, 0o666)
            os.close(os.open(self.tun, os.O_RDWR))
        except OSError as error:
            self.skipTest(f"no device file of its own: {error}")

    def as_nobody(self, *command):
        rights = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set", "-all",
                  "--inh-caps", "-all", "env", f"NETLAB_TUN={self.tun}"]
        done = run(*(rights if os.geteuid() == 0 else rights[rights.index("env"):]), *command)
        if done.returncode == 126:
            self.skipTest(f"nobody may not run the program where it was built: {done.err.strip()}")
        return done

    def test_an_ordinary_user_gets_the_same_network(self):
        done = self.as_nobody(NETLAB, "--rtt", "4ms", "--rate", "80mbit", "--server",
                              f"/usr/bin/python3 -B {HERE / 'echo.py'} serve", "--",
                              "/usr/bin/python3", "-B", HERE / "echo.py", "say", "hello")
        self.assertEqual((done.returncode, done.out), (0, "hello\n"), done.err)

    def test_an_ordinary_user_stays_itself_and_may_look_at_the_network(self):
        done = self.as_nobody(NETLAB, "--", "sh", "-c", "id -u; ip link set dev lo down && echo may")
        user = os.geteuid() or 65534
        self.assertEqual((done.returncode, done.out), (0, f"{user}\nmay\n"), done.err)

    def test_a_device_that_only_root_may_open_is_named(self):
        if os.geteuid() != 0:
            self.tun = os.path.join(self.folder.name, "tun")
            Path(self.tun).touch()
        os.chmod(self.tun, 0o600 if os.geteuid() == 0 else 0)
        done = self.as_nobody(NETLAB, "--", "true")
        self.assertEqual(done.returncode, 122)
        self.assertRegex(done.err, "^netlab: .*tun: Permission denied; .*chmod 666 .*\n$")


if __name__ == "__main__":
    unittest.main()
