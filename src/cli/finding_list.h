/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_FINDING_LIST_H
#define IPCLENS_CLI_FINDING_LIST_H

#include "model/finding.h"
#include "render/style.h"

/* Prints each finding with its evidence and what to do, and an empty line behind it. 0 or -errno.
 */
int finding_list_print(const struct findings *findings, const struct style *style);

#endif
