"""What an include line says, and what it may lead to."""

import re
from pathlib import PurePosixPath

from tree import chapter_of, room_of

NOT_PRODUCT = ("experiment", "tests", "practice", "testing")  # "testing" is common's
OWNER = "chapters/01-blocking-echo/socket/descriptor.hpp"  # the one owner of a descriptor, which common/ needs too
LAYERS = {"chapters/06-file-transfer": ("disk", "wire", "line", "server", "client")}
APART = {("client", "server")}  # neither end includes the other's code


def findings(course):
    for path in course.code:
        for include in course.includes(path):
            if include.bracket == "<":
                yield from in_angles(course, include)
            elif (target := course.target(include)) is None:
                yield f"{include.place}: \"{include.name}\" is no file that git tracks; correct the path, or git add it"
            else:
                yield from wrong_form(include, target)
                yield from wrong_way(include, target)
    yield from ambiguous(course)


def in_angles(course, include):
    """<...> is for the files of others."""
    ours = include.name.startswith(("chapters/", "common/"))
    if ours or any(path in course.files for path in course.candidates(include.file, include.name)):
        yield f"{include.place}: <{include.name}> is a file of the course; include it with \"\""


def form(includer, target):
    """The one name by which a file includes another: it says where that one lies."""
    chapter = chapter_of(target)
    if chapter != chapter_of(includer):
        return target
    from_chapter = target[len(chapter) + 1:] if chapter else target
    if re.search(r"practice/(exercises|solutions)/\d+-[^/]+(?<!_test)\.cpp$", includer):
        return from_chapter  # a reader's copy lies in answers/
    if PurePosixPath(includer).parent == PurePosixPath(target).parent:
        return PurePosixPath(target).name
    return from_chapter


def wrong_form(include, target):
    right = form(include.file, target)
    if include.name != right:
        yield f"{include.place}: \"{include.name}\" does not say where its file lies; write \"{right}\""


def beside_product(path):
    """The folder that makes a file one that only measures, tests or practises; None for lesson code and programs."""
    return next((folder for folder in path.split("/")[:-1] if folder in NOT_PRODUCT), None)


def wrong_way(include, target):
    """Dependencies that the layout forbids."""
    here, there = chapter_of(include.file), chapter_of(target)
    if there and here is None and target != OWNER:
        yield f"{include.place}: common/ uses no chapter but {OWNER}; move what both need to common/"
    if here and there and there > here:
        yield f"{include.place}: {there} is a later chapter; move what both need to the earlier one"
    if not beside_product(include.file) and (folder := beside_product(target)):
        yield (f"{include.place}: what is built to be used includes nothing from {folder}/; "
               "move what both need to a folder of the lesson's code, or of common/")
    layers = LAYERS.get(here, ())
    if here == there and room_of(include.file) in layers and room_of(target) in layers:
        user, used = room_of(include.file), room_of(target)
        if layers.index(used) > layers.index(user) or (user, used) in APART:
            yield f"{include.place}: {user}/ uses only the layers below it, not {used}/; move what both need down"


def used_by(course, chapter):
    """The chapters whose libraries a chapter's links, theirs too."""
    names = {re.sub(r".*/\d+-", "", folder): folder for folder in course.chapters}
    used, wait = set(), [chapter]
    while wait:
        build = f"{wait.pop()}/CMakeLists.txt"
        text = course.read(build) if build in course.files else ""
        for name in re.findall(r"(?m)^\s*course_uses\(([\w-]+)\)", text):
            if names.get(name) not in (None, *used):
                used.add(names[name])
                wait.append(names[name])
    return used


def ambiguous(course):
    """Names from a chapter's root that lead elsewhere where another chapter's folder is searched first."""
    named = {}
    for path in course.code:
        chapter = chapter_of(path)
        for include in course.includes(path) if chapter else ():
            if include.bracket == '"' and course.target(include) == f"{chapter}/{include.name}":
                if f"{PurePosixPath(path).parent}/{include.name}" not in course.files:
                    named.setdefault((chapter, include.name), include)
    for chapter in course.chapters:
        for other in sorted(used_by(course, chapter)):
            names = {name for by, name in named if by in (chapter, other)}
            for name in sorted(names):
                if f"{chapter}/{name}" in course.files and f"{other}/{name}" in course.files:
                    include = named.get((chapter, name)) or named[other, name]
                    yield (f"{include.place}: \"{name}\" is in {chapter} and in {other}, whose library it uses; "
                           "the compiler could take the wrong one, rename one file")
