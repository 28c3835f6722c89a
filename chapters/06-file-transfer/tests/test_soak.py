"""Transfers in both directions through a proxy that injects faults by a seed, programs that are killed and started
again; every file is compared at the end.

SOAK_SECONDS=3600 SOAK_SEED=7 COURSE_BIN=... PYTHONPATH=common/testing python3 -m unittest test_soak soaks for longer.
"""

import os
import random
import subprocess
import time
import unittest

from files import FilesTest
from programs import program
from proxy import Fault, Proxy

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
PATIENCE = ["--message", "1s", "--idle", "2s", "--hello", "1s"]


class Soak(FilesTest):
    def setUp(self):
        super().setUp()
        self.choice = random.Random(SEED)
        self.end = time.monotonic() + SECONDS
        self.counts = dict.fromkeys(["rounds", "clients killed", "servers killed", "runs started again"], 0)
        self.server = self.serve("--no-fsync", *PATIENCE)

    def fault(self):
        return Fault(self.choice.choice(["none", "reset", "close", "slice", "delay", "flip"]), self.choice.randrange(600_000))

    def kill_server(self):
        """Kills it and starts another, at the same address."""
        self.counts["servers killed"] += 1
        self.server.process.kill()
        self.server.process.communicate()
        self.server = self.serve("--no-fsync", *PATIENCE, listen=self.server.address)

    def finish(self, line, *arguments):
        """Runs a client until it has done its work; perhaps kills it first, or the server."""
        common = ["--resume", "--retries", "20", "--idle", "2s"]
        if self.choice.random() < 0.5:
            one = subprocess.Popen([program("file_client"), *map(str, arguments), *common,
                                    "--connect", f"127.0.0.1:{line.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                one.wait(self.choice.uniform(0.01, 0.5))
            except subprocess.TimeoutExpired:
                if self.choice.random() < 0.3:
                    self.kill_server()
                else:
                    self.counts["clients killed"] += 1
                one.kill()
                one.wait()
        while (done := self.client(line, *arguments, *common, timeout=60)).returncode != 0:
            self.counts["runs started again"] += 1  # a flipped bit can make an error that is not tried again after
            self.assertRegex(done.err, "error|frame", f"SOAK_SEED={SEED}")

    def test_every_file_arrives_through_every_fault(self):
        source = self.folder("things", files=12)
        try:
            with Proxy(("127.0.0.1", self.server.port), self.fault, SEED) as line:
                while time.monotonic() < self.end or self.counts["rounds"] == 0:
                    where = f"round{self.counts['rounds']}"
                    back = self.base / f"back-{where}"
                    back.mkdir()
                    level = self.choice.choice(["off", "auto", "1", "9"])
                    self.finish(line, "put", source, "--to", where, "--compress", level)
                    self.assert_same(source, self.root / where / "things")
                    self.finish(line, "get", f"{where}/things", "--into", back, "--no-fsync")
                    self.assert_same(source, back / "things")
                    self.counts["rounds"] += 1
            code, _, said = self.server.stop()
            self.assertEqual(code, 0, said)
        except BaseException:
            print(f"SOAK_SEED={SEED} {self.counts}")
            self.server.process.kill()
            self.server.process.communicate()
            raise
        print(f"SOAK_SEED={SEED} {self.counts}, {line.connections} connections")


if __name__ == "__main__":
    unittest.main()
