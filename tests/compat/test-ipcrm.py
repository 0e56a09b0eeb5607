# SPDX-License-Identifier: GPL-2.0-or-later
"""ipcrm: the same output, and the same objects are left, as with util-linux.

Each command is run twice, in two namespaces with the same scene.
"""

import compat

KINDS = [("shm", "m", "shmem"), ("msg", "q", "queue"), ("sem", "s", "semaphore")]
OF_EACH_KIND = [
    "-{i} $CAST_{kind}_keyed", "-v -{i} $CAST_{kind}_negative", "-{i} $CAST_{kind}_keyed -v",
    "-{i} $CAST_{kind}_large_id -{i} $CAST_{kind}_private", "-{i} 99999", "-v -{i} 99999",
    "-{i} 1 -{i} 1", "-{i} 99999 -{i} $CAST_{kind}_keyed", "-{i} ' 1'", "-{i} +1", "-{i} 01",
    "-{i} ''", "-{i} x -{i} 1", "-{i} 1x", "-{i} 0x1", "-{i} -1", "-v -{i} -1 -{i} 1",
    "-{i} 2147483648", "-{i} 4294967296", "-{i}", "-{i} 1 -h", "-{i} 99999 -h",
    "-{k} 0x4d2", "-v -{k} 0x4d2", "-{k} 1234", "-{k} 02322", "-{k} -94481758",
    "-{k} 0xfa5e52a2", "-{k} 4200485538", "-{k} 0x999", "-v -{k} 0x999", "-{k} 0 -{k} 0x4d2",
    "-{k} 0x0", "-{k} ''", "-{k} x -{k} 0x4d2", "-{k} 0x", "-{k} 4d2", "-{k} ' 0x4d2'",
    "-{k} '0x4d2 '", "-{k} +0x4d2", "-{k} 0x4d2 -{k} 0x4d2", "-{k} 0x10 -{i} $CAST_{kind}_long",
    "-a{kind}", "--all={kind}", "-v -a{kind}", "-a{kind} -v", "-a{kind} -{i} 1", "-a {kind}",
    "--{word}-id=1", "--{word}-id 1 --verbose", "--{word}-key=0x4d2", "--{word}-k 0x4d2",
    "--{word}",
    "{kind}", "{kind} 1", "{kind} $CAST_{kind}_keyed $CAST_{kind}_large_id", "{kind} 99999",
    "{kind} 99999 1", "{kind} x 1", "{kind} 1 x", "{kind} 1 1", "{kind} ' 1' +0", "{kind} 0x1",
    "{kind} -1", "{kind} 2147483648", "{kind} 4294967295", "{kind} 99999999999999999999",
    "{kind} -v 1", "{kind} -h",
]
OTHERS = [
    "", "-v", "-a", "-av", "-v -a", "--all", "--all=x", "-ax", "-a x", "-ashm -amsg", "-ashm -a",
    "-a --all=sem", "-a -x", "-x", "-x -a", "x", "x 1", "1", "-- shm 1", "-m 1 x",
    "-m 1 -q 1 -s 1", "-v -m 1 -Q 0x4d2 -S 0x10 -M 0x999 -q 99999", "-M 0x4d2 -q x -s 1",
    "-h", "-V", "-hx", "-h -a", "--verb", "--ver", "--sh 1", "--s 1", "--queue-i 1", "--all=shm x",
    "shm", "SHM 1", "shm,msg 1",
]
# Help and version are words of our own.
OWN_WORDS = ("-h", "-V")


def all_arguments():
    of_each_kind = [pattern.format(kind=kind, i=letter, k=letter.upper(), word=word)
                    for pattern in OF_EACH_KIND for kind, letter, word in KINDS]
    return of_each_kind + OTHERS


def without_own_words(stdout, arguments):
    if not any(word in arguments for word in OWN_WORDS):
        return stdout
    before, status, after = stdout.partition("status ")
    return ("some words\n" if before else "") + status + after


def compare(arguments, program=compat.IPCLENS + " ipcrm", user=None):
    results = [compat.run_changing(p, arguments, "compat", user)
               for p in (compat.judge("ipcrm"), program)]
    for result in results:
        result.stdout = without_own_words(result.stdout, arguments)
    lines = compat.differences(*results)
    return [f"ipcrm {arguments}", *lines] if lines else None


def compare_all(list_of_arguments, **how):
    return [p for p in compat.in_parallel(lambda a: compare(a, **how), list_of_arguments) if p]


def main():
    compat.enter("empty", "ipcrm", "ipcs")
    tap = compat.Tap()
    tap.say("ids, keys, everything, and wrong usage", compare_all(all_arguments()))
    with compat.link_named("ipcrm") as link:
        tap.say("called by its name", compare_all(
            ["", "-v -m 1", "-Q 0x4d2", "sem 1", "-a", "-x", "-h", "-V"], program=link))
    name = "as another user, what it may and may not remove"
    if compat.why_no_other_user():
        tap.skip(name, compat.why_no_other_user())
    else:
        with compat.accessible_copy() as program:
            arguments = [a for a in all_arguments() if "large" not in a]
            tap.say(name, compare_all(arguments[::3] + ["-a", "-v -a", "-v -m 13 -m 14 -m 1"],
                                      program=program + " ipcrm", user=compat.OTHER_USER))
    tap.finish()


main()
