"""Which parts of a Markdown page are prose, and which are to be left as they are."""

import re

# Code, raw HTML and commands that take a file's name: nothing in them is replaced.
LITERAL_PATTERN = (
    r"^[ ]*(?P<fence>```+|~~~+)[^\n]*\n.*?^[ ]*(?P=fence)[^\n]*$"
    r"|[@\\](?P<block>verbatim|code|htmlonly|dot)\b.*?[@\\]end(?P=block)"
    r"|<!--.*?-->"
    r"|(?<!`)(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)"
    r"|<[A-Za-z/][^<>]*>"
    r"|^[ ]*[@\\](?:snippet|include|htmlinclude|verbinclude|page|anchor)\b[^\n]*$")
LITERAL = re.compile(LITERAL_PATTERN, re.MULTILINE | re.DOTALL)

# These too where links are made: a link cannot stand in a link, and does not in a heading.
LINKED = re.compile(
    r"^\#{1,6}[ ][^\n]*$|<a\b.*?</a>|\[[^\]\[]*\]\([^)]*\)"
    r"|[@\\]ref[ ]+\S+(?:[ ]+\"[^\"]*\")?|" + LITERAL_PATTERN, re.MULTILINE | re.DOTALL)


def unbroken(text):
    """A number and its unit stay on one line."""
    return re.sub(r"(?<=\d) (?=(?:%|µs|ms|ns|KiB|MiB)(?!\w))", "\u00a0", text)


def outside(pattern, text, change):
    """The text, with change(piece, offset) applied to what the pattern does not match."""
    result, at = [], 0
    for match in pattern.finditer(text):
        result += [change(text[at:match.start()], at), match[0]]
        at = match.end()
    return "".join(result + [change(text[at:], at)])
