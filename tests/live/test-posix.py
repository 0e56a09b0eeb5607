#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every look in the scene "posix": POSIX objects, pipes, FIFOs and unnamed memory that are used in
every way, and things that could pass for them."""

import json
import os
import re

from live import Tap, enter, expect, problem, run
from posix_scene import (BOTH, DIRECTORY, FIFO, KINDS, ODD, ODD_SHOWN, TO_READ, TO_WRITE, VOLATILE,
                         check, document, expected_links, found_links, gone_fifo, inode_ref, mapped,
                         next_pid, number, opened, pid, thing, users_of)


def shown(ref):
    """For the name of a test."""
    return ref.encode("unicode_escape").decode()


def test_links(tap, expected):
    answer = document(["who", *expected])
    saved = json.loads(run(["save", "-"]).stdout)
    for ref, links in expected.items():
        tap.say(f"who names the users of {shown(ref)}",
                check(found_links(answer, ref) == links, links, found_links(answer, ref))
                + check(thing(answer, ref)["processes"] == users_of(links), users_of(links),
                        thing(answer, ref)))
        tap.say(f"so does who of {shown(ref)} alone", check(
            found_links(document(["who", ref]), ref) == links, links))
        if links or not ref.startswith("fifo:"):
            tap.say(f"and a snapshot, of {shown(ref)}",
                    check(found_links(saved, ref) == links, links, found_links(saved, ref))
                    + check(thing(saved, ref)["processes"] == users_of(links),
                            thing(saved, ref)))
    tap.say("nothing is counted that the kernel does not count",
            check(not answer["accounting"], answer["accounting"]))
    elsewhere = pid("mq_elsewhere")
    named = {link["object"] for link in saved["links"] if link["pid"] == elsewhere}
    tap.say("a queue of the same name elsewhere is not this one", check(
        not [ref for ref in named if ref.startswith("mq:")], named))
    check_anonymous(tap, saved)
    return saved


def check_anonymous(tap, saved):
    """Memory that was inherited has no number that could be announced."""
    both = [pid("anonymous"), pid("anonymous_heir")]
    found = [one for one in saved["objects"] if one["kind"] == "map" and one["processes"] == both]
    links = found_links(saved, found[0]["ref"]) if found else []
    tap.say("inherited memory has its two processes", check(
        len(found) == 1 and found[0]["name"] is None
        and links == [(user, "mapped", BOTH, []) for user in both], found, links))


def test_lists(tap, expected):
    for kind in KINDS:
        answer = document(["list", kind, "-o", "ref,processes"])
        ours = {one["ref"]: one["processes"] for one in answer["objects"]}
        wanted = {ref: users_of(links) for ref, links in expected.items()
                  if ref.startswith(kind + ":")}
        # Only who sleeps to open one would say that it is there.
        for ref in (TO_READ, TO_WRITE):
            if ref not in ours:
                wanted.pop(ref, None)
        others = {ref: users for ref, users in ours.items() if ref not in wanted}
        tap.say(f"list has all processes of each {kind}", check(
            {ref: ours.get(ref) for ref in wanted} == wanted, wanted, ours))
        tap.say(f"and no other {kind} of the scene", check(
            kind == "pipe" or list(others.values()) == (
                [[pid("anonymous"), pid("anonymous_heir")]] if kind == "map" else []), others))
    listed = {one["inode"] for one in document(["list", "map", "pshm"])["objects"]}
    tap.say("memory of one process is not listed, nor is a file in a folder", check(
        not listed & {number("map_lone"), number("inode_in_folder")}, listed))
    users = {user for one in document(["list", "map"])["objects"] for user in one["processes"]}
    tap.say("nor is memory of two that share all of theirs", check(
        not users & {pid("alone"), next_pid("alone"), pid("lone")}, users))


def test_ends(tap):
    answer = document(["list", "pipe", "fifo"])
    ends = {one["ref"]: (one["readers"], one["writers"]) for one in answer["objects"]}
    for ref, readers, writers in (
            (inode_ref("pipe", "pipe_two"), ["pipe_reader"], ["pipe_writer"]),
            (inode_ref("pipe", "pipe_data"), ["data_reader"], ["data_writer"]),
            (inode_ref("pipe", "pipe_orphan"), ["orphan"], []),
            (inode_ref("pipe", "pipe_both"), ["both"], ["both"]),
            (inode_ref("pipe", "pipe_leaderless"), ["leaderless"], ["leaderless"]),
            (FIFO, ["fifo_reader"], ["fifo_writer"]),
            (f"fifo:{DIRECTORY}/two/fifo", ["fifo_two"], ["fifo_two"]),
            (gone_fifo("one"), ["fifo_gone_one"], ["fifo_gone_one"])):
        wanted = ([pid(name) for name in readers], [pid(name) for name in writers])
        tap.say(f"the ends of {shown(ref)}", check(ends.get(ref) == wanted, wanted, ends))
    tap.say("in words, too", expect(
        ["who", inode_ref("pipe", "pipe_orphan")], 0, rb"",
        rb"pipe:\d+  pipe\nPID .*\n +%d cast .*1 reader, no writer was found.*\n" % pid("orphan")))
    for ref, name, access in ((TO_READ, "opening_to_read", rb"r-"),
                              (TO_WRITE, "opening_to_write", rb"-w")):
        tap.say(f"who waits to open {ref} is shown", expect(
            ["who", ref], 0, rb"", rb".*\n +%d +cast +\S+ +opening +%s .*\n"
            rb"no reader was found, no writer was found\n.*" % (pid(name), access)))


def test_values(tap, saved):
    for name, wanted in (("value", (3, 0, "glibc")), ("waited", (0, 1, "glibc")),
                         ("musl", (5, 1, "musl")), ("strange", (None, None, "unknown")),
                         ("theirs", (1, 0, "glibc"))):
        one = thing(saved, f"psem:/{name}")
        found = (one["value"], one["waiters"], one["layout"])
        tap.say(f"the value of psem:/{name}", check(found == wanted, wanted, found))
    for ref, wanted in (("mq:/messages", (2, 4, 64, [])), ("mq:/idle", (0, 4, 64, [])),
                        (inode_ref("mq", "mq_gone"), (1, 4, 64, ["unlinked"]))):
        one = thing(saved, ref)
        found = (one["messages"], one["max_messages"], one["max_message_bytes"], one["status"])
        tap.say(f"the messages of {shown(ref)}", check(found == wanted, wanted, found))
    size = 4 * os.sysconf("SC_PAGESIZE")
    for ref, wanted in (("pshm:/shared", (size, [])),
                        (inode_ref("pshm", "shm_gone_open"), (size, ["unlinked"])),
                        (inode_ref("pshm", "shm_gone_mapped"), (None, ["unlinked"])),
                        ("pshm:/kept (deleted)", (size, []))):
        one = thing(saved, ref)
        found = (one["size"], one["status"])
        tap.say(f"size and status of {shown(ref)}", check(found == wanted, wanted, found))
    names = [thing(saved, inode_ref("map", name))["name"]
             for name in ("map_handed", "map_like_segment")]
    tap.say("a memfd has the name that its maker gave it",
            check(names == ["handed", "SYSV00000000"], names))


def test_fill(tap):
    data, full = inode_ref("pipe", "pipe_data"), f"fifo:{DIRECTORY}/two/fifo"
    refs = (data, full, "mq:/messages")
    plain = document(["who", *refs])
    tap.say("without --fill nothing is told of how full they are", check(
        [thing(plain, ref)["used_bytes"] for ref in refs] == [None] * 3
        and thing(plain, data)["max_bytes"] is None, plain["objects"]))
    filled = document(["who", "--fill", *refs])
    found = [(thing(filled, ref)["used_bytes"], thing(filled, ref).get("max_bytes")) for ref in refs]
    with open("/proc/sys/fs/pipe-max-size", encoding="ascii") as file:
        greatest = int(file.read())
    tap.say("with --fill the bytes in a pipe, a FIFO and a queue are told", check(
        [used for used, _ in found] == [1000, 0, len("the first") + len("the second one")]
        and 4096 <= found[0][1] <= greatest, found))
    listed = {one["ref"]: one["used_bytes"]
              for one in document(["list", "pipe", "mq", "--fill"])["objects"]}
    tap.say("list --fill tells the same", check(
        listed[data] == 1000 and listed["mq:/messages"] == found[2][0]
        and listed[inode_ref("pipe", "pipe_orphan")] == 0, listed))
    tap.say("in words, too", expect(["who", "--fill", data], 0, rb"",
                                    rb".*\n1 reader, 1 writer; it holds 1000 of \d+ bytes\n"))
    tap.say("and without, how to learn it", expect(
        ["who", data], 0, rb"", rb".*\n1 reader, 1 writer; how full it is, --fill tells\n"))


def ends_of(backend, refs):
    """What one way tells of pipes, FIFOs and queues of the scene: links, and how full they are."""
    listed = document(["list", "pipe", "fifo", "mq", "--fill", f"--backend={backend}"])
    asked = document(["who", "--fill", f"--backend={backend}", *refs])
    links = {json.dumps(link, sort_keys=True) for link in asked["links"]}
    objects = {json.dumps({**one, "taken_at": None}, sort_keys=True)
               for answer in (listed, asked) for one in answer["objects"] if one["ref"] in refs}
    return listed, links, objects


def test_backends(tap, expected):
    """Both ways of finding ends tell the same."""
    refs = [ref for ref in expected if ref.startswith(("pipe:", "fifo:", "mq:"))]
    label = "procfs and bpf give the same ends"
    for _ in range(3):
        by_bpf, by_proc = ends_of("bpf", refs), ends_of("procfs", refs)
        if by_bpf[0]["sight"]["backend"] != "procfs+bpf":
            reason = [issue["reason"] for issue in by_bpf[0]["issues"]
                      if issue["subject"] == "bpf"]
            tap.skip(label, f"no bpf: {reason}")
            return
        if by_bpf[1:] == by_proc[1:]:
            break
    wanted = sum(len(expected[ref]) for ref in refs)
    tap.say(label, check(by_bpf[1] == by_proc[1] and len(by_bpf[1]) == wanted, wanted,
                         len(by_bpf[1]), sorted(by_bpf[1] ^ by_proc[1])))
    tap.say("and the same bytes in them", check(
        by_bpf[2] == by_proc[2] and by_bpf[2], sorted(by_bpf[2] ^ by_proc[2])))
    data = thing(by_bpf[0], inode_ref("pipe", "pipe_data"))
    tap.say("which are those that were written", check(data["used_bytes"] == 1000, data))
    tap.say("procfs alone loads no program", check(
        by_proc[0]["sight"]["backend"] == "procfs", by_proc[0]["sight"]))


def test_ps(tap):
    totals = {one["pid"]: one for one in document(["ps"])["process_totals"]}
    members = ("segments", "mappings", "semaphores", "queues")
    for name, counts in (("shm_writer", (1, 1, 0, 0)), ("shm_open", (1, 0, 0, 0)),
                         ("files_sharer", (1, 1, 0, 0)), ("leaderless", (1, 1, 0, 0)),
                         ("sem_first", (0, 0, 1, 0)), ("mq_reader", (0, 0, 0, 1)),
                         ("handed_mapped", (1, 1, 0, 0)), ("mq_elsewhere", (0, 0, 0, 0))):
        found = tuple(totals.get(pid(name), dict.fromkeys(members, 0))[one] for one in members)
        tap.say(f"ps counts what pid_{name} has", check(found == counts, counts, found))
    # Whoever runs the tests may have given everybody one pipe, which is no peer of anybody.
    for name, other in (("pipe_reader", "pipe_writer"), ("fifo_writer", "fifo_reader"),
                        ("theirs", "theirs_root")):
        tap.say(f"ps names the peer of pid_{name}",
                check(totals[pid(name)]["peers"] == [pid(other)], totals[pid(name)]))
        answer = document(["ps", str(pid(name))])
        peers = [one["peers"] for one in answer["process_totals"]]
        tap.say(f"so does ps of pid_{name} alone", check(peers == [[pid(other)]], answer))
    answer = document(["ps", str(pid("files"))])
    # Nobody else was looked at, who could share them.
    tap.say("ps of one process has its links", check(
        found_links(answer, "pshm:/files") == [mapped("files", BOTH), opened("files", BOTH)]
        and {link["pid"] for link in answer["links"]} == {pid("files")}, answer["links"]))
    tap.say("in words, with the other end", expect(
        ["ps", str(pid("pipe_reader"))], 0, rb"",
        rb"PID .*\n\n%d  cast\nREF .*\n%s +open +r- .* cast %d\n.*" % (
            pid("pipe_reader"), inode_ref("pipe", "pipe_two").encode(), pid("pipe_writer"))))


def test_errors(tap):
    for words, status, said in (
            (["who", "pshm:/nosuch"], 1, rb"ipclens: pshm:/nosuch: not found; .*\n"),
            (["who", "psem:/nosuch"], 1, rb"ipclens: psem:/nosuch: not found; .*\n"),
            (["who", "mq:/nosuch"], 1, rb"ipclens: mq:/nosuch: not found; .*\n"),
            (["who", "pipe:1"], 1, rb"ipclens: pipe:1: not found; .*\n"),
            (["who", "pipe:notanumber"], 2, rb"ipclens: pipe:notanumber: an inode is .*\n"),
            (["who", "fifo:/etc/passwd"], 1, rb"ipclens: fifo:/etc/passwd: not found: no .*\n"),
            (["who", "map:/x"], 2, rb"ipclens: map:/x: it has no name: .*\n"),
            (["who", "pshm:x"], 2, rb"ipclens: pshm:x: its name begins with a slash.*\n"),
            (["who", "pshm:#x"], 2, rb"ipclens: pshm:#x: an inode is .*\n"),
            (["who", "fifo:#x/1"], 2, rb"ipclens: fifo:#x/1: before the slash .*\n"),
            (["who", inode_ref("map", "map_lone")], 1, rb"ipclens: map:#\d+: not found; .*\n"),
            (["who", f"pshm:#{number('inode_in_folder')}"], 1,
             rb"ipclens: pshm:#\d+: not found; .*\n")):
        for command in ("who", "show"):
            tap.say(f"{command} {words[1]}: exit status {status}, and says why",
                    expect([command, words[1]], status, said, rb""))
    if number("fifo_one") == number("fifo_two"):
        ref = inode_ref("fifo", "fifo_one")
        tap.say("an inode of two file systems names neither", expect(
            ["who", ref], 1, rb"ipclens: %s: it names more than one .*\n" % ref.encode(), rb""))
        tap.say("with its device it names one", expect(
            ["who", f"fifo:#0:{number('minor_two')}/{number('fifo_two')}"], 0, rb"",
            rb"fifo:/dev/shm/two/fifo  FIFO\n.*"))
    else:
        tap.skip("an inode of two file systems", "this kernel gives out inodes only once")
    tap.say("one that does not exist does not hide the other", expect(
        ["who", "pshm:/nosuch", "pshm:/open"], 1, rb"ipclens: pshm:/nosuch: .*\n",
        rb"pshm:/open .* %d cast .*" % pid("shm_open")))


def test_terminal(tap):
    """Names are others' words."""
    problems = []
    for words in (["who", ODD], ["show", ODD], ["list", "pshm"], ["ps", str(pid("odd"))],
                  ["list", "pshm", "-o", "ref,name,processes"], ["who", "--json", ODD],
                  ["status"]):
        result = run(words)
        if result.status != 0 or re.search(rb"[\x00-\x09\x0b-\x1f\x7f\xff]", result.stdout):
            problems.append(problem(" ".join(words), result))
    tap.say("an odd name does nothing to a terminal", problems)
    tap.say("and is printed as it can be given back", expect(
        ["who", ODD_SHOWN], 0, rb"", re.escape(ODD_SHOWN).encode() + rb"  POSIX shared memory object\n.*"))


def is_of_scene(one, refs):
    return one.get("ref", one.get("object")) in refs


def of_scene(data, expected):
    """The answer without those who look, and their pipes."""
    refs = {ref for ref in expected if not ref.startswith("pipe:")}
    refs |= {inode_ref("pipe", name) for name in ("pipe_two", "pipe_data", "pipe_orphan",
                                                  "pipe_both", "pipe_leaderless", "pipe_mixed")}
    answer = json.loads(VOLATILE.sub(b'"":0', data))
    scene = {value for name, value in os.environ.items() if name.startswith("CAST_pid_")}
    for member in ("objects", "links", "waits"):
        answer[member] = [one for one in answer.get(member, []) if is_of_scene(one, refs)]
    for member in ("processes", "process_totals"):
        answer[member] = [one for one in answer.get(member, []) if str(one["pid"]) in scene]
    for one in answer["process_totals"]:
        # That everybody has the runner's pipe is told of who looks, too.
        one["pipes"] = None
    return answer


def test_loaded(tap, expected):
    saved = run(["save", "-"]).stdout
    named = [ref for ref in expected if ref not in (TO_READ, TO_WRITE)]
    for words in (["who", *named], ["who", TO_READ, TO_WRITE], ["show", *named],
                  ["list", "pshm", "psem", "mq", "map", "-o", "+processes"], ["list", "fifo"],
                  ["list", "pshm", "--filter", "status=unlinked"],
                  ["ps", str(pid("pipe_reader"))], ["ps", str(pid("files")), str(pid("theirs"))],
                  ["limits", "pshm", "mq"]):
        live, loaded = run(words), run([*words, "--from", "-"], stdin=saved)
        problems = check(live.stdout and live.status == 0, live)
        for one in (live, loaded):
            one.stdout = VOLATILE.sub(b"", one.stdout)
        tap.say(f"live and loaded are the same: {' '.join(words)[:60]}", problems + (
            [] if live == loaded else [problem("live", live), problem("loaded", loaded)]))
    for words in (["list", "pipe", "--json"], ["ps", "--json"], ["who", *named, "--json"],
                  ["show", *named, "--json"]):
        live, loaded = run(words), run([*words, "--from", "-"], stdin=saved)
        live, loaded = (of_scene(one.stdout, expected) for one in (live, loaded))
        differing = [member for member in live if live[member] != loaded[member]
                     and member != "sight"]
        tap.say(f"live and loaded are the same: {words[0]} {words[1][:20]} --json", check(
            not differing and (live["objects"] or live["process_totals"]),
            *(f"{member}: {live[member]} {loaded[member]}" for member in differing)))
    again = run(["save", "-", "--from", "-"], stdin=saved)
    tap.say("a snapshot that was loaded and saved again is the same",
            check(again.stdout == saved, again))


def main():
    enter("posix")
    tap = Tap()
    expected = expected_links()
    saved = test_links(tap, expected)
    test_lists(tap, expected)
    test_ends(tap)
    test_values(tap, saved)
    test_fill(tap)
    test_backends(tap, expected)
    test_ps(tap)
    test_errors(tap)
    test_terminal(tap)
    test_loaded(tap, expected)
    tap.finish()


main()
