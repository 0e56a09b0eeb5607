#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""blocked, in the scene "calls": threads that sleep in IPC in calls that are rare or new. By /proc
and by bpf, which have to tell the same."""

import json
import os

from live import Tap, enter, expect, id_of, run


def pid(name):
    return int(id_of("pid_" + name))


def has(name):
    return "CAST_pid_" + name in os.environ


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def blocked(backend):
    return json.loads(run(["blocked", "--json", f"--backend={backend}"]).stdout)


def waits_of(answer, name):
    return [wait for wait in answer["waits"] if wait["pid"] == pid(name)]


def test_pipes(tap, answer, how):
    wanted = {"preadv2": ("read", "preadv2"), "pwritev2": ("write", "pwritev2"),
              "vmsplice_read": ("read", "vmsplice"), "vmsplice_write": ("write", "vmsplice"),
              "sendfile": ("write", "sendfile")}
    for name, expected in wanted.items():
        waits = waits_of(answer, name)
        tap.say(f"what pid_{name} waits for{how}", check(
            [(wait["operation"], wait["call"], wait["object"].partition(":")[0])
             for wait in waits] == [(*expected, "pipe")], waits))
    tap.say(f"who sends to a pipe what a socket has to bring waits for no pipe{how}", check(
        not waits_of(answer, "sendfile_socket"), waits_of(answer, "sendfile_socket")))


def test_many(tap, answer, how):
    told = [wait for wait in waits_of(answer, "poller") if wait["flags"] == ["alternative"]]
    reasons = [issue["reason"] for issue in answer["issues"] if issue["aspect"] == "waits"]
    tap.say(f"of what a thread waits for at once no more than so much is told, and that{how}", check(
        len(told) == 64 and "1 thread sleeps for more than 64 things at once, of which the others "
        "are not told" in reasons, len(told), reasons))


def test_words(tap, answer, how):
    segment = "shm:" + id_of("shm_words")
    owner = pid("owner")
    if has("elsewhere"):
        wait, = waits_of(answer, "elsewhere")
        tap.say(f"the owner of a lock is nobody where its number is of another PID namespace{how}",
                check((wait["flags"], wait["offset"], wait["released_by"])
                      == (["mutex"], 0x100, None), wait))
    if has("word"):
        wait, = waits_of(answer, "word")
        tap.say(f"a word that one call is about{how}", check(
            (wait["object"], wait["operation"], wait["offset"], wait["call"], wait["flags"],
             wait["timeout"]) == (segment, "futex", 0x200, "futex_wait", [], None), wait))
    else:
        tap.skip(f"a word that one call is about{how}", "this kernel has no futex_wait()")
    label = f"each of several words that one call is about{how}"
    if not has("words"):
        tap.skip(label, "this kernel has no futex_waitv()")
        return
    waits = sorted(waits_of(answer, "words"), key=lambda wait: wait["offset"])
    tap.say(label, check(
        [(wait["object"], wait["offset"], wait["flags"], wait["owner_tid"], wait["released_by"],
          wait["call"]) for wait in waits]
        == [(segment, 0x100, ["alternative", "mutex"], owner, [owner], "futex_waitv"),
            (segment, 0x200, ["alternative"], None, None, "futex_waitv")]
        and all(990000 < wait["timeout"] < 1010000 for wait in waits), waits))
    tap.say(f"where one of them is not shared, it is no wait in IPC{how}", check(
        not waits_of(answer, "words_own"), waits_of(answer, "words_own")))
    named = {process["pid"]: process["command"] for process in answer["processes"]}
    tap.say(f"the owner of a lock has a name{how}", check(named.get(owner) == "cast", named))


def test_ring(tap, answer, how):
    label = f"of who sleeps in a ring of io_uring it is said that it is not known for what{how}"
    if not has("ring"):
        tap.skip(label, "io_uring is not to be had here")
        return
    reasons = [issue["reason"] for issue in answer["issues"] if issue["aspect"] == "waits"]
    tap.say(label, check(
        not waits_of(answer, "ring") and [reason for reason in reasons
                                          if reason.startswith("1 thread sleeps in io_uring")],
        reasons))
    if how == " (procfs)":
        tap.say("which is of no interest to who asks for a semaphore", expect(
            ["list", "sem", "-o", "ref,waiting", "--backend=procfs"], 0, rb"", rb".*"))


def test_words_of_answers(tap, answer):
    """Whatever stands in an answer can be asked for."""
    words = {wait[name] for wait in answer["waits"] for name in ("call", "wchan") if wait[name]}
    unknown = [word for word in sorted(words | {"io_uring_enter"})
               if run(["explain", word]).status]
    tap.say("each call and each function that is shown is explained",
            check(words and not unknown, unknown, words))


def main():
    enter("calls")
    tap = Tap()
    for backend in ("procfs", "bpf"):
        answer, how = blocked(backend), f" ({backend})"
        if backend == "bpf" and answer["sight"]["backend"] != "procfs+bpf":
            tap.skip("the same by bpf", "no bpf here")
            continue
        test_pipes(tap, answer, how)
        test_many(tap, answer, how)
        test_words(tap, answer, how)
        test_ring(tap, answer, how)
        if backend == "procfs":
            test_words_of_answers(tap, answer)
    tap.finish()


main()
