#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A viewer in a PID namespace of its own that shares the machine's IPC: what this machine's other
processes use cannot be known, and each answer about users says so. Looks at the machine's own
objects, and makes none."""

import os

from live import Tap, expect, is_permitted

INITIAL = "ipc:[4026531839]"
NESTED = ["unshare", "--pid", "--fork", "--mount-proc"]
SAID = rb"(ipclens: incomplete: [^\n]*\n)*" \
       rb"ipclens: incomplete: /proc: processes outside of this PID namespace [^\n]+ \(denied\)\n" \
       rb"(ipclens: incomplete: [^\n]*\n)*"


def why_not():
    if os.readlink("/proc/self/ns/ipc") != INITIAL:
        return "these tests run in an IPC namespace of their own already"
    return is_permitted([*NESTED, "true"])


def main():
    tap = Tap()
    reason = why_not()
    for words, stdout in ((["list", "pipe"], rb".*\npipe:\d+ .*\?.*"),
                          (["status"], rb".*\nblocked: at least .*"),
                          (["blocked"], rb".*"), (["ps"], rb".*")):
        name = f"in a PID namespace: {' '.join(words)} is not the whole answer"
        if reason:
            tap.skip(name, reason)
        else:
            tap.say(name, expect(words, 0, SAID, stdout, before=NESTED))
    tap.finish()


main()
