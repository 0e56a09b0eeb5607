#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables on a terminal: no wider than it, in colour where that is wanted."""

import difflib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from live import (ENVIRONMENT, IPCLENS, LOOKS, SOURCE, Tap, enter, id_of, look_words, run,
                  why_no_other_user)

COLOR = re.compile(r"\x1b\[[0-9;]*m")
LONG_NAME = "an-owner-with-a-long-name"


HOSTILE = SOURCE / "tests" / "golden" / "hostile-names" / "root"
SAVED = SOURCE / "tests" / "golden" / "diff"


def on_terminal(words, columns=80, environment=None):
    """What ipclens writes to a terminal that is so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = dict(ENVIRONMENT, TERM="xterm", **(environment or {}))
    environment.pop("COLUMNS", None)
    output = b""
    with subprocess.Popen([IPCLENS, *words], stdin=theirs, stdout=theirs, stderr=theirs,
                          env=environment) as child:
        os.close(theirs)
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            output += part
        child.wait()
    os.close(ours)
    return output.decode().replace("\r\n", "\n")


def lines_of(text):
    return COLOR.sub("", text).splitlines()


def check_width(words, columns):
    """Of status, the line about sight is as long as there are reasons."""
    lines = lines_of(on_terminal(words, columns))
    return [[f"{len(line)} columns: {line!r}"] for line in lines
            if len(line) > columns and not line.startswith("sight: ")]


def test_width(tap):
    for columns in (80, 100):
        for kind in ("shm", "sem", "msg"):
            # Ids and owners of ten digits, beside two times, are one column too much.
            filters = ["--filter", "user~."] if kind == "sem" else []
            tap.say(f"list {kind} fits {columns} columns",
                    check_width(["list", kind, *filters], columns))
        tap.say(f"limits fits {columns} columns", check_width(["limits"], columns))
        tap.say(f"status fits {columns} columns", check_width(["status"], columns))
        tap.say(f"show fits {columns} columns",
                check_width(["show", "shm:" + id_of("shm_keyed"), "sem:" + id_of("sem_keyed"),
                             "msg:" + id_of("msg_keyed")], columns))
    refs = {line.split()[0] for line in run(["list", "-n"]).stdout.decode().splitlines()}
    narrow = {line.split()[0] for line in lines_of(on_terminal(["list", "-n"], 60))}
    tap.say("a narrow terminal costs no REF", [] if refs <= narrow else [[str(refs - narrow)]])


def test_help(tap):
    """Help is text for a terminal, whoever reads it."""
    commands = re.findall(r"^  ([a-z]+)", run(["help"]).stdout.decode(), re.MULTILINE)
    wide = [line for command in commands
            for line in run(["help", command]).stdout.decode().splitlines() if len(line) > 80]
    tap.say("each help fits 80 columns", [] if len(commands) > 20 and not wide else [wide])


def test_widest_first(tap):
    """Of columns that can be cut, those are that have room: not a user's name before long lists."""
    code = "import ctypes, os, sys; ctypes.CDLL(None).prctl(15, b'fifteen-letters'); " \
           "print(flush=True); sys.stdin.read()"
    children = [subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE) for _ in range(2)]
    for child in children:
        child.stdout.readline()
    text = COLOR.sub("", on_terminal(["ps"], 72))
    tap.say("a command is cut before a user", [] if re.search(r" fif\S*… +root ", text)
            else [[text]])
    tap.say("ps fits 72 columns", check_width(["ps"], 72))
    for child in children:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def test_wrapped(tap):
    """A long text after the change costs the short one before it no character."""
    words = ["diff", *(str(SAVED / name) for name in ("before.json", "after.json"))]
    for columns in (80, 100):
        tap.say(f"diff fits {columns} columns", check_width(words, columns))
    narrow = lines_of(on_terminal([*words, "--filter", "ref=shm:2"], 58))
    whole = [line for line in narrow if re.search(r" \d\d:\d\d:\d\d +\d\d:\d\d:\d\d ", line)]
    tap.say("no time is broken for the sake of a name", [] if whole else [narrow])


def test_plain(tap):
    """Into a pipe, a table is laid out by ourselves; on a terminal with room for it, by a library."""
    for look in LOOKS:
        if "--json" in look or look.startswith("status"):
            continue
        words = look_words(look)
        wide = on_terminal(words, 2000, {"NO_COLOR": "1"})
        plain = run(words)
        tap.say(f"the same in a pipe as on a wide terminal: {look}", [
            line.split("\n") for line in difflib.unified_diff(
                without_lookers(wide), without_lookers((plain.stdout + plain.stderr).decode()),
                "terminal", "pipe", n=0, lineterm="")])


def test_findings(tap):
    """Sentences go on in a further line, set in; what is to be copied stays one."""
    words = ["check", "--older-than", "0"]

    def shown(columns):
        text = COLOR.sub("", on_terminal(words, columns))
        return re.sub(r"\d+ seconds? ago", "AGE ago", text)

    plain = re.sub(r"\d+ seconds? ago", "AGE ago", run(words).stdout.decode())
    wide = shown(2000)
    tap.say("findings are the same in a pipe as on a wide terminal", [] if wide.startswith(plain)
            else [[plain], [wide]])
    tap.say("some are longer than 80 columns",
            [] if max(map(len, plain.splitlines())) > 80 else [[plain]])
    for columns in (80, 50):
        lines = shown(columns).splitlines()
        tap.say(f"findings fit {columns} columns", [
            [f"{len(line)} columns: {line!r}"] for line in lines
            if len(line) > columns and not re.match("  to do: (ipclens|sysctl) |ipclens: ", line)])
        # A line that goes on is set in by four.
        joined = re.sub("\n {4}", " ", "\n".join(lines))
        tap.say(f"no word of them is lost in {columns} columns", [] if joined.startswith(
            plain.rstrip("\n")) else [[plain], [joined]])
    tap.say("without a width there is no limit",
            [] if shown(0) == wide else [["it was wrapped"]])


def without_lookers(text):
    """Lines without those about who looks."""
    return [re.sub(r" *\b\d+(\.\d)?s\b", " AGE", line) for line in text.splitlines()
            if line.split()[1:2] not in (["python3"], ["ipclens"])]


def test_locale(tap):
    """A letter that is not ASCII, in the name of a command, where the locale has no such letters:
    the library that lays out tables would never come to an end."""
    script = "printf 'sl\\303\\251' >/proc/self/comm; printf '%d\\n' $$; read -r line"
    with subprocess.Popen(["bash", "-c", script], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as named:
        named.stdout.readline()
        # The shell's children write comm of their own: it is a builtin that is redirected.
        for locale, shown in (("C", b"sl\\xc3\\xa9 "), ("C.UTF-8", "sl\u00e9 ".encode())):
            output = subprocess.run([IPCLENS, "list", "pipe"], env=dict(ENVIRONMENT, LC_ALL=locale),
                                    capture_output=True, check=False, timeout=60).stdout
            tap.say(f"a name that is not ASCII, in the locale {locale}",
                    [] if shown in output else [[repr(output)]])
        named.stdin.close()


def test_names(tap):
    reason = why_no_other_user()
    if reason:
        tap.skip("owners of many names", reason)
        return
    numbers = on_terminal(["list", "-o", "user"], 8)
    tap.say("no digit is cut of an owner without a name",
            [] if numbers.count("3999999999") == 3 else [[numbers]])
    usual = on_terminal(["list", "msg"], 72)
    tap.say("beside it, names are", [] if LONG_NAME[:5] in usual and LONG_NAME not in usual and
            "3999999999" in usual else [[usual]])
    tap.say("and it shows that they are", [] if re.search(LONG_NAME[:3] + "[a-z-]*… ", usual)
            else [[usual]])
    ascii_only = on_terminal(["list", "msg"], 72, {"LC_ALL": "C"})
    tap.say("also where there is no such character",
            [] if re.search(LONG_NAME[:3] + r"[a-z-]*\+ ", ascii_only) else [[ascii_only]])
    wide = on_terminal(["list"], 200)
    tap.say("a wide one shows the whole names", [] if LONG_NAME in wide else [[wide]])
    piped = run(["list"], environment=dict(ENVIRONMENT, COLUMNS="40")).stdout.decode()
    tap.say("so does a pipe, whatever COLUMNS says", [] if LONG_NAME in piped else [[piped]])


def test_hostile(tap):
    """Laying out ends, at every width, and control characters stay out."""
    problems = []
    for columns in (0, 1, 2, 7, 20, *range(30, 120, 8)):
        text = COLOR.sub("", on_terminal(["list", "shm", "--root", str(HOSTILE)], columns))
        if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text) or "shm:8" not in text:
            problems.append([f"{columns} columns:", repr(text)[:2000]])
    tap.say("names that others chose", problems)


def test_color(tap):
    words = ["list", "shm"]

    def check(name, text, is_wanted):
        tap.say(name, [] if bool(COLOR.search(text)) == is_wanted else [[repr(text)[:500]]])

    check("colour on a terminal", on_terminal(words), True)
    check("not where NO_COLOR is set", on_terminal(words, environment={"NO_COLOR": "1"}), False)
    check("but where NO_COLOR is empty", on_terminal(words, environment={"NO_COLOR": ""}), True)
    check("not with --color=never", on_terminal([*words, "--color=never"]), False)
    check("not in a pipe", run(words).stdout.decode(), False)
    check("but with --color=always", run([*words, "--color=always"]).stdout.decode(), True)
    check("--color=always is stronger than NO_COLOR",
          on_terminal([*words, "--color=always"], environment={"NO_COLOR": "1"}), True)
    check("what is as it should be has none", on_terminal(["namespaces", "-n"]), False)
    check("never in JSON", on_terminal([*words, "--json", "--color=always"]), False)
    plain = run(words).stdout.decode()
    colored = on_terminal(words, 200)
    tap.say("without its colour, it is what a pipe gets",
            [] if COLOR.sub("", colored) == plain else [[plain], [colored]])


def main():
    enter("compat")
    tap = Tap()
    test_width(tap)
    test_help(tap)
    test_widest_first(tap)
    test_wrapped(tap)
    test_plain(tap)
    test_findings(tap)
    test_locale(tap)
    test_names(tap)
    test_hostile(tap)
    test_color(tap)
    tap.finish()


main()
