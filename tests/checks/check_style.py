# SPDX-License-Identifier: GPL-2.0-or-later
"""check_style.py SOURCE_ROOT: licence lines, file sizes, and words that have no place here."""

import pathlib
import re
import sys

from checklist import Checklist, Tree, c_files, project_files

MOST_LINES = 500
LIBRARY_FOLDERS = {"base", "model", "enter", "enter", "collect", "store", "query", "act", "render", "lib"}
LIBRARY_LICENCE = "LGPL-2.1-or-later"
PROGRAM_LICENCE = "GPL-2.0-or-later"
WITH_LICENCE_LINE = {".c", ".h", ".sh", ".py", ".bats", ".ini", ".in", ".bash"}
SPDX = re.compile(r"SPDX-License-Identifier: (\S+)")

# What belongs to one machine, one tracker or one mirror, and means nothing to a reader.
OUT_OF_PLACE = [
    (re.compile(r"(?<![\w.$}/*-])/(work|root|home)/\w+"), "a path of one machine"),
    (re.compile(r"\bissue\s+#?\d+|\B#\d+\s+on (the )?tracker", re.IGNORECASE), "an issue's number"),
    (re.compile(r"\b(deb|ftp|mirrors?|archive|registry|proxy|security)\.[\w-]+\.(org|com|net|io)\b"),
     "a mirror's name"),
]
# The user that the fresh root's tests create.
ALLOWED = re.compile(r"/home/newcomer\b")


def first_lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [file.readline() for _ in range(3)]


def needs_licence_line(path):
    if path.suffix in WITH_LICENCE_LINE or path.name in ("meson.build", "libipclens.sym"):
        return True
    return path.suffix == "" and first_lines(path)[0].startswith("#!")


def expected_licence(root, path):
    parts = path.relative_to(root).parts
    is_library = parts[0] == "include" or (parts[0] == "src" and parts[1] in LIBRARY_FOLDERS)
    return LIBRARY_LICENCE if is_library else PROGRAM_LICENCE


def wrong_licence_lines(root):
    for path in project_files(root):
        if not needs_licence_line(path):
            continue
        found = SPDX.search("".join(first_lines(path)))
        expected = expected_licence(root, path)
        is_build_file = path.name == "meson.build"
        if not found:
            yield f"{path.relative_to(root)}: no licence line on top"
        elif found.group(1) != expected and not (is_build_file and "LGPL" in found.group(1)):
            yield f"{path.relative_to(root)}: {found.group(1)}, not {expected}"


def long_files(root):
    for path in c_files(root):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines >= MOST_LINES:
            yield f"{path.relative_to(root)}: {lines} lines"


def words_out_of_place(root):
    for path in project_files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            line = ALLOWED.sub("", line)
            for pattern, what in OUT_OF_PLACE:
                found = pattern.search(line)
                if found:
                    yield f"{path.relative_to(root)}:{number}: {found.group()}: {what}"


def check_the_checks(checklist):
    faulty = {
        "src/base/none.c": "int x;\n",
        "src/base/other.c": "/* SPDX-License-Identifier: GPL-2.0-or-later */\n",
        "tests/script": "#!/bin/sh\n",
        "src/base/long.c": "\n" * MOST_LINES,
        "README.md": "see /wor" + "k/x, is" + "sue 7 and de" + "b.debian.org\n",
    }
    with Tree(faulty) as root:
        checklist.expect_problem("a missing licence line", wrong_licence_lines(root), "none.c: no")
        checklist.expect_problem("a script without one", wrong_licence_lines(root), "script: no")
        checklist.expect_problem("the wrong licence", wrong_licence_lines(root), "other.c: GPL")
        checklist.expect_problem("a long file", long_files(root), "long.c: 500 lines")
        for what in ("a path", "an issue", "a mirror"):
            checklist.expect_problem(what, words_out_of_place(root), f": {what}")


def main():
    root = pathlib.Path(sys.argv[1])
    checklist = Checklist()
    check_the_checks(checklist)
    checklist.expect_none("each source says its licence", wrong_licence_lines(root))
    checklist.expect_none(f"each C file has fewer than {MOST_LINES} lines", long_files(root))
    checklist.expect_none("no word that is out of place", words_out_of_place(root))
    checklist.report()


main()
