/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IPCLENS_RENDER_WAIT_WORDS_H
#define IPCLENS_RENDER_WAIT_WORDS_H

#include "model/wait.h"

/* What a wait is for, in a few words: "take 2", "receive type 5", "read", "lock at 0x40". */
void wait_add_wish(struct buffer *buffer, const struct wait *wait);

#endif
