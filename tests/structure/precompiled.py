"""Large headers of others, precompiled once for all files that include the same of them."""

import shutil
import subprocess
from collections import Counter

import commands

HEAVY = ("boost/asio.hpp", "gtest/gtest.h", "fmt/format.h", "nlohmann/json.hpp")
WORTH = 6  # files that share one; for fewer it costs more than it saves


class Precompiled:
    """One for each set of large headers and flags that at least WORTH of the units share; removed at the end, since
    each takes up to 200 MB."""

    def __init__(self, folder, units):
        self.folder = folder
        groups = Counter((unit.heavy, commands.shared(unit.flags)) for unit in units)
        worth = [group for group, count in groups.items() if group[0] and count >= WORTH]
        self.headers = {group: folder / f"{number}.hpp" for number, group in enumerate(worth)}

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)  # of a run that was killed
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def make(self, group):
        heavy, flags = group
        header = self.headers[group]
        header.write_text("".join(f"#include <{name}>\n" for name in HEAVY if name in heavy))
        subprocess.run([*flags, "-x", "c++-header", header, "-o", f"{header}.gch"], check=True)

    def flags(self, unit):
        """What to add to the unit's flags: the largest that holds nothing but what the unit includes."""
        shared = commands.shared(unit.flags)
        fitting = [group for group in self.headers if group[1] == shared and group[0] <= unit.heavy]
        return ["-include", self.headers[max(fitting, key=lambda group: len(group[0]))]] if fitting else []
