/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_DIFF_OUTPUT_H
#define IPCLENS_CLI_DIFF_OUTPUT_H

#include "query/diff.h"
#include "render/style.h"

/* A row for each change, below a line that sums them up. 0 or a negative errno. */
int diff_table_print(const struct diff *diff, const struct style *style);

/* The document; what was not seen is told of that scope. 0 or a negative errno. */
int diff_json_print(const struct diff *diff, const struct scope *scope);

#endif
