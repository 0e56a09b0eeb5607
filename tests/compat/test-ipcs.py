# SPDX-License-Identifier: GPL-2.0-or-later
"""ipcs: the same bytes and exit status as util-linux, on the objects of a scene.

Usage: test-ipcs.py SCENE
"""

import itertools
import os
import re
import subprocess
import sys

import compat

SCENE = sys.argv[1]
THEIRS = compat.judge("ipcs")

# One of each sort; an option with its argument counts as one.
SHORT = [["-m"], ["-q"], ["-s"], ["-a"], ["-t"], ["-p"], ["-c"], ["-l"], ["-u"], ["-b"],
         ["--human"], ["-i", "1"], ["-i", "99999"], ["-h"], ["-V"], ["-x"], ["operand"]]
LONG = ["--shmems", "--queues", "--semaphores", "--all", "--time", "--pid", "--creator",
        "--limits", "--summary", "--bytes", "--human", "--id=1", "--help", "--version"]
ABBREVIATED = ["--sh", "--s", "--se", "--su", "--q", "--a", "--t", "--p", "--c", "--l", "--b",
               "--hu", "--h", "--i=1", "--id", "--time=1", "--nonsense", "--"]
KINDS = {"-m": "shm", "-q": "msg", "-s": "sem"}
VIEWS = ["-t", "-p", "-c", "-l", "-u", "-b", "--human"]


def flatten(parts):
    return [argument for part in parts for argument in part]


def has_own_words(arguments):
    return any(re.match("-[^-]*[hV]|--he|--v", argument) for argument in arguments)


def compare(arguments, program=compat.IPCLENS, user=None, environment=None):
    theirs = compat.run([THEIRS, *arguments], user, environment)
    ours = compat.run([program, "ipcs", *arguments], user, environment)
    lines = compat.differences(theirs, ours, has_own_words(arguments))
    return ["ipcs " + " ".join(arguments), *lines] if lines else None


def compare_all(list_of_arguments, **how):
    return [p for p in compat.in_parallel(lambda a: compare(a, **how), list_of_arguments) if p]


def ids_of(prefix):
    start = "CAST_" + prefix + "_"
    return sorted({value for name, value in os.environ.items() if name.startswith(start)}, key=int)


def details():
    """Every object by its id, in each unit."""
    return [[option, "-i", number, *unit]
            for option, prefix in KINDS.items()
            for number in ids_of(prefix)
            for unit in ([], ["-b"], ["--human"])]


def test_sequences(tap):
    tap.say("no options", compare_all([[]]))
    tap.say("every option alone", compare_all(SHORT))
    tap.say("every sequence of two options",
            compare_all([flatten(p) for p in itertools.product(SHORT, repeat=2)]))
    if compat.IS_SANITIZED:
        name, triples = "every combination of three options", itertools.combinations(SHORT, 3)
    else:
        name, triples = "every sequence of three options", itertools.permutations(SHORT, 3)
    tap.say(name, compare_all([flatten(p) for p in triples]))


def test_spelling(tap):
    pairs = itertools.combinations(LONG, 2)
    tap.say("long options", compare_all([[a] for a in LONG] + [list(p) for p in pairs]))
    tap.say("abbreviated and wrong long options",
            compare_all([[a] for a in ABBREVIATED] + [["--shm", a] for a in ABBREVIATED]))
    clusters = ["-mt", "-qsb", "-amptclu", "-i1m", "-mi1", "-si1", "-mqi1", "-tx", "-hx", "-xh"]
    tap.say("clusters of short options", compare_all([[c] for c in clusters]))
    numbers = ["", " ", "1x", "x", "1 ", " 1", "+1", "01", "08", "1.0", "2147483647", "2147483648",
               "4294967297", "99999999999999999999", "-", "0b1", "1e0"]
    tap.say("what -i takes for an id", compare_all(
        [["-q", "-i", n] for n in numbers] + [["-i", n, "-h"] for n in numbers]))
    posix = dict(compat.ENVIRONMENT, POSIXLY_CORRECT="1")
    tap.say("options behind operands",
            compare_all([["-m", "x", "-q"], ["x", "-u"], ["--", "-u"]]) +
            compare_all([["-m", "x", "-q"], ["x", "-u"]], environment=posix))


def test_name(tap):
    """Called by a link with the name of the drop-in."""
    with compat.link_named("ipcs") as link:
        problems = [[f"{link} {arguments}", *lines] for arguments in ([], ["-u"], ["-x"])
                    if (lines := compat.differences(compat.run([THEIRS, *arguments]),
                                                    compat.run([link, *arguments])))]
    tap.say("called by its name", problems)


def test_objects(tap):
    tap.say("every object", compare_all(details()))
    zones = ["UTC", "EAST-14", "WEST12", "Europe/Berlin", ""]
    for zone in zones:
        environment = dict(compat.ENVIRONMENT, TZ=zone)
        tap.say(f"times in the zone '{zone}'",
                compare_all([["-t"], ["-m", "-i", "1"], ["-s", "-i", "1"], ["-q", "-i", "1"]],
                            environment=environment))


def test_other_user(tap):
    name = "as another user"
    if compat.why_no_other_user():
        tap.skip(name, compat.why_no_other_user())
        return
    tables = [[option, *view] for option in (*KINDS, "-a")
              for view in ([], *[[v] for v in VIEWS])]
    # What is said of an array that the user may not read is a deliberate difference.
    readable = [arguments for arguments in details()
                if compat.run([THEIRS, *arguments], user=compat.OTHER_USER).status == 0]
    with compat.accessible_copy() as program:
        how = {"program": program, "user": compat.OTHER_USER}
        tap.say(name + ", tables", compare_all(tables, **how))
        tap.say(name + ", every object", compare_all(readable, **how))


def end_of(command, stdout):
    """The exit status, or minus the signal, and whether something was said."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout,
                            stderr=subprocess.PIPE, env=compat.ENVIRONMENT)
    return result.returncode, bool(result.stderr)


def end_without_reader(command):
    reader, writer = os.pipe()
    os.close(reader)
    end = end_of(command, writer)
    os.close(writer)
    return end


def test_output(tap):
    """A full disk, a pipe that nobody reads, no stdout at all."""
    shell = ["sh", "-c", 'exec "$@" >&-', "sh"]
    cases = {"a full disk": ([], "/dev/full"), "a stdout that is closed": (shell, None)}
    for name, (prefix, path) in cases.items():
        problems = []
        for arguments in ([], ["-u"], ["-m", "-i", "99999"], ["-h"], ["-x"]):
            with open(path or os.devnull, "w") as file:
                theirs = end_of([*prefix, THEIRS, *arguments], file)
                ours = end_of([*prefix, compat.IPCLENS, "ipcs", *arguments], file)
            if theirs != ours:
                problems.append([f"ipcs {arguments}: {ours} instead of {theirs}"])
        tap.say(name, problems)
    ends = [end_without_reader(command) for command in ([THEIRS], [compat.IPCLENS, "ipcs"])]
    tap.say("a pipe that nobody reads",
            [] if ends[0] == ends[1] else [[f"{ends[1]} instead of {ends[0]}"]])


def test_limits(tap):
    """Limits as nobody has them; those of an IPC namespace are its own."""
    values = {
        "shmall": (2**64 - 1, 2**64 - 2**24, 2**62, 2**54, 1, 0),
        "shmmax": (2**64 - 1, 2**64 - 2**24, 1536, 1023, 0),
        "shmmni": (0, 32768),
        "sem": ("1 2147483647 2147483647 0", "0 0 0 32768"),
        "msgmax": (2147483647, 1023, 0),
        "msgmnb": (2147483647, 1, 0),
        "msgmni": (0, 32768),
    }
    problems = []
    for name, odd_values in values.items():
        path = "/proc/sys/kernel/" + name
        with open(path, encoding="ascii") as file:
            usual = file.read()
        for value in (*odd_values, usual):
            try:
                with open(path, "w", encoding="ascii") as file:
                    file.write(str(value))
            except OSError as error:
                tap.skip("odd limits", f"{path}: {error.strerror}")
                return
            problems += compare_all([["-l"], ["-l", "-b"], ["-l", "--human"]])
    tap.say("odd limits", problems)


def test_without_proc(tap):
    """Hides /proc/sysvipc for good: the last test."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/proc/sysvipc"], check=True)
    tap.say("without /proc/sysvipc, every combination of two options", compare_all(
        [flatten(p) for p in itertools.combinations(SHORT, 2)]))
    tap.say("without /proc/sysvipc, every object", compare_all(details()))
    name = "in a kernel without System V IPC"
    reason = compat.why_no_strace()
    if reason:
        tap.skip(name, reason)
        return
    strace = ["strace", "-o", os.devnull, "-e", "inject=shmctl,semctl,msgctl:error=ENOSYS"]
    problems = []
    for arguments in ([], ["-u"], ["-p"], ["-l"], ["-m", "-i", "1"], ["-q", "--human"]):
        theirs = compat.run([*strace, THEIRS, *arguments])
        ours = compat.run([*strace, compat.IPCLENS, "ipcs", *arguments])
        # It says what is wrong, where util-linux shows nothing.
        theirs.stderr = ours.stderr
        lines = compat.differences(theirs, ours)
        problems += [[f"ipcs {arguments}", *lines]] if lines else []
        if arguments == ["-u"] and "not configured" not in theirs.stdout:
            problems.append(["strace did not make up the kernel's answers: " + theirs.stdout])
    tap.say(name, problems)


def main():
    compat.enter(SCENE, "ipcs")
    tap = compat.Tap()
    test_sequences(tap)
    test_spelling(tap)
    test_output(tap)
    test_name(tap)
    if SCENE != "empty":
        test_objects(tap)
        test_other_user(tap)
    test_limits(tap)
    test_without_proc(tap)
    tap.finish()


main()
