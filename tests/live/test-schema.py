#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What --json prints is valid by docs/ipclens-1.schema.json, and the same elements everywhere."""

import copy
import difflib
import json
import sys

from live import (LOOKS, NOBODY, SOURCE, Tap, accessible_copy, enter, look_words, run,
                  why_no_other_user)

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP Python has no module jsonschema")
    sys.exit(0)

SCHEMA = SOURCE / "docs" / "ipclens-1.schema.json"
SYSV = ("shm", "sem", "msg")
JSON_LOOKS = [look for look in LOOKS if "--json" in look] + [
    "save -", "explain --json", "explain ncount size --json"]


def close(schema):
    """The same schema, in which no member is unknown: for what this version itself prints."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: close(part) for name, part in schema.items()}
    if schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def errors(validator, document):
    return [[f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:400]]
            for error in validator.iter_errors(document)]


def answer(look, **options):
    return json.loads(run(look_words(look), **options).stdout)


def test_valid(tap, validator):
    for look in JSON_LOOKS:
        tap.say(f"{look}: valid, with no unknown member", errors(validator, answer(look)))
    reason = why_no_other_user()
    with accessible_copy() as program:
        for look in JSON_LOOKS:
            name = f"{look}: valid as an ordinary user"
            if reason:
                tap.skip(name, reason)
            else:
                tap.say(name, errors(validator, answer(look, program=program, user=NOBODY)))


def test_invalid(tap, validator):
    """The schema can say no."""
    document = answer("save -")
    edits = {
        "another schema": lambda other: other.update(schema="ipclens/2"),
        "no schema": lambda other: other.pop("schema"),
        "an unknown command": lambda other: other.update(command="nosuch"),
        "a time that is a number": lambda other: other.update(taken_at=1),
        "objects that are no list": lambda other: other.update(objects={}),
        "an object of no kind": lambda other: other["objects"][0].update(kind="later"),
        "a size that is a string": lambda other: other["objects"][0].update(size="4096"),
        "a size beyond 64 bits": lambda other: other["objects"][0].update(size=2**64),
        "a key in another shape": lambda other: other["objects"][0].update(key="1234"),
        "a mode in another shape": lambda other: other["objects"][0].update(mode=420),
        "an unknown status": lambda other: other["objects"][0].update(status=["later"]),
        "a list that is null": lambda other: other.update(issues=None),
        "an issue without a code": lambda other: other["issues"].append({"reason": "x"}),
        "a term without its explanation": lambda other: other.update(
            terms=[{"name": "x", "what": None, "source": None}]),
        "an unknown reason": lambda other: other["sight"].update(reasons=["later"]),
    }
    for name, edit in edits.items():
        other = copy.deepcopy(document)
        edit(other)
        tap.say(f"{name}: invalid", [] if errors(validator, other) else [["it is valid"]])


def same(name, theirs, ours):
    if theirs == ours:
        return []
    return [[name, *difflib.unified_diff(*(json.dumps(one, indent=1).splitlines()
                                           for one in (theirs, ours)),
                                         "saved", "printed", n=3, lineterm="")]]


def without_waiting(objects):
    return [{**thing, "waiting": None} for thing in objects]


def forget_backend(document):
    """bpf is used where it is needed."""
    document["sight"].update(backend=None, backend_reason=None)


def test_same_elements(tap):
    saved = answer("save -")
    forget_backend(saved)
    # Who waits for memory is looked for only when asked, and pipes of who looks are others each time.
    for thing in saved["objects"]:
        thing["waiting"] = None
    by_ref = {thing["ref"]: thing for thing in saved["objects"]}
    # So are processes.
    for command in ("list --json", "list --json -o ref,processes"):
        listed = answer(command)["objects"]
        wanted = [{**thing, "processes": None} if "processes" in thing and "-o" not in command
                  else thing for thing in saved["objects"] if thing["kind"] in SYSV]
        tap.say(f"{command} has the objects of the snapshot", same("objects", wanted, without_waiting(listed)))
    shown = answer("show shm:{shm} sem:{sem} msg:{msg} --json")
    tap.say("show --json has the objects of the snapshot",
            same("objects", [by_ref[thing["ref"]] for thing in shown["objects"]],
                 without_waiting(shown["objects"])))
    who = answer("who shm:{shm} sem:{sem} msg:{msg} --json")
    refs = {thing["ref"] for thing in who["objects"]}
    tap.say("who --json has the objects of the snapshot",
            same("objects", [by_ref[thing["ref"]] for thing in who["objects"]],
                 without_waiting(who["objects"])))
    for member in ("links", "accounting"):
        tap.say(f"who --json has the {member} of the snapshot",
                same(member, [one for one in saved[member] if one["object"] in refs], who[member]))
    for look in ("limits --json", "status --json", "show shm:{shm} sem:{sem} msg:{msg} --json"):
        tap.say(f"{look} has the limits of the snapshot",
                same("limits", [one for one in saved["limits"]
                                if "show" not in look or one["kind"] in SYSV],
                     answer(look)["limits"]))
    for look in JSON_LOOKS:
        document = answer(look)
        forget_backend(document)
        problems = []
        for member in ("schema", "host", "sight"):
            problems += same(member, saved[member], document[member])
        tap.say(f"{look} has the host and the sight of the snapshot", problems)


def main():
    enter("compat")
    tap = Tap()
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    tap.say("the schema is one", [])
    test_valid(tap, jsonschema.Draft202012Validator(close(schema)))
    test_invalid(tap, jsonschema.Draft202012Validator(schema))
    test_same_elements(tap)
    tap.finish()


main()
