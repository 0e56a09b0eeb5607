# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/compatibility.md says is different on purpose; no judge is needed."""

import os

import compat

IPCS = [compat.IPCLENS, "ipcs"]
REFUSED = 1


def ipcs(*arguments, program=compat.IPCLENS, user=None):
    return compat.run([program, "ipcs", *arguments], user=user)


def expect(condition, what):
    return [] if condition else [[what]]


def is_refused(result):
    return result.status == REFUSED and not result.stdout and bool(result.stderr)


def test_keys(tap):
    for option, kind in (("-m", "shm"), ("-q", "msg"), ("-s", "sem")):
        for key, name in (("0x4d2", "keyed"), ("0X4D2", "keyed"), ("0xfa5e52a2", "negative"),
                          ("0x0000000010", "mode_0")):
            by_key = ipcs(option, "-i", key)
            by_id = ipcs(option, "-i", compat.id_of(f"{kind}_{name}"))
            tap.say(f"ipcs {option} -i {key} shows {kind}_{name}",
                    compat.differences(by_id, by_key) and [["not what its id shows"]] or
                    expect(f"id={compat.id_of(f'{kind}_{name}')}\n" in by_key.stdout, by_key.stdout))
    for key in ("0x0", "0x999", "0x", "0xg", "0x1000004d2", "0x4d2 ", "-0x4d2"):
        result = ipcs("-m", "-i", key)
        tap.say(f"ipcs -m -i '{key}' is refused", expect(is_refused(result), str(vars(result))))


def test_negative_ids(tap):
    for number in ("-1", "-5", "-2147483648"):
        result = ipcs("-m", "-i", number)
        tap.say(f"ipcs -m -i {number} is refused", expect(is_refused(result), str(vars(result))))


def survivors(result):
    """The second word of each line of the judge's kind of table: the ids that are left."""
    return [line.split()[1] for line in result.stdout.splitlines() if line.startswith("0x")]


def test_truncation(tap):
    tail = f"{compat.IPCLENS} ipcs"
    untouched = survivors(compat.run_changing("true", "", "compat", tail=tail))
    for arguments in ("-Q 0x1000004d2", "-M 0x1000004d2", "-S 4294968530", "-Q -4294966062",
                      "msg 4294967296", "shm 4294967296", "sem 4294967296", "msg -4294967296",
                      "msg ''", "shm 18446744073709551616", "-Q 0x100000000 -q 1"):
        result = compat.run_changing(compat.IPCLENS + " ipcrm", arguments, "compat", tail=tail)
        is_good = (result.stdout.startswith("status 1\ncomplained\n") and
                   survivors(result) == untouched and untouched)
        tap.say(f"ipcrm {arguments} removes nothing", expect(is_good, result.stdout))
    for arguments in ("-Q -p 40000000000", "-Q -p -1", "-M 0.5Z", "-M 15.9999999999999999999E",
                      "-S 4294967297"):
        result = compat.run_changing(compat.IPCLENS + " ipcmk", arguments, tail=tail)
        is_good = result.stdout.startswith("status 1\ncomplained\n") and not survivors(result)
        tap.say(f"ipcmk {arguments} makes nothing", expect(is_good, result.stdout))


def shows_array_without_values(result):
    lines = result.stdout.splitlines()
    return (result.status == 0 and result.stderr and "nsems = 2" in lines and
            lines[-2].startswith("semnum") and lines[-1] == "")


def test_unreadable_array(tap):
    name = "ipcs -s -i of an array that may not be read shows the rest"
    if compat.why_no_other_user():
        tap.skip(name, compat.why_no_other_user())
        return
    with compat.accessible_copy() as program:
        result = ipcs("-s", "-i", compat.id_of("sem_mode_0"), program=program,
                      user=compat.OTHER_USER)
    tap.say(name, expect(shows_array_without_values(result), str(vars(result))))


def test_vanishing_array(tap):
    """The kernel's answer for an array that was removed between the table and its values."""
    name = "ipcs -s -i of an array that vanishes meanwhile shows what was seen"
    reason = compat.why_no_strace()
    if reason:
        tap.skip(name, reason)
        return
    result = compat.run(["strace", "-o", os.devnull, "-e", "inject=semctl:error=EINVAL",
                         *IPCS, "-s", "-i", compat.id_of("sem_mode_0")])
    tap.say(name, expect(shows_array_without_values(result), str(vars(result))))


def main():
    compat.enter("compat")
    tap = compat.Tap()
    test_keys(tap)
    test_negative_ids(tap)
    test_truncation(tap)
    test_unreadable_array(tap)
    test_vanishing_array(tap)
    tap.finish()


main()
