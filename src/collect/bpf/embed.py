# SPDX-License-Identifier: LGPL-2.1-or-later
"""embed.py NAME INPUT OUTPUT: a C header with the bytes of a file as an array of that name."""

import pathlib
import sys

PER_LINE = 16


def lines_of(data):
    for at in range(0, len(data), PER_LINE):
        yield "\t" + ", ".join(str(byte) for byte in data[at:at + PER_LINE]) + ",\n"


def main():
    name, source, target = sys.argv[1:]
    data = pathlib.Path(source).read_bytes()
    with open(target, "w", encoding="ascii") as file:
        # Aligned as the headers of an ELF file want to be read.
        file.write(f"static const _Alignas(16) unsigned char {name}[] = {{\n")
        file.writelines(lines_of(data))
        file.write("};\n")


main()
