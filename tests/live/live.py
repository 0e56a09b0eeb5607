# SPDX-License-Identifier: GPL-2.0-or-later
"""What the live tests share. Each of them is a script that calls enter(SCENE) and then lives inside
of tests/tools/in-namespace, as the command of tests/tools/cast."""

import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["IPCLENS_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests" / "compat"))
# pylint: disable=unused-import,wrong-import-position
from compat import (IS_SANITIZED, Tap, accessible_copy, enter, id_of, why_no_other_user,
                    why_no_strace)

IPCLENS = os.environ["IPCLENS"]
NOBODY = 65534
# Local times are neither those of UTC nor whole hours away from it.
ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", TZ="HERE-5:30")
# Every command that looks, and the ways to ask it; {shm}, {sem}, {msg}: ids of the scene "compat".
LOOKS = ("status", "status --json", "list", "list --json", "list sem -o +semaphores", "limits",
         "limits --json", "show shm:{shm} sem:{sem} msg:{msg}",
         "show shm:{shm} sem:{sem} msg:{msg} --json", "who shm:{shm} sem:{sem} msg:{msg}",
         "who shm:{shm} sem:{sem} msg:{msg} --json", "ps", "ps --json",
         "list shm -o ref,processes")
# The same of the kinds that are found in processes. What these show of who looks differs each time.
LOOKS_INTO_PROCESSES = (
    "list pshm psem mq -o +processes", "list pipe fifo map", "list pipe fifo map --json",
    "list shm -o ref,processes", "ps", "ps --json", "blocked", "blocked --json",
    "who shm:{shm} sem:{sem} msg:{msg} --json", "check", "check --older-than 0 --json",
    "check --format=plugin", "peek msg:{msg}", "peek msg:{msg} --json")
# Commands that change something where they only say what they would do.
PLANS = ("clean --older-than 0 --include-likely", "clean --dry-run --json",
         "remove --dry-run shm:{shm} sem:{sem} msg:{msg}")
# Of check the exit status is its verdict, and remove fails where something is in use.
STATUSES = {"check": (0, 1, 2, 3), "remove": (0, 1)}


class Result:
    def __init__(self, done):
        self.stdout, self.stderr, self.status = done.stdout, done.stderr, done.returncode

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __repr__(self):
        return (f"exit status {self.status}\nstdout: {shown(self.stdout)}\n"
                f"stderr: {shown(self.stderr)}")


def shown(data):
    text = (data or b"").decode("utf-8", "backslashreplace")
    return text if len(text) < 2000 else f"{text[:2000]}[{len(text) - 2000} more]"


def look_words(look):
    """The words of one of LOOKS in the scene "compat"."""
    return look.format(shm=id_of("shm_keyed"), sem=id_of("sem_keyed"),
                       msg=id_of("msg_keyed")).split()


def has_succeeded(words, result):
    """Whether the exit status is one of success of this command."""
    return result.status in STATUSES.get(words[0] if words else "", (0,))


def run(words, program=IPCLENS, user=None, before=(), stdin=b"", environment=None, **options):
    """Runs ipclens with the words, behind the words before, as the user."""
    identity = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return Result(subprocess.run([*before, program, *words], input=stdin, check=False,
                                 env=environment or ENVIRONMENT, **identity, **options))


def problem(what, result):
    """One problem for Tap.say(): lines."""
    return f"{what}: {result}".split("\n")


def expect(words, status, stderr=rb"", stdout=None, **options):
    """Problems of a run: another exit status, stderr that does not match as a whole, stdout neither.
    """
    result = run(words, **options)
    if result.status != status or not re.fullmatch(stderr, result.stderr, re.DOTALL):
        return [problem(" ".join(words), result)]
    if stdout is not None and not re.fullmatch(stdout, result.stdout, re.DOTALL):
        return [problem(" ".join(words), result)]
    return []


def has_ended_well(stress):
    """Whether stress-ng has, which says 7 where it killed a worker that was just counting."""
    return stress.returncode in (0, 7)


def is_permitted(command):
    """None, or why a helper's command cannot be used here."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return "; ".join(done.stderr.split("\n")) or f"{command[0]} ended with {done.returncode}"
