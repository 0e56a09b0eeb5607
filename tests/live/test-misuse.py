#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What does not exist, outputs that take nothing more, and the help of every command.

Misuse that needs no machine is in tests/golden/words.
"""

import json
import os
import re
import signal
import subprocess
import tempfile

from live import (ENVIRONMENT, IPCLENS, LOOKS, LOOKS_INTO_PROCESSES, NOBODY, SOURCE, Tap,
                  accessible_copy, enter, expect, id_of, look_words, problem, run,
                  why_no_other_user)

# Every command that prints; the drop-ins, too.
PRINTING = [*LOOKS, "help", "version", "--help", "help list", "list --help", "explain",
            "explain ncount", "save -", "ipcs", "ipcs -l", "ipcs -u", "ipcs -m -p",
            "ipcs --help", "ipcrm --help", "ipcmk --help", "__manual", "__completion", "__schema"]
FULL = b"No space left on device"


def commands():
    """The names of all commands, from the help."""
    text = run(["help"]).stdout.decode()
    return re.findall(r"^  ([a-z]+)[ \n]", text, re.MULTILINE)


def test_help(tap):
    names = commands()
    tap.say("the help names commands", [] if {"list", "show", "save", "ipcs"} <= set(names)
            else [names])
    overview = run(["help"]).stdout.decode()
    for name in names:
        problems = expect(["help", name], 0, stdout=rb"Usage: ipclens " + name.encode() + rb".+")
        described = re.search(rf"^  {name}\b[^\n]*  (\S[^\n]*)$", overview, re.MULTILINE)
        if not described:
            problems.append([f"{name} is not described in the overview"])
        tap.say(f"help {name}", problems)


def test_not_found(tap):
    nowhere = rb': not found; "ipclens list" shows what there is\n'
    for ref in ("shm:2000000", "0x7eadbeef", "sem:0x7eadbeef", "2000000"):
        tap.say(f"show {ref}: not found",
                expect(["show", ref], 1, rb"ipclens: " + ref.encode() + nowhere, b""))
    number = id_of("msg_full")
    tap.say("an id of another kind is named",
            expect(["show", "shm:7"], 1, rb"ipclens: shm:7: not found; there is msg:7 with key .*\n",
                   b""))
    tap.say("a key that was given as a number is named",
            expect(["show", str(0x78)], 1,
                   rb"ipclens: 120: not found; there is msg:%s with key 0x00000078\n"
                   % number.encode(), b""))
    tap.say("what is found is shown beside",
            expect(["show", "shm:2000000", "msg:" + number], 1, rb"ipclens: shm:2000000" + nowhere,
                   rb"msg:" + number.encode() + rb"  message queue\n.*"))
    matches = rb"shm:%s, sem:%s, msg:%s" % tuple(
        id_of(name).encode() for name in ("shm_keyed", "sem_keyed", "msg_keyed"))
    for ref in ("0x4d2", "0x000004D2"):
        tap.say(f"show {ref}: all that match are listed",
                expect(["show", ref], 1, rb"ipclens: .*more than one object.*: " + matches + rb"\n",
                       b""))


def test_owners(tap):
    """A name that no user has is a slip; a number need not have a name."""
    for words in (["list"], ["list", "--json"], ["clean"]):
        tap.say(f"{' '.join(words)}: an owner whom there is not", expect(
            [*words, "--owner", "no\x1buser"], 2,
            rb"ipclens: --owner no\\x1buser: there is no such user; [^\n]*\n", b""))
        tap.say(f"{' '.join(words)}: one who has nothing", expect(
            [*words, "--owner", "4000000000"], 0, rb".*"))
    saved = run(["save", "-"]).stdout
    tap.say("whose names a file does not have is not known", expect(
        ["list", "shm", "--owner", "nosuch", "--from", "-"], 0, rb"",
        rb"no matching shared memory segments\n", stdin=saved))


def test_explain_json(tap):
    terms = json.loads(run(["explain", "--json"]).stdout)["terms"]
    listed = re.findall(rb"^\S+", run(["explain"]).stdout, re.MULTILINE)
    tap.say("explain --json has the terms that explain lists", [] if
            [term["name"].encode() for term in terms] == listed else [[repr(terms)[:400]]])
    result = run(["explain", "NCOUNT", "nosuch", "dest", "--json"])
    terms = json.loads(result.stdout)["terms"]
    is_right = (result.status == 1 and b"nosuch: nothing is known of it" in result.stderr and
                [term["name"] for term in terms] == ["ncount", "dest"] and
                terms[0]["source"] == "semctl: GETNCNT" and
                terms[0]["explanation"] in " ".join(
                    run(["explain", "ncount"]).stdout.decode().split()) and
                terms[1]["what"] is None)
    tap.say("explain --json of single terms", [] if is_right else [problem("explain", result)])


def test_headings(tap):
    """Each heading of a table has its explanation, however its words are joined."""
    with tempfile.NamedTemporaryFile() as saved:
        saved.write(run(["save", "-"]).stdout)
        saved.flush()
        ref = run(["make", "msg"]).stdout.decode().strip()
        run(["send", ref, "hello"])
        looks = [look_words(look) for look in (*LOOKS, *LOOKS_INTO_PROCESSES) if "json" not in look]
        screens = "".join(run(words).stdout.decode() for words in (
            *looks, ["list", "-o", "all"], ["diff", saved.name], ["peek", ref], ["namespaces"]))
        run(["remove", ref])
    lines = re.findall(r"^ *[A-Z%-]+(?: +[A-Z%-]+)+ *$", screens, re.MULTILINE)
    words = set(" ".join(lines).replace("KEPT BY", "KEPT-BY").split())
    tap.say("there are headings", [] if {"NCOUNT", "FULLEST", "RATE", "HEX", "MEANING",
                                         "KEPT-BY"} <= words else [[repr(sorted(words))]])
    for word in sorted(words | {"used-percent", "near_limit", "kept by"}):
        other = word.replace("-", " ") if "-" in word else word.lower().replace("_", "-")
        tap.say(f"explain {word}", expect(["explain", word], 0, b"", rb".+\n  .+"))
        tap.say(f"explain {other}: the same", [] if run(["explain", word]) == run(
            ["explain", other.swapcase()]) else [[other]])


def test_words_on_screens(tap):
    """Whatever a table or a complaint shows as a word has its explanation."""
    definitions = json.loads((SOURCE / "docs" / "ipclens-1.schema.json").read_text())["$defs"]

    def words_of(record, field):
        schema = definitions[record]["properties"][field]
        return schema.get("enum") or schema["items"]["enum"]

    words = {"USE%", "HELD-BY", "unlimited"}
    for record, field in (("links", "how"), ("links", "state"), ("findings", "severity"),
                          ("findings", "certainty"), ("findings", "code"), ("issues", "code"),
                          ("sight", "reasons"), ("objects-shm", "status")):
        words |= set(words_of(record, field))
    for word in sorted(words - {None, "none"}):
        tap.say(f"explain {word}", expect(["explain", word], 0, b"", rb".+\n  .+"))


def test_plain_terminal(tap):
    """In a locale without UTF-8, our own words have no escapes in them."""
    environment = dict(ENVIRONMENT, LC_ALL="C")
    for words, meant in ((["show"], rb"REF\.\.\."), (["semop", "sem:0"], rb"REF NUM\+-N\.\.\."),
                         (["graph", "shm:0", "--depth", "x"], rb"x: --depth takes [^\\]*")):
        tap.say(f"in the C locale: {' '.join(words)}",
                expect(words, 2, rb"ipclens: [^\n\\]*%s[^\n\\]*\n" % meant, b"",
                       environment=environment))


def test_full(tap):
    for command in PRINTING:
        with open("/dev/full", "wb") as full:
            result = run(look_words(command), stdout=full)
        is_right = result.status == 1 and result.stderr.count(FULL) == 1
        tap.say(f"a full disk is a failure: {command}",
                [] if is_right else [problem(command, result)])


def run_closed(words, **options):
    """With a pipe for standard output of which nobody holds the other end."""
    reader, writer = os.pipe()
    os.close(reader)
    result = run(words, stdout=writer, **options)
    os.close(writer)
    return result


def test_closed(tap):
    for command in PRINTING:
        result = run_closed(look_words(command))
        is_right = result.status == -signal.SIGPIPE and not result.stderr
        problems = [] if is_right else [problem("as usual", result)]
        # So it is below programs that ignore the signal; there, ipcs and its kin end with 0.
        result = run_closed(look_words(command), restore_signals=False)
        if result.status != (not command.startswith("ipc")) or result.stderr:
            problems.append(problem("with the signal ignored", result))
        tap.say(f"a closed pipe ends it silently: {command}", problems)
    with subprocess.Popen([IPCLENS, "list", "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=ENVIRONMENT) as child:
        first = child.stdout.read(1)
        child.stdout.close()
        said = child.stderr.read()
    tap.say("| head -c1", [] if first == b"{" and not said else [[repr(first), repr(said)]])


def test_no_output(tap):
    """Without standard descriptors, nothing is written to where it does not belong."""
    for command in ("status", "list --json", "help", "explain ncount"):
        result = run(["-c", f'exec "$0" {command} >&-', IPCLENS], program="sh")
        is_right = result.status == 1 and b"Bad file descriptor" in result.stderr
        tap.say(f"a closed standard output is a failure: {command}",
                [] if is_right else [problem(command, result)])
    with tempfile.TemporaryDirectory() as folder, accessible_copy() as program:
        os.chmod(folder, 0o777)
        user = None if why_no_other_user() else NOBODY
        path = folder + "/saved"
        # As this user, there is something to complain of.
        result = run(["-c", f'exec "{program}" save "{path}" <&- >&- 2>&-'], program="sh",
                     user=user)
        loaded = run(["status", "--from", path])
        is_right = result.status == 0 and loaded.status == 0
        tap.say("save without any standard descriptor", [] if is_right else [
            problem("save", result), problem("load", loaded)])


def test_no_library(tap):
    """A file in front of the real library that is none."""
    name = "a missing libsmartcols is named, with what to do"
    colored = ["limits", "--color=always"]
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "libsmartcols.so.1"), "w", encoding="ascii").close()
        environment = dict(ENVIRONMENT, LD_LIBRARY_PATH=folder)
        tap.say(name, expect(colored, 1, rb"ipclens: libsmartcols\.so\.1, .*install.*--json\n",
                             b"", environment=environment))
        tap.say("a plain table does without it",
                expect(["limits"], 0, b"", rb"LIMIT .*", environment=environment))
        tap.say("JSON does without it", expect(["limits", "--json"], 0, b"", rb"{.*",
                                               environment=environment))


def main():
    enter("compat")
    tap = Tap()
    test_help(tap)
    test_no_library(tap)
    test_not_found(tap)
    test_owners(tap)
    test_explain_json(tap)
    test_headings(tap)
    test_words_on_screens(tap)
    test_plain_terminal(tap)
    test_full(tap)
    test_closed(tap)
    test_no_output(tap)
    tap.finish()


main()
