#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check, clean and remove by viewers to whom something is hidden: processes that they may not look
into, processes of another PID namespace. What they do not see is told as not seen, nothing is
called safe because of it, and nothing is removed."""

import os
import pathlib
import re
import subprocess
import sys

from actions import await_sleep
from live import NOBODY, Tap, accessible_copy, enter, is_permitted, run, why_no_other_user
from orphans import (ATTACH, CLOSED, SOON, YES, certainty, check, document, findings, orphan,
                     outcomes, remove, remove_all, segment, segments, user)

AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
# root that may not look into processes that do not want it, for which the other two are enough,
# too, where it is about mappings (mm_access() in kernel/fork.c).
LESS = "-sys_ptrace,-perfmon,-sys_admin"
WITHOUT_PTRACE = ["setpriv", f"--bounding-set={LESS}", f"--inh-caps={LESS}"]
NESTED = ["unshare", "--pid", "--fork", "--mount-proc"]
MAKE = "import ctypes, sys; assert ctypes.CDLL(None).shmget(0, 4096, 0o1666) >= 0"
# A file of POSIX shared memory that is mapped; python3 -c MAP PATH.
MAP = """
import ctypes, mmap, sys
file = open(sys.argv[1], "r+b")
memory = mmap.mmap(file.fileno(), 0)
file.close()
assert ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) == 0
"""
PATH, FILE = "/dev/shm/mapped", "pshm:/mapped"


def newest(kind="shm"):
    lines = pathlib.Path(f"/proc/sysvipc/{kind}").read_text(encoding="ascii").splitlines()[1:]
    return max(int(line.split()[1]) for line in lines)


def is_refused(ref, wanted, **options):
    """Problems where the object is removed, or one of the wanted lines is no part of the reason."""
    problems = []
    for words in (["remove", ref], ["remove", "--dry-run", ref]):
        action, = document(words, **options)["actions"]
        if action["outcome"] != "refused" or not all(
                any(re.search(pattern, line) for line in action["evidence"]) for pattern in wanted):
            problems.append([f"{action}"])
    return problems


def test_attachments(tap, who, own, **options):
    """One attachment that this viewer can find, and one that it cannot; the segment is its own."""
    before = options.get("before", AS_NOBODY)
    with user(MAKE, before=before):
        number = newest()
    ref = f"shm:{number}"
    with user(own, number, before=before) as seen:
        tap.say(f"{who}: an attachment that it can find is found", check(
            len(document(["who", ref], **options)["links"]) > 1)
            + is_refused(ref, [rf" {seen}: has it mapped$"], **options))
        with user(CLOSED, number) as hidden:
            answer = document(["who", ref], **options)
            mapped = [link["pid"] for link in answer["links"] if link["how"] == "mapped"]
            tap.say(f"{who}: of two, one is missing, and that is told", check(
                mapped == [seen] and [(one["found"], one["expected"], one["complete"])
                                      for one in answer["accounting"]] == [(1, 2, False)], answer))
            tap.say(f"{who}: it is not removed, and the reason has the number", is_refused(
                ref, [rf" {seen}: has it mapped$",
                      "^the kernel counts 2 attachments, of which 1 was found$"], **options)
                    + check(segments()[number]["nattch"] == 2 and hidden, segments()))
            tap.say(f"{who}: nor called an orphan, nor cleaned away", check(
                certainty(number, **options) is None
                and not outcomes(["clean", *YES], **options)[0] and number in segments()))
    with user(CLOSED, number):
        tap.say(f"{who}: one that nobody can be found for is counted all the same", is_refused(
            ref, ["^the kernel counts 1 attachment, of which 0 were found$"], **options)
                + check(certainty(number, **options) is None
                        and not outcomes(["clean", *YES], **options)[0]))
    tap.say(f"{who}: after all have detached it is likely an orphan, and not certain", check(
        certainty(number, **options) == "likely"
        and not outcomes(["clean", *SOON, "--yes"], **options)[1] and number in segments(),
        findings(ref, **options)))
    remove(number)


def test_files(tap, who, **options):
    """Of what no count is kept, nobody who was found can be somebody who was not seen."""
    path = pathlib.Path(PATH)
    path.write_bytes(b"1234")
    path.chmod(0o666)
    if "user" in options:
        os.chown(path, options["user"], options["user"])
    with user(MAP, path):
        found = findings(FILE, **options).get("orphan-posix", {})
        tap.say(f"{who}: a file whose users may be hidden is not even likely unused", check(
            found.get("certainty") == "unknown" and found["fix"].startswith("nothing yet")
            and "no process that could be looked at has it open or mapped" in found["evidence"],
            found))
        actions, status = outcomes(["clean", *YES], **options)
        tap.say(f"{who}: it is kept", check(
            (actions.get(FILE), status) == (("kept", "too little could be seen to judge"), 0)
            and path.exists(), actions))
        tap.say(f"{who}: and not removed on its own, either", check(
            run(["remove", FILE], **options).status == 1 and path.exists()))
    path.unlink()


def test_other_user(tap):
    reason = why_no_other_user()
    if reason:
        tap.skip("an ordinary user", reason)
        return
    with accessible_copy() as program:
        options = {"program": program, "user": NOBODY}
        test_attachments(tap, "an ordinary user", ATTACH, **options)
        test_files(tap, "an ordinary user", **options)
        test_waiters(tap, "an ordinary user", owner=AS_NOBODY, **options)
        hidden = ["unshare", "--mount", "sh", "-c",
                  'mount -t proc -o hidepid=1 proc /proc && exec "$0" "$@"', *AS_NOBODY]
        reason = is_permitted([*hidden, "true"])
        if reason:
            tap.skip("hidepid=1", reason)
        else:
            test_waiters(tap, "hidepid=1", owner=AS_NOBODY, program=program, before=hidden)


def test_without_ptrace(tap):
    reason = is_permitted([*WITHOUT_PTRACE, "true"])
    if reason:
        tap.skip("root without CAP_SYS_PTRACE", reason)
        return
    test_attachments(tap, "root without CAP_SYS_PTRACE", ATTACH, before=WITHOUT_PTRACE)
    test_files(tap, "root without CAP_SYS_PTRACE", before=WITHOUT_PTRACE)
    test_waiters(tap, "root without CAP_SYS_PTRACE", owner=(), before=WITHOUT_PTRACE)


def test_waiters(tap, who, **options):
    """A thread that waits in a queue is on record nowhere, so that who cannot see each thread cannot
    know. That was forgotten of processes of which something else was looked for, too."""
    before = options.pop("owner")
    with user("import ctypes, sys; libc = ctypes.CDLL(None)\n"
              "assert libc.msgget(0, 0o1600) >= 0 <= libc.shmget(0, 4096, 0o1600)", before=before):
        queue, number = f"msg:{newest('msg')}", f"shm:{newest()}"
    waiter = subprocess.Popen([sys.executable, "-c", "import ctypes; libc = ctypes.CDLL(None)\n"
                               "assert libc.prctl(4, 0, 0, 0, 0) == 0\n"
                               f"libc.msgrcv({queue[4:]}, bytes(64), 56, 0, 0)"])
    await_sleep(waiter.pid)
    for words in ([queue], [queue, number], [number, queue]):
        action = [one for one in document(["remove", "--dry-run", *words], **options)["actions"]
                  if one["object"] == queue][0]
        tap.say(f"{who}: remove {' '.join(word[:3] for word in words)}: a queue in which a hidden "
                "thread may wait stays", check(
                    action["outcome"] == "refused" and "not every thread could be looked at, and "
                    "any of these can wait for it" in action["evidence"], action))
    waiter.kill()
    waiter.wait()
    remove_all()


def hidden_pids(number, **options):
    answer = document(["list", "shm"], **options)
    one, = [one for one in answer["objects"] if one["id"] == number]
    return one["creator_pid"], "creator_pid" in one["hidden"]


def test_nested(tap):
    """Seen from a PID namespace inside of that of its users: the kernel prints 0 for their PIDs."""
    reason = is_permitted([*NESTED, "true"])
    if reason:
        tap.skip("a viewer in a PID namespace", reason)
        return
    inside = {"before": NESTED}
    number = orphan()
    ref = f"shm:{number}"
    tap.say("with its creator's PID in sight it is likely an orphan", check(
        certainty(number) == "likely" and hidden_pids(number)[1] is False))
    found = findings(ref, **inside).get("orphan-shm", {})
    tap.say("behind a PID namespace the creator is hidden, and not dead", check(
        hidden_pids(number, **inside) == (None, True) and found.get("certainty") == "unknown"
        and "what became of a process on record could not be seen" in found["evidence"], found))
    tap.say("and no command is given", check(
        found["fix"] == "nothing yet: somebody who may see everything has to look", found))
    actions, status = outcomes(["clean", *YES], **inside)
    tap.say("it is kept", check(
        (actions, status) == ({ref: ("kept", "too little could be seen to judge")}, 0)
        and number in segments(), actions))
    answer = document(["check", *SOON], **inside)
    tap.say("nothing is called certain", check(
        not [one for one in answer["findings"] if one["certainty"] == "certain"],
        answer["findings"]))
    with user(ATTACH, number):
        tap.say("attached by somebody out of sight it is not removed", is_refused(
            ref, ["^the kernel counts 1 attachment, of which 0 were found$"], **inside)
                + check(certainty(number, **inside) is None and number in segments()))
    remove(number)
    mine = segment()
    tap.say("one whose hidden creator lives is judged no better", check(
        certainty(mine, **inside) == "unknown" and certainty(mine) is None))
    remove(mine)


def main():
    enter("empty")
    tap = Tap()
    test_other_user(tap)
    test_without_ptrace(tap)
    test_nested(tap)
    tap.finish()


main()
