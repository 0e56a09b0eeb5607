/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_LEAK_TEXT_H
#define IPCLENS_CLI_LEAK_TEXT_H

#include "model/leak.h"
#include "render/style.h"

/* Adds the leak for a person: what it is, its course, the facts, the limit that it runs into. */
void leak_add_text(struct buffer *output, const struct leak *leak, const struct style *style);

#endif
