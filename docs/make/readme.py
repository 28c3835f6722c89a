#!/usr/bin/env python3
"""Writes README.md from docs/readme/README.in and the committed results, and its figures, light and dark.

    docs/make/readme.py             writes them where they differ
    docs/make/readme.py --check     writes nothing; exit code 1 when README.md or a figure is not what it would write
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filter import FIGURE
from parts import measured, places, rows, techniques

FOLDER = places.ROOT / "docs" / "readme"
FIGURES = {"ladder": "chapters/04-tcp-nodelay/experiment/figures/ladder.vl.json"}
# In the README stand those that a reader looks for first.
SHOWN = {"listen_on", "connect_to", "accept_clients", "stop_switch::request", "drain", "posix_listen", "send_all", "receive_some",
         "frame_decoder::next", "send_with", "send_gathered", "connect_with", "echo", "epoll_server::run", "robust_session::deadline",
         "outgoing::room", "outgoing::write_all", "set_no_delay", "send_corked", "deflate_stream::write", "inflate_stream::read",
         "break_even", "piece_queue::push", "message_deflater::deflate", "file_group::publish", "root::open", "paired_ratio", "send_message"}


def table():
    lines = ["| technique | file |", "|---|---|"]
    for _, technique, file, function, *_ in techniques.entries():
        if function in SHOWN:
            lines.append(f"| {technique} | [{Path(file).name}]({file}) |")
    return "\n".join(lines)


def text():
    """README.md, with every number from the results."""
    figures = measured.Measured()
    source = (FOLDER / "README.in").read_text(encoding="utf-8")
    return FIGURE.sub(lambda match: figures.text(match[1], None), source).replace("@techniques@", table())


def colours(scheme):
    """The variables of the site's style, for paper or for the dark."""
    style = (places.ROOT / "docs" / "site" / "style" / "theme.css").read_text(encoding="utf-8")
    blocks = {"light": style.split("html.dark-mode {", 1)[0], "dark": style.split("html.dark-mode {", 1)[1].split("}", 1)[0]}
    return dict(re.findall(r"(--[\w-]+): (#\w+|rgba\([^)]*\));", blocks[scheme]))


def standing_alone(svg, scheme):
    """A drawing that has no page around it: its colours and its size are its own."""
    found = colours(scheme)
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    svg = re.sub(r"var\((--[\w-]+)\)", lambda match: found[match[1]], svg).replace("currentColor", found["--ink"])
    return re.sub(r"^<svg", f'<svg width="{width}" height="{height}"', svg).replace(' aria-hidden="true" focusable="false"', "") + "\n"


def drawings():
    """file -> content, of the reference's results alone."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for name, path in FIGURES.items():
            spec = json.loads((places.ROOT / path).read_text(encoding="utf-8"))
            data = [row for row in rows.rows((places.ROOT / path).parents[2], spec["usermeta"]) if row["source"] == "reference"]
            jobs.append({"name": name, "spec": spec, "rows": data})
        subprocess.run(["node", places.ROOT / "docs" / "make" / "figures.mjs", folder], input=json.dumps(jobs).encode(), check=True)
        for name in FIGURES:
            svg = Path(folder, f"{name}.wide.svg").read_text(encoding="utf-8")
            for scheme in ("light", "dark"):
                found[FOLDER / f"{name}-{scheme}.svg"] = standing_alone(svg, scheme)
    return found


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__.strip())
        return 0 if arguments in (["-h"], ["--help"]) else 2
    wanted = {places.ROOT / "README.md": text()}
    if shutil.which("node") and (places.ROOT / "node_modules" / "vega-lite").is_dir():
        wanted |= drawings()
    else:
        print("docs: no npm packages: the README's figures stay as they are", file=sys.stderr)
    stale = [file for file, content in wanted.items() if not file.exists() or file.read_text(encoding="utf-8") != content]
    for file in stale:
        if arguments:
            print(f"{file.relative_to(places.ROOT)} is not what the results say: run docs/make/readme.py", file=sys.stderr)
        else:
            file.write_text(wanted[file], encoding="utf-8")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
