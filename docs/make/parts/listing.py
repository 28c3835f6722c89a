"""Under each listing in the text stands the file that it was cut from, with a link to the whole file, and the C++ that
its page has not met before."""

import re

SNIPPET = re.compile(r"^(?P<command>[ ]*[@\\]snippet(?:\{[^}]*\})?[ ]+(?P<file>\S+)[ ]+(?P<marker>\S+)[ ]*)\n(?=[ ]*(?:\n|\Z))",
                     re.MULTILINE)


def captions(text, met=lambda file, marker: ""):
    """Puts the caption on the blank line after the command, so that the lines keep their numbers."""
    return SNIPPET.sub(
        lambda match: f'{match["command"]}\n@htmlonly[block]<p class="source-of" '
        f'data-file="{match["file"]}">{match["file"]}</p>{met(match["file"], match["marker"])}@endhtmlonly', text)
