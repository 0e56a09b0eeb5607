/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drop-ins: on the same objects each writes the same bytes to stdout and has the same exit
 * status as the program of that name in util-linux 2.38.1, in the C locale. Help, diagnostics and
 * what is on purpose different: docs/compatibility.md.
 *
 * argv[0], without its folder, is the name that diagnostics begin with. The return value is the
 * exit status. They use getopt_long() from its start, whatever the caller did with it before.
 */
#ifndef IPCLENS_COMPAT_COMPAT_H
#define IPCLENS_COMPAT_COMPAT_H

#include <getopt.h>

int compat_ipcs_main(int argc, char **argv);
int compat_ipcrm_main(int argc, char **argv);
int compat_ipcmk_main(int argc, char **argv);

/* What they take, for completion and manual; ends where there is no name. */
extern const struct option compat_ipcs_options[], compat_ipcrm_options[], compat_ipcmk_options[];

#endif
