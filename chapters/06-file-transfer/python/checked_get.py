"""Gives out a file below a folder in the way that comes to mind: the path is checked, and then the file is opened.

A stranger who may write in the folder gets out of it all the same. --meanwhile is what the stranger does between the two.
"""

import argparse
import subprocess
import sys
from pathlib import Path


## [checked_get]
def checked_get(root, path, meanwhile):
    file = (root / path).resolve()  # now without dots and links
    if not file.is_relative_to(root.resolve()):
        raise PermissionError(f"{path} leads out of {root}")
    meanwhile()
    return file.read_bytes()
## [checked_get]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("path")
    parser.add_argument("--meanwhile", default=":", metavar="COMMAND", help="run it between the check and the opening")
    chosen = parser.parse_args()
    try:
        sys.stdout.buffer.write(checked_get(chosen.root, chosen.path, lambda: subprocess.run(["sh", "-c", chosen.meanwhile], check=True)))
    except OSError as error:
        sys.exit(f"checked_get: {error}")


if __name__ == "__main__":
    main()
