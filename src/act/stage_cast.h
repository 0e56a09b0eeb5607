/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IPCLENS_ACT_STAGE_CAST_H
#define IPCLENS_ACT_STAGE_CAST_H

/* The name of the FIFO that somebody opens, and nobody else does. */
#define STAGE_FIFO "/dev/shm/orders"

/*
 * Starts everybody, in namespaces of their own, and waits until they are in place. 0 or a negative
 * errno.
 */
int stage_cast_start(void);

#endif
