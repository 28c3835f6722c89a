"""What lies where: each folder of a chapter, of common/netlab, docs/ and tests/ holds one kind of thing."""

from tree import room_of

ENTRIES = 20  # a listing that is seen at once
AT_THE_TOP = 11  # files of lesson code beside lesson.md; more go into folders by subject
CODE = (".cpp", ".hpp")
PRACTICE = ("exercises", "solutions", "mutants")
NO_CODE = ("python", "practice")  # rooms whose own top holds none
NETLAB = ("library", "helper", "program", "experiment", "tests")


def findings(course):
    """Lines, each of which names a folder or a file and says what to do."""
    for folder in [*course.chapters, "docs", "tests"]:
        count = len(course.entries(folder))
        if count > ENTRIES:
            yield f"{folder}: {count} entries; at most {ENTRIES} are seen at once, make folders by subject"
    for chapter in course.chapters:
        top = [name for name in course.entries(chapter) if name.endswith(CODE)]
        if len(top) > AT_THE_TOP:
            yield f"{chapter}: {len(top)} files of lesson code at its top, more than {AT_THE_TOP}; make folders by subject"
    for path in course.code:
        if path.startswith("chapters/"):
            yield from in_a_chapter(path)
        elif path.startswith("common/netlab/") and (room_of(path) not in NETLAB or path.count("/") != 3):
            yield f"{path}: code of netlab lies in one of its rooms, {', '.join(NETLAB)}; move it there"


def in_a_chapter(path):
    inside = path.split("/")[2:-1]
    if not inside or (len(inside) == 1 and inside[0] not in NO_CODE):
        return
    if inside[0] == "practice" and len(inside) == 2 and inside[1] in PRACTICE:
        return
    yield (f"{path}: code lies in a folder of the lesson's code, programs/, experiment/, tests/ or "
           f"practice/{{{','.join(PRACTICE)}}}, and no deeper; move it there")
