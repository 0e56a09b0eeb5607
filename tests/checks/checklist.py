# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks share: finding the project's files, and reporting in TAP.

A check is a function that returns the problems it found, one a string. Each is tried first on a
small faulty tree, in which it must find the fault: a check that cannot fail proves nothing.
"""

import pathlib
import re
import tempfile

COMMENT_OR_STRING = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


class Checklist:
    """Collects named verdicts; report() prints them."""

    def __init__(self):
        self.verdicts = []

    def expect_none(self, name, problems):
        self.verdicts.append((name, list(problems)))

    def expect_problem(self, name, problems, word):
        """The check's own test: of a faulty input, it must say something with this word."""
        problems = list(problems)
        found = any(word in problem for problem in problems)
        self.verdicts.append((f"finds {name}", [] if found else
                              [f"not found: {word}; but: {problems}"]))

    def report(self):
        print(f"1..{len(self.verdicts)}")
        for number, (name, problems) in enumerate(self.verdicts, 1):
            print(f"{'not ok' if problems else 'ok'} {number} - {name}")
            for problem in problems:
                print(f"# {problem}")


def project_files(root, *folders):
    """All files under the folders (default: all of the project), without what was built."""
    root = pathlib.Path(root)
    for folder in folders or (".",):
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            is_product = (parts[0] == ".git" or parts[0].startswith("build")
                          or "__pycache__" in parts)
            if path.is_file() and not path.is_symlink() and not is_product:
                yield path


def c_files(root, *folders):
    return [path for path in project_files(root, *folders) if path.suffix in (".c", ".h")]


def code_only(text, keep_strings=False):
    """C without its comments and, unless kept, its strings; lines keep their numbers."""
    def blank(match):
        is_comment = match.group().startswith("/")
        if keep_strings and not is_comment:
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())
    return COMMENT_OR_STRING.sub(blank, text)


class Tree:
    """A small project of the given files (name: text), to try a check on."""

    def __init__(self, files):
        self.files = files
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self):
        root = pathlib.Path(self.folder.name)
        for name, text in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    def __exit__(self, *_):
        self.folder.cleanup()
