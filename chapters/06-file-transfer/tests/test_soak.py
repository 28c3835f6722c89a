"""Transfers in both directions through a proxy that injects faults by a seed; every file is compared at the end.

SOAK_SECONDS=3600 SOAK_SEED=7 python3 -m unittest test_soak soaks for longer.
"""

import os
import random
import time
import unittest

from files import FilesTest
from proxy import Fault, Proxy


class Soak(FilesTest):
    def test_every_file_arrives_through_every_fault(self):
        seconds = float(os.environ.get("SOAK_SECONDS", "8"))
        seed = int(os.environ.get("SOAK_SEED", "1"))
        choice = random.Random(seed)
        source = self.folder("things", files=12)
        end = time.monotonic() + seconds
        rounds = given_up = 0

        def fault():
            return Fault(choice.choice(["none", "reset", "close", "slice", "delay", "flip"]), choice.randrange(600_000))

        with self.serve("--no-fsync", "--message", "1s", "--idle", "2s", "--hello", "1s") as server, \
                Proxy(("127.0.0.1", server.port), fault, seed) as line:
            while time.monotonic() < end:
                rounds += 1
                where = f"round{rounds}"
                level = choice.choice(["off", "auto", "1", "9"])
                while (done := self.client(line, "put", source, "--to", where, "--resume", "--retries", "20", "--idle", "2s",
                                           "--compress", level, timeout=60)).returncode != 0:
                    given_up += 1  # a bit flipped where the error is not one to try again after
                    self.assertRegex(done.err, "error [1-6]:|frame", f"seed {seed}")
                self.assert_same(source, self.root / where / "things")
                back = self.base / f"back{rounds}"
                back.mkdir()
                while self.client(line, "get", f"{where}/things", "--into", back, "--resume", "--no-fsync", "--retries", "20",
                                  "--idle", "2s", timeout=60).returncode != 0:
                    given_up += 1
                self.assert_same(source, back / "things")
        self.assertGreater(rounds, 0, f"seed {seed}")
        print(f"{rounds} rounds, {line.connections} connections, {given_up} runs started again by hand, seed {seed}")


if __name__ == "__main__":
    unittest.main()
