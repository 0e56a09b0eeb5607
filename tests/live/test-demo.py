#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""demo: the tour shows what it promises, and leaves nothing behind, however it ends."""

import os
import pathlib
import re
import signal
import subprocess

from live import ENVIRONMENT, IPCLENS, NOBODY, Tap, accessible_copy, is_permitted, run, why_no_other_user

SHOWN = (b"$ ipclens status\n", b"2 of 2 attachments found", b"catalogue", b"billing", b"reports",
         b"fifo:/dev/shm/orders", b"$ ipclens peek msg:0x5003\n", b"order 4711", b"stuck-queue (likely)",
         b"fifo-no-partner (likely)", b"orphan-shm (likely)", b"would remove shm:",
         b"# That was all of it.")


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def machine():
    """What there is of System V, and in /dev/shm; others may come and go meanwhile, not these."""
    keys = ("20481", "20482", "20483", "20484")
    lines = [line for kind in ("shm", "sem", "msg") for line in
             pathlib.Path(f"/proc/sysvipc/{kind}").read_text(encoding="ascii").splitlines()
             if line.split()[0] in keys]
    return lines, os.path.exists("/dev/shm/orders")


def test_tour(tap, **options):
    result = run(["demo"], **options)
    missing = [words for words in SHOWN if words not in result.stdout]
    tap.say(f"the tour shows what it promises{' an ordinary user' if options else ''}",
            check(result.status == 0 and not missing, missing, result))
    listed = re.search(rb"\$ ipclens ps\n(.*?)\n\n", result.stdout, re.DOTALL)
    name = os.path.basename(options.get("program", IPCLENS)).encode()
    tap.say("ipclens itself goes by its name in it", check(
        listed and re.search(rb"\n *\d+ " + name + rb" ", listed[1])
        and b" exe " not in listed[1], result))
    return result


def test_holders(tap, result):
    if b"holders unknown" in result.stdout:
        tap.skip("the deadlock is proven", "who holds semaphores cannot be seen here")
    else:
        tap.say("the deadlock is proven", check(b"\ndeadlock (" in result.stdout, result))


def test_end(tap, number):
    """Whoever of them lives would keep the pipe open."""
    with subprocess.Popen([IPCLENS, "demo"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=ENVIRONMENT) as child:
        child.stdout.readline()
        os.kill(child.pid, number)
        try:
            child.communicate(timeout=60)
            problems = []
        except subprocess.TimeoutExpired:
            problems = [["somebody lives on"]]
    tap.say(f"all of it ends with {signal.Signals(number).name}", problems)


def main():
    tap = Tap()
    before = machine()
    reason = is_permitted(["unshare", "--ipc", "--pid", "--fork", "--mount-proc", "true"]
                          if os.geteuid() == 0 else
                          ["unshare", "--user", "--ipc", "--pid", "--fork", "--mount-proc", "true"])
    if reason:
        tap.skip("demo", reason)
        tap.finish()
        return
    test_holders(tap, test_tour(tap))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        test_end(tap, number)
    with accessible_copy() as program:
        reason = why_no_other_user() or is_permitted(
            ["setpriv", f"--reuid={NOBODY}", "--clear-groups", "unshare", "--user", "true"])
        if reason:
            tap.skip("an ordinary user's tour", reason)
        else:
            test_tour(tap, program=program, user=NOBODY)
    result = run(["demo"], stdout=open("/dev/full", "wb"))
    tap.say("a full disk is an error", check(result.status == 1, result))
    tap.say("nothing is left", check(machine() == before, before, machine()))
    tap.finish()


main()
