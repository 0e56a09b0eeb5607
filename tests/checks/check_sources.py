# SPDX-License-Identifier: GPL-2.0-or-later
"""check_sources.py IPCLENS SOURCE_ROOT

docs/sources.md has a row for each field of each field table and for each limit, and no others.

What fields there are is told by the program's JSON of a small recorded tree; of objects also by
"ipclens __commands", and what limits there are by "ipclens explain".
"""

import json
import pathlib
import re
import subprocess
import sys

from checklist import Checklist, Tree

RECORDED = {
    "proc/sysvipc/shm": "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime "
                        "rss swap\n0 0 600 80 1 1 2 0 0 0 0 1 1 1 4096 0\n",
    "proc/sysvipc/sem": "key semid perms nsems uid gid cuid cgid otime ctime\n"
                        "0 0 600 1 0 0 0 0 0 1\n",
    "proc/sysvipc/msg": "key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime "
                        "ctime\n0 0 600 0 0 0 0 0 0 0 0 0 0 1\n",
    "proc/sys/kernel/shmmni": "4096\n",
    "ipclens/semaphores": "semid num value ncount zcount pid\n0 0 1 0 0 1\n",
    "ipclens/devices": "0:1\n",
    "proc/stat": "btime 1\n",
    "proc/1/maps": "1000-2000 rw-s 00000000 00:01 0 /SYSV00000000 (deleted)\n"
                   "3000-4000 rw-s 00000000 00:01 5 /memfd:x (deleted)\n",
    "proc/2/maps": "3000-4000 rw-s 00000000 00:01 5 /memfd:x (deleted)\n",
    "proc/1/status": "Uid:\t0\t0\t0\t0\n",
    "proc/2/status": "Uid:\t0\t0\t0\t0\n",
    "proc/1/stat": "1 (x) S" + " 0" * 16 + " 1 0 1" + " 0" * 30 + "\n",
    "proc/2/stat": "2 (x) S" + " 0" * 16 + " 1 0 1" + " 0" * 30 + "\n",
    "ipclens/files": "kind major minor inode uid gid mode size allocated changed created layout "
                     "value waiters messages max_messages max_message_bytes name\n"
                     "3 0 25 1 0 0 600 1 0 1 1 -1 -1 -1 -1 -1 -1 /x\n"
                     "4 0 25 2 0 0 600 32 0 1 1 1 1 0 -1 -1 -1 /x\n"
                     "5 0 20 3 0 0 600 80 0 1 1 -1 -1 -1 1 10 10 /x\n",
    "ipclens/file_systems": "kind major minor\n3 0 25\n5 0 20\n",
    "ipclens/descriptors": "pid fd major minor inode mode access nlink uid gid size allocated "
                           "changed\n1 3 0 14 7 10600 1 1 0 0 0 0 1\n"
                           "1 4 0 30 8 10600 1 1 0 0 0 0 1\n",
}
# Links of the tree: processes in the same IPC namespace as the viewer, and what they have open.
LINKS = {"proc/self/ns/ipc": "ipc:[1]", "proc/1/ns/ipc": "ipc:[1]", "proc/2/ns/ipc": "ipc:[1]",
         "proc/1/fd/3": "pipe:[7]", "proc/1/fd/4": "/fifo"}
# Sections of the document in which fields of objects are, by kind.
OBJECT_SECTIONS = {"shm": "Shared memory segments", "sem": "Semaphore arrays",
                   "msg": "Message queues", "pshm": "POSIX shared memory",
                   "psem": "POSIX named semaphores", "mq": "POSIX message queues",
                   "pipe": "Pipes", "fifo": "FIFOs", "map": "Unnamed shared memory"}
COMMON_SECTION = "Every object"
# What some kinds have in common.
GROUP_SECTIONS = {"Objects of System V": ("shm", "sem", "msg"),
                  "Objects that are files": ("pshm", "psem", "mq", "pipe", "fifo", "map")}
RECORD_SECTIONS = {"semaphores": "Each semaphore of an array", "processes": "Processes",
                   "links": "Links", "accounting": "Accounting", "limits": "Limits",
                   "waits": "Waits",
                   "findings": "Findings", "leaks": "Leaks", "host": "Host", "sight": "Sight",
                   "issues": "Issues", "totals": "Totals"}
# In JSON, but no fields: they tell about those beside them.
NO_FIELDS = {"hidden"}


def output_of(*command):
    """What it prints; complaints of what the tree lacks are part of the plan."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=True).stdout


def fields_of(*records):
    """Names of all members that are fields."""
    return {name for record in records for name in record if name not in NO_FIELDS}


def fields_of_program(ipclens):
    """(fields of objects by kind, fields of other records by their name)"""
    with Tree(RECORDED) as root:
        for name, target in LINKS.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(target)
        saved = json.loads(output_of(ipclens, "save", "--root", root, "-"))
        status = json.loads(output_of(ipclens, "status", "--root", root, "--json"))
    by_kind = {item["kind"]: fields_of(item) for item in saved["objects"]}
    others = {"host": fields_of(saved["host"]), "sight": fields_of(saved["sight"]),
              "limits": fields_of(*saved["limits"]), "issues": fields_of(*saved["issues"]),
              "totals": fields_of(*status["totals"]),
              "processes": fields_of(*saved["processes"]),
              "links": fields_of(*saved["links"]),
              "accounting": fields_of(*saved["accounting"]),
              "semaphores": fields_of(*[one for item in saved["objects"]
                                        for one in item.get("semaphores") or []])}
    return by_kind, others


def listed_fields(ipclens):
    return {line.split("\t")[1] for line in output_of(ipclens, "__commands").splitlines()
            if line.startswith("field\t")}


def explained_by(ipclens):
    terms = {line.split()[0] for line in output_of(ipclens, "explain").splitlines()}
    return output_of(ipclens, "explain", *sorted(terms))


def terms_of(explained, what):
    return set(re.findall(rf"^(\S+) \S+ {what}\b", explained, re.MULTILINE))


def rows_of(document):
    """Names in the first cells of the tables, by section and by the heading of that column."""
    rows, section, column = {}, None, None
    for line in document.splitlines():
        if line.startswith("## "):
            section = line[3:]
        heading = re.match(r"\| (\w+) \|", line)
        if heading:
            column = heading.group(1)
        elif line.startswith("| `"):
            names = re.findall(r"`(\w+)`", line.split("|")[1])
            rows.setdefault((section, column), set()).update(names)
    return rows


def differences(rows, section, column, names):
    found = rows.get((section, column), set())
    yield from (f"{section}: no row for {name}" for name in sorted(names - found))
    yield from (f"{section}: a row for {name}, which does not exist"
                for name in sorted(found - names))


def check_objects(rows, by_kind):
    common = set.intersection(*by_kind.values())
    told = {kind: set(common) for kind in by_kind}
    yield from differences(rows, COMMON_SECTION, "field", common)
    for section, kinds in GROUP_SECTIONS.items():
        there = [kind for kind in kinds if kind in by_kind]
        names = set.intersection(*(by_kind[kind] for kind in there)) - common if there else set()
        yield from differences(rows, section, "field", names)
        for kind in there:
            told[kind] |= names
    for kind, names in by_kind.items():
        if kind not in OBJECT_SECTIONS:
            yield f"{kind}: which section is about it?"
            continue
        yield from differences(rows, OBJECT_SECTIONS[kind], "field", names - told[kind])


def check_others(rows, others):
    for name, names in others.items():
        yield from differences(rows, RECORD_SECTIONS[name], "field", names)


def check_the_check(checklist):
    rows = rows_of("## Host\n| field | where |\n|---|---|\n| `name` `kernel` | x |\n")
    checklist.expect_problem("a field that is missing",
                             differences(rows, "Host", "field", {"name", "kernel", "page_size"}),
                             "no row for page_size")
    checklist.expect_problem("a row of a field that is gone",
                             differences(rows, "Host", "field", {"name"}), "kernel, which does not")
    checklist.expect_problem("a section that is missing",
                             differences(rows, "Sight", "field", {"full"}), "no row for full")
    checklist.expect_problem("a kind without a section",
                             check_objects(rows, {"queue": {"inode"}}), "queue: which section")


def main():
    ipclens, root = sys.argv[1:3]
    rows = rows_of((pathlib.Path(root) / "docs" / "sources.md").read_text(encoding="utf-8"))
    by_kind, others = fields_of_program(ipclens)
    explained = explained_by(ipclens)
    limits = terms_of(explained, "limit")
    # No recorded tree has them: they are of this moment.
    others["waits"] = terms_of(explained, "field of each wait of a thread")
    others["leaks"] = terms_of(explained, "field of each leak")
    others["findings"] = terms_of(explained, "field of each finding")
    checklist = Checklist()
    check_the_check(checklist)
    checklist.expect_none("the recorded tree has every field of objects",
                          sorted(listed_fields(ipclens) ^ set.union(*by_kind.values())))
    checklist.expect_none("and a record of each other sort",
                          [name for name in RECORD_SECTIONS if not others.get(name)])
    checklist.expect_none("the program explains limits", [] if limits else ["none found"])
    checklist.expect_none("fields of objects", check_objects(rows, by_kind))
    checklist.expect_none("fields of other records", check_others(rows, others))
    checklist.expect_none("limits", differences(rows, "Limits", "limit", limits))
    checklist.report()


main()
