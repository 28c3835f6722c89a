"""Under each listing in the text stands the file that it was cut from, with a link to the whole file."""

import re

SNIPPET = re.compile(r"^(?P<command>[ ]*[@\\]snippet(?:\{[^}]*\})?[ ]+(?P<file>\S+)[ ]+\S+[ ]*)\n(?=[ ]*(?:\n|\Z))",
                     re.MULTILINE)


def captions(text):
    """Puts the caption on the blank line after the command, so that the lines keep their numbers."""
    return SNIPPET.sub(
        lambda match: f'{match["command"]}\n@htmlonly[block]<p class="source-of" '
        f'data-file="{match["file"]}">{match["file"]}</p>@endhtmlonly', text)
