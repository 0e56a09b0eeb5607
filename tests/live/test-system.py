#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every field that lsipc and ipcs of the system show, too, has the same value."""

import json
import re
import shutil
import subprocess

from live import ENVIRONMENT, Tap, enter, run

COMMON = {"key": "key", "id": "id", "perms": "mode", "cuid": "cuid", "cuser": "cuser",
          "cgid": "cgid", "cgroup": "cgroup", "uid": "uid", "user": "user", "gid": "gid",
          "group": "group", "ctime": "changed_at"}
# Columns of lsipc, and the fields that they are.
FIELDS = {
    "shm": {**COMMON, "size": "size", "nattch": "nattch", "status": "status",
            "attach": "attached_at", "detach": "detached_at", "cpid": "creator_pid",
            "lpid": "last_pid"},
    "sem": {**COMMON, "nsems": "nsems", "otime": "operated_at"},
    "msg": {**COMMON, "usedbytes": "used_bytes", "msgs": "messages", "send": "sent_at",
            "recv": "received_at", "lspid": "last_send_pid", "lrpid": "last_receive_pid"},
}
OPTIONS = {"shm": "-m", "sem": "-s", "msg": "-q"}
PIDS = {"cpid", "lpid", "lspid", "lrpid"}
NAMES = {"user", "group", "cuser", "cgroup"}
# Limits by the names that lsipc has for them.
LIMITS = {"MSGMNI": "msgmni", "MSGMAX": "msgmax", "MSGMNB": "msgmnb", "SHMMNI": "shmmni",
          "SHMMAX": "shmmax", "SHMALL": "shmall", "SEMMNI": "semmni", "SEMMNS": "semmns",
          "SEMMSL": "semmsl", "SEMOPM": "semopm"}
# Its use of SHMALL and SEMMNS is not what the kernel counts; see compare_use().
USED = {"MSGMNI", "SHMMNI", "SEMMNI"}


def theirs_as_ours(column, text):
    """The value of a column, as the JSON of ipclens has it."""
    if column == "status":
        return sorted(re.findall(r"[a-z]+", (text or "").lower()))
    if text is None or (column in PIDS and text == "0"):
        return None
    if column == "key":
        return text
    if column == "perms":
        return text.zfill(4)
    if column in ("ctime", "otime", "attach", "detach", "send", "recv"):
        return text.replace("+00:00", "Z")
    if column in NAMES:
        return None if text.isdigit() else text
    return int(text)


def system(words):
    environment = dict(ENVIRONMENT, LC_ALL="C", TZ="UTC")
    return subprocess.check_output(words, env=environment, text=True)


def compare_kind(kind, ours):
    columns = ",".join(FIELDS[kind])
    answer = json.loads(system(["lsipc", OPTIONS[kind], "-J", "-b", "-P", "--time-format=iso",
                                "-o", columns]))
    theirs = {int(thing["id"]): thing for thing in next(iter(answer.values()))}
    if set(theirs) != set(ours):
        return [[f"ids: {sorted(theirs)}", f"ours: {sorted(ours)}"]]
    problems = []
    for number, thing in ours.items():
        for column, field in FIELDS[kind].items():
            # lsipc 2.38 forgets the permissions of queues.
            if column == "perms" and theirs[number][column] is None:
                continue
            value = theirs_as_ours(column, theirs[number][column])
            if value != (sorted(thing[field]) if column == "status" else thing[field]):
                problems.append([f"{kind}:{number}: {field} is {thing[field]!r}",
                                 f"{column} of lsipc is {theirs[number][column]!r}"])
    return problems


def compare_limits(limits):
    problems = []
    for row in json.loads(system(["lsipc", "-g", "-J", "-b"]))["ipclimits"]:
        limit = limits.get(LIMITS.get(row["resource"]))
        if not limit:
            continue
        if int(row["limit"]) != limit["value"]:
            problems.append([f"{limit['name']} is {limit['value']}, lsipc: {row['limit']}"])
        if row["resource"] in USED and int(row["used"]) != limit["used"]:
            problems.append([f"{limit['name']}: used {limit['used']}, lsipc: {row['used']}"])
    return problems


def compare_use(limits):
    """What the kernel itself counts, by SHM_INFO and SEM_INFO."""
    summary = system(["ipcs", "-u"])
    problems = []
    for name, pattern in (("shmall", r"pages allocated (\d+)"),
                          ("semmns", r"allocated semaphores = (\d+)")):
        theirs = int(re.search(pattern, summary).group(1))
        if limits[name]["used"] != theirs:
            problems.append([f"{name}: used {limits[name]['used']}, the kernel counts {theirs}"])
    return problems


def table(words):
    """Rows of ipcs: lists of words, from those that start with a key on."""
    return [line.split() for line in system(words).splitlines() if line.startswith("0x")]


def compare_modes(kind, ours):
    """key id owner perms: what ipcs shows of each kind."""
    problems = []
    for key, number, _, mode, *_ in table(["ipcs", OPTIONS[kind]]):
        thing = ours[int(number)]
        # ipcs prints no leading zeros.
        if key != thing["key"] or int(mode, 8) != int(thing["mode"], 8):
            problems.append([f"{kind}:{number}: {thing['key']} {thing['mode']}",
                             f"ipcs: {key} {mode}"])
    return problems


def compare_semaphores(ours):
    problems = []
    for number, thing in ours.items():
        lines = system(["ipcs", "-s", "-i", str(number)]).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("semnum"))
        theirs = [[int(word) for word in line.split()] for line in lines[start + 1:] if line]
        found = [[one["num"], one["value"], one["ncount"], one["zcount"], one["pid"] or 0]
                 for one in thing["semaphores"]]
        if theirs != found:
            problems.append([f"sem:{number}: {found[:9]}", f"ipcs: {theirs[:9]}"])
    return problems


def compare_queues(ours):
    problems = []
    for number, thing in ours.items():
        match = re.search(r"\bqbytes=(\d+)", system(["ipcs", "-q", "-i", str(number)]))
        if int(match.group(1)) != thing["max_bytes"]:
            problems.append([f"msg:{number}: {thing['max_bytes']}, ipcs: {match.group(0)}"])
    return problems


def main():
    enter("compat")
    tap = Tap()
    saved = json.loads(run(["save", "-"]).stdout)
    ours = {kind: {thing["id"]: thing for thing in saved["objects"] if thing["kind"] == kind}
            for kind in OPTIONS}
    limits = {limit["name"]: limit for limit in saved["limits"]}
    has_lsipc = shutil.which("lsipc")
    for kind in OPTIONS:
        name = f"{kind}: each field is that of lsipc"
        if has_lsipc:
            tap.say(name, compare_kind(kind, ours[kind]))
        else:
            tap.skip(name, "there is no lsipc")
        tap.say(f"{kind}: keys and modes are those of ipcs", compare_modes(kind, ours[kind]))
    if has_lsipc:
        tap.say("limits are those of lsipc", compare_limits(limits))
    else:
        tap.skip("limits are those of lsipc", "there is no lsipc")
    tap.say("pages and semaphores in use are those of the kernel", compare_use(limits))
    tap.say("semaphores are those of ipcs", compare_semaphores(ours["sem"]))
    tap.say("sizes of queues are those of ipcs", compare_queues(ours["msg"]))
    tap.finish()


main()
