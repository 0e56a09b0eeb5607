# SPDX-License-Identifier: GPL-2.0-or-later
"""walkthrough.py [--rewrite]

Runs docs/walkthrough.md: every line "$ COMMAND" in its console blocks, in the private namespaces
and with the objects that it speaks of. What follows the command there must be what it prints. Only
times, addresses, the names of host and kernel, numbers of namespaces and reasons for less than full
sight may differ; ids and PIDs do not, in namespaces of their own. --rewrite puts what is printed
now into the document.

A command must succeed, unless the next line asks for its status with "$ echo $?".
"""

import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Where it is not run as a test, what "./dev test" has built.
for name, place in {"IPCLENS": "build/ipclens", "IPCLENS_CAST": "build/tests/tools/cast",
                    "IPCLENS_IN_NAMESPACE": "tests/tools/in-namespace"}.items():
    os.environ.setdefault(name, str(SOURCE / place))
DOCUMENT = SOURCE / "docs" / "walkthrough.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "== walkthrough:"

# What a walk-through has to show, each of it twice: the drop-in and ipclens's own command. Only who
# uses segments is nothing that ipcs could tell.
ITINERARY = {
    "all objects": (r"ipclens ipcs", r"ipclens list shm sem msg"),
    "segments": (r"ipclens ipcs -m", r"ipclens list shm"),
    "segments with PIDs": (r"ipclens ipcs -m -p", r"ipclens list shm -o \S*creator_pid,last_pid"),
    "users of segments": (r"ipclens who shm:\d+", r"ipclens list shm -o ref,nattch,processes",
                          r"ipclens ps", r"ipclens ps \d+"),
    "a queue by id": (r"ipclens ipcs -q -i \d+", r"ipclens show msg:\d+"),
    "a queue by key": (r"ipclens ipcs -q -i 0x4d2", r"ipclens show msg:0x4d2"),
    "an array": (r"ipclens ipcs -s -i \d+", r"ipclens show sem:0x01050001"),
    "limits of segments": (r"ipclens ipcs -m -l", r"ipclens limits shm"),
    "all limits": (r"ipclens ipcs -l", r"ipclens limits shm sem msg"),
    "creators and owners": (r"ipclens ipcs -c", r"ipclens list shm sem msg -o \S*cuser,cgroup,user,group"),
    "usage": (r"ipclens ipcs -u", r"ipclens"),
    "a picture": (r"ipclens graph shm:\d+ --depth 1 --format=mermaid",),
}

VARIABLE = [
    (re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?\b"), "TIME"),
    (re.compile(r"\(\d+s\)"), "(SPAN)"),
    (re.compile(r"\(\d+[a-z]+ ago\)"), "(AGE)"),
    (re.compile(r"\b0x[0-9a-f]{9,16}\b"), "ADDRESS"),
    (re.compile(r"^host \S+, kernel \S+, IPC namespace \d+,"), "host HOST,"),
    (re.compile(r"^(  %% )\S+, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ:"), r"\1HOST, TIME:"),
    (re.compile(r"\b\d+ farther away$"), "NUMBER farther away"),
    (re.compile(r"^(  namespace +)\d+$"), r"\1NUMBER"),
    (re.compile(r"^sight: .*nested-pid-namespace.*\)"), "sight: REASONS"),
]


def blocks_of(document):
    """Lists of (command, lines that are shown), one list for each console block."""
    blocks = []
    for block in BLOCK.findall(document):
        steps = []
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif steps:
                steps[-1][1].append(line)
            else:
                raise ValueError(f"a console block begins with output: {line}")
        blocks.append([(command, tidy(lines)) for command, lines in steps])
    return blocks


def tidy(lines):
    """Without blanks at the ends, which ipcs prints and a document cannot keep."""
    lines = [line.rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def normal(lines):
    """The lines with what may differ replaced by its name."""
    result = []
    for line in lines:
        for pattern, name in VARIABLE:
            line = pattern.sub(name, line)
        result.append(line)
    return result


def script_of(commands):
    """One shell runs a whole block; each command's status follows its output."""
    return "".join(f'{command}\n_status=$?; printf "%s%s\\n" "{MARK}" $_status; '
                   '(exit $_status)\n' for command in commands)


def read_output(command, **options):
    """(exit status, output), by a file: pipes to this test would be part of what is shown."""
    with tempfile.TemporaryFile("w+") as file:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, **options)
        file.seek(0)
        return done.returncode, file.read()


def run_block(commands, folder):
    """Returns (status, lines) of each."""
    environment = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8", PATH=":".join(
        [os.path.dirname(os.environ["IPCLENS"]), os.environ["PATH"]]))
    output = read_output(["sh", "-c", script_of(commands)], cwd=folder, env=environment,
                         stderr=subprocess.STDOUT)[1]
    parts = re.split(rf"{MARK}(\d+)\n", output)
    return [(int(status), tidy(lines.splitlines()))
            for lines, status in zip(parts[0::2], parts[1::2])]


def run_inside(blocks):
    """Inside of the namespaces: all blocks, one after the other, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        results = [run_block([command for command, _ in steps], folder) for steps in blocks]
    json.dump(results, sys.stdout)


def run_all():
    """The results of run_inside() in the scene; ends the test where it cannot be had."""
    command = [os.environ["IPCLENS_IN_NAMESPACE"], os.environ["IPCLENS_CAST"], "walkthrough",
               sys.executable, __file__, "--inside"]
    with tempfile.TemporaryFile("w+") as complaints:
        status, output = read_output(command, stderr=complaints)
        complaints.seek(0)
        reason = complaints.read()
    if status == 77:
        print(f"1..0 # SKIP {reason.strip()}")
        sys.exit(0)
    if status != 0:
        sys.exit(f"the scene could not be run: {reason}")
    return json.loads(output)


def status_is_told(steps, place):
    return place + 1 < len(steps) and steps[place + 1][0] == "echo $?"


def problems_of(steps, place, result):
    command, shown = steps[place]
    status, printed = result
    if status != 0 and not status_is_told(steps, place):
        yield f"exit status {status}"
    yield from difflib.unified_diff(normal(shown), normal(printed), "shown", "printed",
                                    lineterm="")


def missing_stops(commands):
    for what, patterns in ITINERARY.items():
        for pattern in patterns:
            if not any(re.fullmatch(pattern, command) for command in commands):
                yield f"{what}: no command like {pattern}"


def verdicts(blocks, results):
    """(name, problems) of everything that is tested."""
    commands = [command for steps in blocks for command, _ in steps]
    steps = [("true", ["one", "at 2001-02-03 04:05"]), ("true", [])]
    yield "finds another output", [] if list(
        problems_of(steps, 0, (0, ["two", "at 2001-02-03 04:05"]))) else ["not found"]
    yield "finds a failure", [] if list(
        problems_of(steps, 0, (1, ["one", "at 2001-02-03 04:05"]))) else ["not found"]
    yield "passes over another time", list(
        problems_of(steps, 0, (0, ["one", "at 2026-12-31 23:59"])))
    yield "every stop of the tour is in the document", list(missing_stops(commands))
    for steps, answers in zip(blocks, results):
        if len(answers) != len(steps):
            yield f"a block of {len(steps)} commands", [f"only {len(answers)} were run"]
            continue
        for place, (command, _) in enumerate(steps):
            yield command.replace("#", ""), list(problems_of(steps, place, answers[place]))


def report(found):
    print(f"1..{len(found)}")
    for number, (name, problems) in enumerate(found, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
        for problem in problems:
            print(f"# {problem}")
    if any(problems for _, problems in found):
        print("# after a change of the output that is meant: walkthrough.py --rewrite")


def merged(shown, printed):
    """What is printed now, but where nothing has changed, what was shown before."""
    lines = []
    matcher = difflib.SequenceMatcher(None, normal(shown), normal(printed), autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        lines += shown[first:last] if tag == "equal" else printed[new_first:new_last]
    return lines


def rewritten(document, blocks, results):
    queue = iter(zip(blocks, results))

    def new_block(_):
        steps, answers = next(queue)
        lines = []
        for (command, shown), (_, printed) in zip(steps, answers):
            lines += [f"$ {command}", *merged(shown, printed)]
        return "\n".join(["```console", *lines, "```"])
    return BLOCK.sub(new_block, document)


def main():
    document = DOCUMENT.read_text(encoding="utf-8")
    blocks = blocks_of(document)
    if "--inside" in sys.argv:
        run_inside(blocks)
    elif os.sysconf("SC_PAGE_SIZE") != 4096:
        print("1..0 # SKIP pages of this machine are larger than those of the document")
    elif "--rewrite" in sys.argv:
        DOCUMENT.write_text(rewritten(document, blocks, run_all()), encoding="utf-8")
    else:
        report(list(verdicts(blocks, run_all())))


main()
