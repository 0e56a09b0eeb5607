/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_OPTION_COMPLAINT_H
#define IPCLENS_CLI_OPTION_COMPLAINT_H

#include "cli/options.h"

/*
 * Says what is wrong with the option in front of argv[optind]. found is what getopt_long() made of
 * it, '?' or ':', allowed what there would have been, up to OPTION_NONE.
 */
void option_complain(int found, char **argv, const enum option_id *allowed);

#endif
