#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clean, where the world changes between the plan and the removal: used by somebody, made anew
under the same key, with the same id, and even by a process of the same PID. And the nearest scenes,
in which it is removed."""

import os
import re
import tempfile
import time

from live import IS_SANITIZED, Tap, enter, problem, run
from orphans import (ATTACH, DETACH, LAST_PID, NEXT_ID, SOON, YES, check, clean_with_pause, fork_as,
                     in_child, make_with_id, orphan, outcomes, remove, remove_all, segment,
                     segments, user, why_not_writable)

CHANGED = ("refused", "it has changed since it was judged; nothing was done")
KEY = 0x4d2
AT_REMOVAL = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live", "libat-removal.so")


def two_orphans(key=0):
    """The first that is removed, and another one."""
    first, other = orphan(), orphan(key)
    assert first < other
    return first, other


def expect_kept(tap, name, folder, meanwhile, words=YES, pair=None):
    """The other orphan is planned to go, and stays after what is done meanwhile."""
    first, other = pair or two_orphans(KEY)
    plan = outcomes(["clean", *[word for word in words if word != "--yes"]])[0]
    actions, result = clean_with_pause(folder, lambda: meanwhile(other), first, words)
    tap.say(name, check(
        plan == {f"shm:{number}": ("planned", None) for number in (first, other)}
        and actions == {f"shm:{first}": ("done", None), f"shm:{other}": CHANGED}
        and result.status == 1, plan, actions, result))
    return other


def test_unchanged(tap, folder):
    first, other = two_orphans(KEY)
    actions, result = clean_with_pause(folder, lambda: None, first)
    tap.say("after a pause in which nothing happens, the second goes as the first", check(
        actions == {f"shm:{number}": ("done", None) for number in (first, other)}
        and result.status == 0 and not segments(), actions, result))
    first, other = two_orphans()
    actions, result = clean_with_pause(folder, lambda: remove(other), first)
    tap.say("what somebody else has removed meanwhile is not called removed by this one", check(
        actions[f"shm:{other}"] == CHANGED and result.status == 1, actions, result))


def test_used(tap, folder):
    users = []

    def attach(script):
        def attach_it(number):
            users.append(user(script, number))
            users[-1].__enter__()
        return attach_it

    for name, script in (("attached", ATTACH), ("attached and detached by a process that lives",
                                                DETACH)):
        other = expect_kept(tap, f"{name} meanwhile: kept", folder, attach(script))
        tap.say(f"{name} meanwhile: and it is there", check(
            segments().get(other, {}).get("nattch") == (script == ATTACH), segments()))
        users.pop().__exit__(None, None, None)
        remove(other)

    def use_and_end(number):
        with user(DETACH, number):
            pass

    pair = two_orphans()
    time.sleep(4.1)
    other = expect_kept(tap, "used lately by a process that has ended: kept", folder, use_and_end,
                        ["--older-than", "4", *YES[2:]], pair)
    tap.say("used lately: and it is there", check(other in segments()))
    remove(other)


def test_made_anew(tap, folder):
    made = []

    def make_again(number):
        remove(number)
        made.append(orphan(KEY))

    expect_kept(tap, "removed and made anew under its key: kept", folder, make_again)
    tap.say("the new one is there", check(list(segments()) == made, segments(), made))
    remove_all()
    reason = why_not_writable(NEXT_ID)
    if reason:
        for name in ("with the same id", "by the same PID"):
            tap.skip(f"made anew {name}", reason)
        return

    def make_with_same_id(number):
        remove(number)
        make_with_id(number, KEY)

    other = expect_kept(tap, "made anew under its key and with its id: kept", folder,
                        make_with_same_id)
    tap.say("with its id: the new one is there", check(list(segments()) == [other], segments()))
    remove_all()
    reason = why_not_writable(LAST_PID)
    if reason:
        tap.skip("made anew by the same PID", reason)
    else:
        test_made_by_same_pid(tap, folder)


def test_made_by_same_pid(tap, folder):
    """Key, id, owner and creator are what they were: the verdict has to be a new one."""
    first = orphan()
    other, creator = in_child(lambda: segment(KEY))
    time.sleep(4.1)

    def make_as_before(number):
        remove(number)
        if fork_as(creator) == 0:
            with open(NEXT_ID, "w", encoding="ascii") as file:
                file.write(str(number))
            os._exit(segment(KEY) != number)
        assert os.waitpid(creator, 0)[1] == 0

    expect_kept(tap, "made anew in all that makes its identity, but lately: kept", folder,
                make_as_before, ["--older-than", "4", *YES[2:]], (first, other))
    row = segments().get(other, {})
    tap.say("by the same PID: the new one is there", check(
        (row.get("cpid"), row.get("key")) == (creator, KEY), segments(), creator))
    remove_all()


def test_moment_of_removal(tap):
    """Attached between the last look and the removal: the kernel has no call that could prevent it,
    but what it then says is not passed over."""
    name = "attached in the moment of its removal"
    if IS_SANITIZED:
        tap.skip(name, "a sanitized program wants its own library to be the first")
        return
    number = orphan()
    environment = dict(os.environ, LD_PRELOAD=AT_REMOVAL)
    result = run(["clean", *YES], environment=environment)
    tap.say(f"{name}: said, and no success", check(
        result.status == 1 and b"0 removed, 0 kept, 1 not removed\n" in result.stdout
        and re.search(rb"ipclens: shm:%d: not removed: became used: it was attached in the moment "
                      rb"of its removal, and goes with its last user\n" % number, result.stderr),
        *problem(name, result)))
    tap.say(f"{name}: it went with its last user", check(number not in segments(), segments()))


def main():
    enter("empty")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        test_unchanged(tap, folder)
        test_used(tap, folder)
        test_made_anew(tap, folder)
    test_moment_of_removal(tap)
    tap.finish()


main()
