# SPDX-License-Identifier: GPL-2.0-or-later
"""The scene "posix": who uses what there, and what tests of it share."""

import json
import re

from live import id_of, run

KINDS = ("pshm", "psem", "mq", "pipe", "fifo", "map")
READ, WRITE, BOTH = ["read"], ["write"], ["read", "write"]
# What differs between two looks at the same.
VOLATILE = re.compile(rb'\(\d+s ago\)|"(taken_at|since)":"[^"]*"|"waited":\d+|'
                      rb' *WAITED| *\d+(\.\d)?s(?= +\d)')
DIRECTORY = "/dev/shm"
FIFO = f"fifo:{DIRECTORY}/one/fifo"
TO_READ, TO_WRITE = f"fifo:{DIRECTORY}/one/no-writer", f"fifo:{DIRECTORY}/one/no-reader"
# As JSON has it, and as a table prints it.
ODD, ODD_SHOWN = "pshm:/odd\x1b[31m\n\\xff", r"pshm:/odd\x1b[31m\x0a\xff"


def number(name):
    return int(id_of(name))


def pid(name):
    return number("pid_" + name)


def inode_ref(kind, name):
    return f"{kind}:{'' if kind == 'pipe' else '#'}{number(name)}"


def gone_fifo(which):
    """Two that have lost their names and have one inode are told apart by their devices."""
    inode = number(f"fifo_gone_{which}")
    if number("fifo_gone_one") != number("fifo_gone_two"):
        return f"fifo:#{inode}"
    return f"fifo:#0:{number(f'minor_{which}')}/{inode}"


def mapped(who, access, *sharers):
    return (pid(who), "mapped", access, [pid(sharer) for sharer in sharers])


def opened(who, access, *sharers):
    return (pid(who), "open", access, [pid(sharer) for sharer in sharers])


def next_pid(who):
    """Of a process that shares memory with the one of the name before it."""
    return pid(who) + 1


def expected_links():
    """REF: PID, how, access, and who shares it; in the order of PIDs."""
    space = (pid("space"), "mapped", BOTH, [next_pid("space")])
    vfork = (pid("vfork"), "mapped", BOTH, [next_pid("vfork")])
    return {
        "pshm:/shared": [mapped("shm_writer", BOTH), mapped("shm_reader", READ)],
        "pshm:/open": [opened("shm_open", BOTH)],
        "pshm:/private": [mapped("shm_private", ["read", "write", "private"])],
        "pshm:/unused": [],
        ODD: [opened("odd", BOTH)],
        "pshm:/kept (deleted)": [mapped("kept", BOTH)],
        "pshm:/space": [space],
        "pshm:/vfork": [vfork],
        "pshm:/files": [mapped("files", BOTH), opened("files", BOTH, "files_sharer"),
                        mapped("files_sharer", BOTH)],
        "pshm:/leaderless": [mapped("leaderless", BOTH), opened("leaderless", BOTH)],
        inode_ref("pshm", "shm_gone_mapped"): [mapped("gone_mapped", BOTH)],
        inode_ref("pshm", "shm_gone_open"): [opened("gone_open", BOTH)],
        "pshm:/theirs": [mapped("theirs", BOTH), mapped("theirs_root", BOTH)],
        "psem:/value": [mapped("sem_first", BOTH), mapped("sem_second", BOTH)],
        "psem:/waited": [mapped("sem_idle", BOTH), mapped("sem_waiter", BOTH)],
        "psem:/musl": [],
        "psem:/strange": [],
        "psem:/theirs": [mapped("theirs", BOTH)],
        inode_ref("psem", "sem_gone"): [mapped("sem_gone", BOTH)],
        "mq:/messages": [opened("mq_writer", WRITE), opened("mq_reader", READ)],
        "mq:/moved": [opened("mq_moved", BOTH)],
        "mq:/idle": [],
        inode_ref("mq", "mq_gone"): [opened("mq_gone", BOTH)],
        inode_ref("pipe", "pipe_leaderless"): [opened("leaderless", READ),
                                               opened("leaderless", WRITE)],
        inode_ref("pipe", "pipe_mixed"): [opened("theirs", READ), opened("theirs_root", WRITE)],
        inode_ref("pipe", "pipe_two"): [opened("pipe_reader", READ), opened("pipe_writer", WRITE)],
        inode_ref("pipe", "pipe_data"): [opened("data_reader", READ), opened("data_writer", WRITE)],
        inode_ref("pipe", "pipe_orphan"): [opened("orphan", READ)],
        inode_ref("pipe", "pipe_both"): [opened("both", READ), opened("both", WRITE)],
        FIFO: [opened("fifo_reader", READ), opened("fifo_writer", WRITE)],
        f"fifo:{DIRECTORY}/two/fifo": [opened("fifo_two", BOTH)],
        gone_fifo("one"): [opened("fifo_gone_one", BOTH)],
        gone_fifo("two"): [opened("fifo_gone_two", BOTH)],
        TO_READ: [(pid("opening_to_read"), "opening", READ, [])],
        TO_WRITE: [(pid("opening_to_write"), "opening", WRITE, [])],
        inode_ref("map", "map_handed"): [mapped("handed_mapped", BOTH),
                                         opened("handed_mapped", BOTH),
                                         opened("handed_open", BOTH)],
        inode_ref("map", "map_like_segment"): [
            mapped("like_segment_a", BOTH), opened("like_segment_a", BOTH),
            mapped("like_segment_b", BOTH), opened("like_segment_b", BOTH)],
    }


def sharers_of(links):
    return {other for link in links for other in link[3]}


def users_of(links):
    return sorted({link[0] for link in links} | sharers_of(links))


def document(words, **options):
    return json.loads(run([*words, "--json"], **options).stdout)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def found_links(answer, ref):
    return [(link["pid"], link["how"], link["access"], link["shared_by"])
            for link in answer["links"] if link["object"] == ref]


def thing(answer, ref):
    """None where it is not there."""
    return next((one for one in answer["objects"] if one["ref"] == ref), None)


def looks(expected):
    return [["list"], ["list", *KINDS, "-o", "+processes"], ["list", "--json", *KINDS],
            ["status"], ["status", "--json"], ["limits"], ["ps"], ["ps", str(pid("theirs"))],
            ["who", *expected], ["show", *expected], ["who", "--json", *expected], ["blocked"],
            ["check"], ["check", "--older-than", "0", "--json"],
            ["clean", "--older-than", "0", "--include-likely"], ["save", "-"]]
