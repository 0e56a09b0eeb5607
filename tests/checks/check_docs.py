# SPDX-License-Identifier: GPL-2.0-or-later
"""check_docs.py IPCLENS MANUAL COMPLETION

Each command, option and field that the program knows is in the manual, in the completion and in
"ipclens help COMMAND". The program's own list comes from "ipclens __commands": lines of
"command<TAB>NAME", "option<TAB>COMMAND<TAB>--NAME", "field<TAB>NAME".
"""

import pathlib
import re
import subprocess
import sys

from checklist import Checklist

SHAPES = {"command": 2, "option": 3, "field": 2}


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def parse(listing):
    """Returns the rows, and a problem for each line that is none."""
    rows, problems = [], []
    for line in listing.splitlines():
        words = line.split("\t")
        if len(words) == SHAPES.get(words[0]) and all(words):
            rows.append(words)
        else:
            problems.append(f"not understood: {line!r}")
    return rows, problems


def mentions(text, word):
    """A word as a whole: --sort is not mentioned by --sort-by, nor by x--sort."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def unmentioned(rows, text, where):
    for kind, *words in rows:
        if not mentions(text, words[-1]):
            yield f"{kind} {' '.join(words)}: not in {where}"


def missing_from_help(rows, help_of):
    for kind, *words in rows:
        if kind == "command" and not help_of(words[0]).strip():
            yield f"{words[0]}: no help"
        elif kind == "option" and not mentions(help_of(words[0]), words[1]):
            yield f"{words[0]} {words[1]}: not in its help"


def plain(manual):
    """scdoc's source without its markup."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[*_]", " ", manual.replace(r"\_", "\0")))\
        .replace("\0", "_")


def check_the_check(checklist):
    rows, problems = parse("command\tlist\noption\tlist\t--sort\nfield\tnattch\nnonsense\n")
    checklist.expect_problem("a line that is none of these", problems, "nonsense")
    checklist.expect_problem("an unknown command", unmentioned(rows, "--sort nattch", "x"), "list")
    checklist.expect_problem("an undocumented option",
                             unmentioned(rows, "list nattch --sort-by", "x"), "--sort")
    checklist.expect_problem("an undocumented field", unmentioned(rows, "list --sort", "x"), "nattch")
    checklist.expect_problem("an option that its help lacks",
                             missing_from_help(rows, lambda _: "list only"), "--sort")
    checklist.expect_problem("a command without help", missing_from_help(rows, lambda _: ""),
                             "list: no help")
    checklist.expect_none("markup is no part of a name",
                             unmentioned([["option", "list", "--sort"], ["field", "used_bytes"]],
                                         plain(r"*list* \[*--sort*=_FIELD_\] used\_bytes"), "x"))


def main():
    ipclens, manual, completion = sys.argv[1:4]
    checklist = Checklist()
    check_the_check(checklist)
    rows, problems = parse(output_of(ipclens, "__commands"))
    kinds = {row[0] for row in rows}
    checklist.expect_none("the program lists what it knows",
                          problems + [f"no {kind}" for kind in SHAPES if kind not in kinds])
    text = plain(pathlib.Path(manual).read_text(encoding="utf-8"))
    # A command's name is an everyday word; with the program's before it, it is the command.
    named = [[kind, *words[:-1], f"ipclens {words[-1]}"] if kind == "command" else [kind, *words]
             for kind, *words in rows]
    checklist.expect_none("all is in the manual", unmentioned(named, text, "the manual"))
    text = pathlib.Path(completion).read_text(encoding="utf-8")
    checklist.expect_none("all is in the completion", unmentioned(rows, text, "the completion"))
    helps = {row[1]: output_of(ipclens, "help", row[1]) for row in rows if row[0] == "command"}
    checklist.expect_none("all is in the help",
                          missing_from_help(rows, lambda command: helps.get(command, "")))
    checklist.report()


main()
