#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What --from says to files that are damaged, foreign, hostile or of a later version."""

import copy
import json
import os
import re
import tempfile

from live import (IS_SANITIZED, NOBODY, Tap, accessible_copy, enter, expect, problem, run,
                  why_no_other_user)

# Of a truncated file, about so many lengths are tried.
TRUNCATIONS = 40 if IS_SANITIZED else 250
ODD_VALUES = (None, True, -1, 1.5, 2**64 - 1, 2**64, 10**400, "", "x", "9" * 400, [], ["x"], [[]],
              {}, {"x": 1})
COMPLAINT = rb"ipclens: [^\n]+\n"


class Load:
    """One attempt: every command that looks has to refuse it in the same way."""

    def __init__(self, tap):
        self.tap = tap

    def refused(self, name, data, reason):
        problems = expect(["list", "--from", "-"], 1, rb"ipclens: -: [^\n]*" + reason + rb"[^\n]*\n",
                          b"", stdin=data)
        self.tap.say(f"{name}: refused", problems)

    def loaded(self, name, data, stderr=b"", stdout=None, words=("list",)):
        problems = expect([*words, "--from", "-"], 0, stderr, stdout, stdin=data)
        self.tap.say(f"{name}: loaded", problems)


def is_clear(result):
    """Answered, or refused with one line that says why; never anything else."""
    if result.status == 0:
        return True
    return (result.status == 1 and not result.stdout
            and re.fullmatch(COMPLAINT, result.stderr) is not None)


def encode(document):
    return json.dumps(document).encode()


def edited(document, edit):
    document = copy.deepcopy(document)
    edit(document)
    return encode(document)


def first(document, kind):
    return next(thing for thing in document["objects"] if thing["kind"] == kind)


def test_truncated(tap, data):
    problems = []
    step = max(1, len(data) // TRUNCATIONS)
    # Without its last newline, it is whole.
    for length in sorted({*range(1, len(data) - 1, step), 1, 2, len(data) - 2}):
        result = run(["status", "--from", "-"], stdin=data[:length])
        if result.status != 1 or result.stdout or b"truncated" not in result.stderr:
            problems.append(problem(f"{length} of {len(data)} bytes", result))
    tap.say("truncated anywhere: refused", problems)


def test_foreign(load, data):
    load.refused("an empty file", b"", rb"empty")
    load.refused("a newline", b"\n", rb"(not JSON|truncated)")
    load.refused("plain text", b"root:x:0:0:root:/root:/bin/bash\n", rb"not JSON, at byte 0")
    load.refused("a program", b"\x7fELF\x02\x01\x01\0\0\0\0", rb"not JSON, at byte 0")
    load.refused("NULs", b"\0" * 4096, rb"not JSON, at byte 0")
    for text in (b"1", b"null", b'"ipclens/1"', b"[]", b"{}", b'{"ipcs":[]}', b'{"schema":1}'):
        load.refused(text.decode(), text + b"\n", rb"not a snapshot: it names no schema")
    load.refused("another schema", b'{"schema":"other/1"}', rb"its schema is not ipclens/1")
    load.refused("two snapshots", data + data, rb"not JSON, at byte \d+")
    load.refused("a snapshot and a NUL", data + b"\0", rb"something follows the document")
    load.refused("a byte order mark", b"\xef\xbb\xbf" + data, rb"not JSON, at byte 0")
    load.refused("UTF-16", data.decode().encode("utf-16-le"), rb"not JSON")
    for command in ("list", "show shm:0", "limits", "status"):
        load.refused(f"the answer of {command} --json", run([*command.split(), "--json"]).stdout,
                     rb"answer of another command")


def test_newer(load, document):
    for version in (b"2", b"4294967295"):
        load.refused(f"schema ipclens/{version.decode()}", b'{"schema":"ipclens/%s"}' % version,
                     rb"its schema is ipclens/" + version + rb".*newer ipclens")
    load.refused("two schemas", b'{"schema":"ipclens/1","schema":"ipclens/2"}', rb"newer ipclens")

    def add_members(later):
        later["later"] = {"x": [1]}
        later["host"]["later"] = later["sight"]["later"] = 1
        later["objects"][0]["later"] = [1]
        later["limits"][0]["later"] = None

    load.loaded("members that a later version adds", edited(document, add_members))
    later = encode(document).replace(b'"kind": "msg"', b'"kind": "later"')
    load.loaded("a kind that a later version adds", later,
                rb"ipclens: incomplete: objects\[\d+\].*a kind that this version does not know.*")
    load.loaded("a limit that a later version adds",
                edited(document, lambda later: later["limits"][0].update(name="later")),
                rb"ipclens: incomplete: limits\[0\].*a limit that this version does not know.*",
                words=("limits",))


def test_hostile(load, data, document):
    load.refused("100,000 arrays in each other", b"[" * 100000, rb"not JSON, at byte")
    load.refused("100,000 objects in each other", b'{"a":' * 100000, rb"not JSON, at byte")
    deep = b"[" * 40 + b"]" * 40
    load.refused("depth in a member that nobody knows",
                 data.replace(b'"host":', b'"later":' + deep + b',"host":', 1), rb"not JSON, at byte")
    load.refused("a name that is not UTF-8", data.replace(b'"root"', b'"r\xff\xfet"', 1),
                 rb"not JSON, at byte")
    load.loaded("half of a surrogate pair", data.replace(b'"user":"root"', rb'"user":"r\ud83dt"'),
                stdout=rb".*r\xef\xbf\xbdt.*")
    load.loaded("a control character in a name", data.replace(b'"user":"root"', b'"user":"r\x1bt"'),
                stdout=rb"[^\x1b]*r\\x1bt[^\x1b]*")
    load.loaded("a NUL in a name", data.replace(b'"user":"root"', rb'"user":"r\u0000t"'),
                stdout=rb".*r\\x00t.*")
    load.loaded("escapes in a name", data.replace(b'"user":"root"', rb'"user":"\u001b[31m\u202e"'),
                stdout=rb"[^\x1b]*\\x1b\[31m\\xe2\\x80\\xae[^\x1b]*")
    for number in (b"-1", b"1.5", b"1e400", b"1e3", b'"1"', b"true"):
        load.refused(f"a size of {number.decode()}",
                     re.sub(rb'"size":\d+', b'"size":' + number, data, count=1),
                     rb"objects\[0\]\.size: ")
    load.loaded("the largest size", re.sub(rb'"size":\d+', b'"size":18446744073709551615', data,
                                           count=1),
                stdout=rb"18446744073709551615\n.*",
                words=("list", "shm", "-n", "-b", "-o", "size", "--sort", "size:desc"))
    for number in (b"18446744073709551616", b"9" * 400, b"-9223372036854775809"):
        load.refused(f"an id of {number.decode()[:30]}",
                     re.sub(rb'"id":\d+', b'"id":' + number, data, count=1),
                     rb"at byte \d+: a number that 64 bits cannot hold")
    load.loaded("digits in a name", data.replace(b'"user":"root"', b'"user":"' + b"9" * 30 + b'"'),
                stdout=rb".*9{30}.*")
    load.refused("an object without an id",
                 edited(document, lambda other: other["objects"][0].pop("id")), rb"id: missing")
    load.refused("bytes that are no hexadecimal digits",
                 data.replace(b'"user":"root"', b'"user":"root","user_hex":"xyz"', 1), rb"user: ")
    load.loaded("the same id twice",
                edited(document, lambda other: other["objects"].append(other["objects"][0])))
    load.loaded("more semaphores than the array has",
                edited(document, lambda other: first(other, "sem").update(nsems=0)))


def members_of(document):
    """For each member somewhere in the document: a function that sets it, and its name."""
    records = [(lambda other: other, "document", document),
               (lambda other: other["host"], "host", document["host"]),
               (lambda other: other["sight"], "sight", document["sight"]),
               (lambda other: other["limits"][0], "limits[0]", document["limits"][0])]
    for kind in ("shm", "sem", "msg"):
        records.append((lambda other, kind=kind: first(other, kind), kind, first(document, kind)))
    records.append((lambda other: first(other, "sem")["semaphores"][0], "semaphores[0]",
                    first(document, "sem")["semaphores"][0]))
    for find, name, record in records:
        for member in record:
            yield find, f"{name}.{member}", member


def test_types(tap, document):
    small = copy.deepcopy(document)
    small["objects"] = [first(document, kind) for kind in ("shm", "sem", "msg")]
    problems = []
    for find, name, member in members_of(small):
        for value in ODD_VALUES[:: 3 if IS_SANITIZED else 1]:
            other = copy.deepcopy(small)
            find(other)[member] = value
            result = run(["list", "--from", "-"], stdin=encode(other))
            if not is_clear(result):
                problems.append(problem(f"{name} = {value!r}"[:100], result))
    tap.say("odd values in each member: answered, or refused in one line", problems)
    problems = []
    for find, name, member in members_of(small):
        other = copy.deepcopy(small)
        del find(other)[member]
        for command in ("status", "list"):
            result = run([command, "--from", "-"], stdin=encode(other))
            if not is_clear(result):
                problems.append(problem(f"without {name}", result))
    tap.say("without each member: answered, or refused in one line", problems)


def test_files(tap, folder, data):
    tap.say("a file that does not exist",
            expect(["list", "--from", folder + "/no"], 1,
                   rb"ipclens: .*/no: No such file or directory\n", b""))
    tap.say("a folder", expect(["list", "--from", folder], 1, rb"ipclens: .*: Is a directory\n",
                               b""))
    tap.say("/dev/null", expect(["list", "--from", "/dev/null"], 1,
                                rb"ipclens: /dev/null: .*empty\n", b""))
    huge = folder + "/huge"
    with open(huge, "wb") as file:
        file.truncate(300 << 20)
    if IS_SANITIZED:
        tap.skip("a file that is too large", "it would need too much memory under a sanitizer")
    else:
        tap.say("a file that is too large",
                expect(["list", "--from", huge], 1, rb"ipclens: .*/huge: larger than .*\n", b""))
    hidden = folder + "/hidden"
    with open(hidden, "wb") as file:
        file.write(data)
    os.chmod(hidden, 0)
    os.chmod(folder, 0o755)
    reason = why_no_other_user()
    if reason:
        tap.skip("a file that may not be read", reason)
        return
    with accessible_copy() as program:
        tap.say("a file that may not be read",
                expect(["list", "--from", hidden], 1, rb"ipclens: .*/hidden: Permission denied\n",
                       b"", program=program, user=NOBODY))


def main():
    enter("walkthrough")
    tap = Tap()
    data = run(["save", "-"]).stdout
    document = json.loads(data)
    load = Load(tap)
    load.loaded("the snapshot itself", data)
    test_truncated(tap, data)
    test_foreign(load, data)
    test_newer(load, document)
    test_hostile(load, data, document)
    test_types(tap, document)
    with tempfile.TemporaryDirectory(prefix="ipclens-load-") as folder:
        test_files(tap, folder, data)
    tap.finish()


main()
