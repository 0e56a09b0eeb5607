# SPDX-License-Identifier: GPL-2.0-or-later
"""ipcmk: the same output, and the same objects but for their keys, as with util-linux.

Each command is run twice, each time in an empty namespace.
"""

import compat

SIZES = [
    "1", "4096", "0", "-1", "''", "x", "1x", "' 7'", "+7", "0x10", "010", "08", "1K", "1k", "1KiB",
    "1Kib", "1KB", "1kb", "1Ki", "1B", "1iB", "2M", "2m", "2MB", "1g", "1T", "1.5K", "0.5M",
    "2.25MiB", "2.25MB", "0.3K", "1.05K", "1.10K", "1.001M", "1.999K", "0.007M", ".5K", "1.K",
    "1.", "1.5", "1..5K", "1.5.5K", "1,5K", "1.xK", "16E", "15E", "1Z", "1Y", "1e3",
    "18446744073709551615", "18446744073709551616", "99999999999999999999K",
]
ARRAYS = ["1", "7", "32000", "0", "-1", "x", "''", "1x", "+3", "' 3'", "03", "0x3", "32001",
          "2147483647", "2147483648", "4294967297"]
MODES = ["0", "600", "0600", "0777", "777", "8", "x", "''", "7x", "' 600'", "+600", "02644",
         "1644", "17777777777"]
OTHERS = [
    "", "-Q", "--queue", "-QQ", "-M 10 -Q -S 3", "-S 3 -M 10 -Q -p 640", "-p 600", "-M 10 -M 20",
    "-M x -Q", "-Q -M x", "-M 10 -S -1", "-M 10 -S x", "-S 0 -Q", "-M", "-S", "-Q x", "x", "-x",
    "-Q -x", "-h", "-V", "-Q -h", "-h -x", "--shmem=10", "--shmem 10", "--sh 10", "--s 10",
    "--semaphore=4", "--sem 4", "--mode=600 --queue", "--mode 600 -S2", "-QS2", "-QM10p0", "--",
]
OWN_WORDS = ("-h", "-V")


def all_arguments():
    return ([f"-M {size}" for size in SIZES] + [f"-S {number}" for number in ARRAYS] +
            [f"-M 10 -Q -S 2 -p {mode}" for mode in MODES] + OTHERS)


def compare(arguments, program=compat.IPCLENS + " ipcmk"):
    # The keys are made up at random.
    tail = compat.judge("ipcs") + " | sed 's/^0x[0-9a-f]*/KEY/'"
    results = [compat.run_changing(p, arguments, tail=tail)
               for p in (compat.judge("ipcmk"), program)]
    if any(word in arguments for word in OWN_WORDS):
        for result in results:
            result.stdout = result.stdout[result.stdout.index("status "):]
    lines = compat.differences(*results)
    return [f"ipcmk {arguments}", *lines] if lines else None


def main():
    compat.enter("empty", "ipcmk", "ipcs")
    tap = compat.Tap()
    problems = compat.in_parallel(compare, all_arguments())
    tap.say("sizes, numbers, modes, and wrong usage", [p for p in problems if p])
    with compat.link_named("ipcmk") as link:
        problems = [compare(arguments, link)
                    for arguments in ("", "-M 10 -Q -S 2 -p 640", "-x", "-h", "-V")]
    tap.say("called by its name", [p for p in problems if p])
    tap.finish()


main()
