#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Live and loaded answers are the same bytes; and how "ipclens save" writes its file."""

import difflib
import json
import os
import re
import stat
import subprocess
import tempfile
import threading

from live import (IPCLENS, LOOKS, NOBODY, Tap, accessible_copy, enter, expect, look_words, problem,
                  run, why_no_other_user)

MOST_TRIES = 40
# Second words of lines about those who look: this test, and what it runs.
LOOKERS = ([b"python3"], [b"ipclens"])


def time_of(saved):
    return json.loads(saved.stdout)["taken_at"]


def differences(live, loaded):
    return list(difflib.unified_diff(*(
        [f"exit status {result.status}", *(result.stdout + result.stderr).decode().splitlines()]
        for result in (live, loaded)), "live", "loaded", n=0, lineterm=""))


def without_looker(data):
    """The same without what differs from look to look: who looks, ages, and what was asked for."""
    if not data.startswith(b"{"):
        lines = [line for line in data.split(b"\n") if not line.split()[1:2] in LOOKERS]
        # With the blanks in front, as an age gives its column a width.
        return re.sub(rb" *\b\d+(\.\d)?[sm]\b", b" AGE", b"\n".join(lines))
    answer = json.loads(data)
    lookers = {one["pid"] for one in answer.get("processes", ())
               if [one["command"].encode()] in LOOKERS}
    answer["sight"]["backend"] = answer["sight"]["backend_reason"] = None
    for member in ("processes", "links", "process_totals", "waits"):
        if member in answer:
            answer[member] = [one for one in answer[member] if one["pid"] not in lookers]
    for wait in answer.get("waits", ()):
        wait["waited"] = wait["since"] = None  # counted from now
        if "process_totals" in answer and not wait["released_by"]:
            wait["released_by"] = None  # ps does not ask who holds semaphores
    return json.dumps(answer, indent=1).encode()


def compare(look, **options):
    """Between two snapshots of the same second, the live answer is that of the first."""
    words = look_words(look)
    for _ in range(MOST_TRIES):
        before, live, after = (run(words, **options)
                               for words in (["save", "-"], words, ["save", "-"]))
        if time_of(before) != time_of(after):
            continue
        loaded = run([*words, "--from", "-"], stdin=before.stdout, **options)
        for result in (live, loaded):
            result.stdout = without_looker(result.stdout)
        return [] if live == loaded else [differences(live, loaded)]
    return [[f"{look}: no two snapshots in the same second"]]


def test_same(tap):
    for look in LOOKS:
        tap.say(f"live and loaded are the same: {look}", compare(look))
    reason = why_no_other_user()
    with accessible_copy() as program:
        for look in LOOKS:
            name = f"the same as an ordinary user: {look}"
            if reason:
                tap.skip(name, reason)
            else:
                tap.say(name, compare(look, program=program, user=NOBODY))


def test_again(tap):
    saved = run(["save", "-"])
    again = run(["save", "-", "--from", "-"], stdin=saved.stdout)
    tap.say("a snapshot that was loaded and saved again is the same",
            [] if saved == again else [problem("again", again)])


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def is_snapshot(path):
    with open(path, "rb") as file:
        return run(["status", "--from", "-"], stdin=file.read()).status == 0


def test_mode(tap, folder):
    path = folder + "/new"
    os.umask(0o000)
    problems = expect(["save", path], 0, stdout=b"")
    problems += check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, oct(os.stat(path).st_mode))
    tap.say("a new file is readable by its owner only",
            problems + check(is_snapshot(path), "it cannot be loaded"))
    os.chmod(path, 0o644)
    with open(path, "w", encoding="ascii") as file:
        file.write("old")
        inode = os.stat(path).st_ino
        problems = expect(["save", path], 0, stdout=b"")
        problems += check(os.stat(path).st_ino != inode, "it was written in place")
        problems += check(stat.S_IMODE(os.stat(path).st_mode) == 0o600,
                          oct(os.stat(path).st_mode))
    tap.say("an old file is replaced", problems + check(is_snapshot(path), "it cannot be loaded"))


def test_link(tap, folder):
    os.mkdir(folder + "/elsewhere")
    target, link = folder + "/elsewhere/target", folder + "/link"
    with open(target, "w", encoding="ascii") as file:
        file.write("old")
    os.symlink("elsewhere/target", link)
    problems = expect(["save", link], 0, stdout=b"")
    problems += check(os.path.islink(link), "the link has become a file")
    problems += check(is_snapshot(target), "the link's target is not the snapshot")
    problems += check(os.listdir(folder + "/elsewhere") == ["target"],
                      os.listdir(folder + "/elsewhere"))
    tap.say("a link is followed, and stays", problems)
    dangling = folder + "/dangling"
    os.symlink("elsewhere/absent", dangling)
    problems = expect(["save", dangling], 0, stdout=b"")
    tap.say("a link that leads nowhere ends in a snapshot",
            problems + check(is_snapshot(dangling), "it cannot be loaded"))


def test_full(tap, folder):
    """A file system with room for nothing but the old content."""
    mount = folder + "/full"
    os.mkdir(mount)
    command = ["mount", "-t", "tmpfs", "-o", "size=4096", "none", mount]
    reason = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()
    name = "where the disk is full, the old file stays"
    if reason:
        tap.skip(name, reason)
        return
    path = mount + "/file"
    with open(path, "w", encoding="ascii") as file:
        file.write("old")
    problems = expect(["save", path], 1, rb"ipclens: .*/full/file: No space left on device\n", b"")
    with open(path, encoding="ascii") as file:
        problems += check(file.read() == "old", "the old content is lost")
    tap.say(name, problems + check(os.listdir(mount) == ["file"], os.listdir(mount)))
    subprocess.run(["umount", mount], check=True)


def test_directly(tap, folder):
    fifo = folder + "/fifo"
    os.mkfifo(fifo)
    received = []

    def receive():
        with open(fifo, "rb") as file:
            received.append(file.read())

    reader = threading.Thread(target=receive)
    reader.start()
    problems = expect(["save", fifo], 0, stdout=b"")
    reader.join()
    problems += check(stat.S_ISFIFO(os.stat(fifo).st_mode), "the FIFO was replaced")
    problems += check(run(["status", "--from", "-"], stdin=received[0]).status == 0, received)
    tap.say("a FIFO is written to", problems)
    problems = expect(["save", "/dev/null"], 0, stdout=b"")
    problems += check(stat.S_ISCHR(os.stat("/dev/null").st_mode), "/dev/null was replaced")
    tap.say("a device is written to", problems)
    tap.say("a device that is full is a failure",
            expect(["save", "/dev/full"], 1, rb"ipclens: /dev/full: No space left on device\n", b""))
    with open("/dev/full", "wb") as full:
        result = run(["save", "-"], stdout=full)
    tap.say("so is a full standard output",
            check(result.status == 1 and b"No space left on device" in result.stderr, result))


def test_refused(tap, folder):
    tap.say("a folder that does not exist is a failure",
            expect(["save", folder + "/no/file"], 1, rb"ipclens: .*: No such file or directory\n"))
    tap.say("a folder is no file", expect(["save", folder], 1, rb"ipclens: .*: Is a directory\n"))
    reason = why_no_other_user()
    if reason:
        tap.skip("a folder that may not be written to is a failure", reason)
        return
    with accessible_copy() as program:
        os.chmod(folder, 0o755)
        problems = expect(["save", folder + "/theirs"], 1,
                          rb"ipclens: .*/theirs: Permission denied\n", program=program,
                          user=NOBODY)
    tap.say("a folder that may not be written to is a failure", problems)


def test_killed(tap, folder):
    """At no moment is there a half-written file of that name."""
    path = folder + "/always-whole"
    run(["save", path])
    problems = []
    for _ in range(20):
        with subprocess.Popen([IPCLENS, "save", path]) as child:
            problems += check(is_snapshot(path), "it is not whole")
            child.kill()
        problems += check(is_snapshot(path), "it is not whole")
    tap.say("a reader never sees half a file", problems)


def main():
    enter("compat")
    tap = Tap()
    test_same(tap)
    test_again(tap)
    with tempfile.TemporaryDirectory(prefix="ipclens-saved-") as folder:
        test_mode(tap, folder)
        test_link(tap, folder)
        test_full(tap, folder)
        test_directly(tap, folder)
        test_refused(tap, folder)
        test_killed(tap, folder)
    tap.finish()


main()
