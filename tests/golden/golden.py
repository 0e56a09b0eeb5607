#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the commands of a golden case on its recorded tree and compares every byte of the answers.

Usage: golden.py [--accept] [CASE...]      (see README.md; all cases without one)
"""

import difflib
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(SOURCE / "tests" / "tools"))
# pylint: disable=wrong-import-position
import mermaid_subset

SCHEMA = SOURCE / "docs" / "ipclens-1.schema.json"
IPCLENS = os.environ.get("IPCLENS", str(SOURCE / "build" / "ipclens"))
# Local times are neither those of UTC nor whole hours away from it.
ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", TZ="HERE-5:30")
LOOK_COMMANDS = {"status", "list", "show", "who", "ps", "limits", "check", "graph"}
TREE_COMMANDS = LOOK_COMMANDS | {"save"}
NOBODY = 65534
# What a test's output may not have inside of a line.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Answer:
    def __init__(self, done):
        self.stdout, self.stderr, self.status = done.stdout, done.stderr, done.returncode

    def text(self, command):
        """A section of the file "expected"; nothing that is printed is lost in it."""
        parts = [f"$ ipclens {command}\n".encode()]
        for prefix, stream in ((b"", self.stdout), (b"2| ", self.stderr)):
            for line in stream.splitlines(keepends=True):
                parts.append(prefix + line)
            if stream and not stream.endswith(b"\n"):
                parts.append(b"[no newline at the end]\n")
        parts.append(f"[exit status {self.status}]\n\n".encode())
        return b"".join(parts)


class Case:
    """A folder with root/ (a recorded tree), commands (one a line) and expected."""

    def __init__(self, name):
        self.name = name
        self.folder = HERE / name
        lines = (self.folder / "commands").read_text().splitlines()
        self.commands = [line for line in lines if line and not line.startswith("#")]
        self.expected = self.folder / "expected"

    def needs_other_user(self):
        """Files that may not be read: git keeps no such modes, and root reads them all the same."""
        return (self.folder / "denied").exists()


def split(command):
    """The command's name (status without one) and its words."""
    words = shlex.split(command)
    return ("status" if not words or words[0].startswith("-") else words[0]), words


class Runner:
    """Where the commands of a case run: beside its tree, as a user that may not read all of it."""

    def __init__(self, case, folder):
        self.folder = case.folder
        self.program = IPCLENS
        self.identity = {}
        if case.needs_other_user():
            self.folder = folder / case.name
            shutil.copytree(case.folder, self.folder, symlinks=True)
            for path in (case.folder / "denied").read_text().split():
                (self.folder / path).chmod(0)
            if os.geteuid() == 0:
                self.program = shutil.copy(IPCLENS, folder / "ipclens")
                self.identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def run(self, words, stdin=b""):
        done = subprocess.run([self.program, *words], cwd=self.folder, env=ENVIRONMENT,
                              input=stdin, capture_output=True, check=False, **self.identity)
        return Answer(done)

    def run_on_tree(self, command):
        name, words = split(command)
        has_tree = (self.folder / "root").is_dir()
        if has_tree and name in TREE_COMMANDS and not {"--root", "--from"} & set(words):
            words += ["--root", "root"]
        return self.run(words)


@functools.cache
def validator():
    """None where there is no module for it."""
    try:
        import jsonschema
    except ImportError:
        return None
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


class Tap:
    def __init__(self):
        self.count = 0
        self.has_failures = False

    def say(self, name, problems):
        self.count += 1
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}")
        for line in problems:
            print("# " + CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", line))
        self.has_failures |= bool(problems)

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}")


def readable(data):
    return data.decode("utf-8", "backslashreplace").split("\n")


def compare_with_expected(case, text):
    try:
        expected = case.expected.read_bytes()
    except FileNotFoundError:
        return [f"there is no {case.expected}; golden.py --accept {case.name} writes it"]
    if text == expected:
        return []
    return list(difflib.unified_diff(readable(expected), readable(text), "expected", "printed",
                                     lineterm=""))


def check_json(command, answer):
    """Everything that is printed with --json is one document of the schema."""
    try:
        document = json.loads(answer.stdout)
    except ValueError as error:
        return [f"{command}: not JSON: {error}"]
    return [f"{command}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in validator().iter_errors(document)]


def is_json(command):
    words = shlex.split(command)
    return "--json" in words or "-J" in words or words[:1] == ["save"]


def check_mermaid(command, answer):
    """It is what Mermaid takes."""
    try:
        mermaid_subset.read(answer.stdout.decode())
    except ValueError as error:
        return [f"{command}: {error}"]
    return []


def check_loaded(case, runner, answers):
    """A snapshot that was saved and loaded answers as the tree does."""
    saved = runner.run(["save", "-", "--root", "root"])
    problems = []
    for command, answer in answers.items():
        name, words = split(command)
        if name not in LOOK_COMMANDS or "--root" in words or "--from" in words:
            continue
        if any(word.startswith("--backend") for word in words):
            continue
        loaded = runner.run([*words, "--from", "-"], saved.stdout)
        if (loaded.stdout, loaded.status) != (answer.stdout, answer.status):
            problems.append(command)
            problems += difflib.unified_diff(readable(answer.stdout), readable(loaded.stdout),
                                             "tree", "loaded", lineterm="")
    again = runner.run(["save", "-", "--from", "-"], saved.stdout)
    if again.stdout != saved.stdout:
        problems.append("save --from: the second snapshot is not the first")
    return problems


def check_refs(runner):
    """Every REF that is printed names its object alone when it is given back."""
    kinds = ["shm", "sem", "msg", "pshm", "psem", "mq", "pipe", "fifo", "map"]
    listed = runner.run(["list", *kinds, "-n", "-o", "ref", "--root", "root"])
    problems = []
    for ref in listed.stdout.splitlines():
        answer = runner.run([b"who", ref, b"--json", b"--root", b"root"])
        objects = json.loads(answer.stdout)["objects"] if answer.status == 0 else []
        if len(objects) != 1:
            problems += [f"who {ref.decode()}: {len(objects)} objects", *readable(answer.stderr)]
    return problems


def check(case, tap):
    with tempfile.TemporaryDirectory(prefix="ipclens-golden-") as folder:
        os.chmod(folder, 0o755)
        runner = Runner(case, pathlib.Path(folder))
        answers = {command: runner.run_on_tree(command) for command in case.commands}
        text = b"".join(answer.text(command) for command, answer in answers.items())
        if tap is None:
            case.expected.write_bytes(text)
            return
        tap.say(f"{case.name}: answers as expected", compare_with_expected(case, text))
        if (case.folder / "root").is_dir():
            tap.say(f"{case.name}: the same from a snapshot that was saved",
                    check_loaded(case, runner, answers))
            tap.say(f"{case.name}: REFs are accepted back", check_refs(runner))
        charts = {command: answer for command, answer in answers.items()
                  if "--format=mermaid" in command and answer.status == 0}
        if charts:
            tap.say(f"{case.name}: what Mermaid takes",
                    sum((check_mermaid(*item) for item in charts.items()), []))
        documents = {command: answer for command, answer in answers.items()
                     if is_json(command) and answer.stdout}
        if not documents:
            return
        name = f"{case.name}: JSON of the schema"
        if validator() is None:
            tap.skip(name, "Python has no module jsonschema")
        else:
            tap.say(name, sum((check_json(*item) for item in documents.items()), []))


def all_cases():
    return sorted(path.parent.name for path in HERE.glob("*/commands"))


def main():
    words = sys.argv[1:]
    is_accepting = words[:1] == ["--accept"]
    tap = None if is_accepting else Tap()
    for name in words[is_accepting:] or all_cases():
        check(Case(name), tap)
    if tap:
        print(f"1..{tap.count}")
        sys.exit(1 if tap.has_failures else 0)


main()
