/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a person writes of semaphores: values, and operations.
 */
#ifndef IPCLENS_MODEL_SEMAPHORE_TEXT_H
#define IPCLENS_MODEL_SEMAPHORE_TEXT_H

#include "base/error.h"
#include "base/vector.h"
#include "base/text.h"

/* SEMVMX, include/uapi/linux/sem.h: the greatest value, and so the greatest step. */
#define SEMAPHORE_VALUE_MAX 32767
/* An array cannot have more, whatever semmsl says: its numbers have 16 bits. */
#define SEMAPHORE_NUM_MAX 65535

struct semaphore_values {
	VECTOR(unsigned short) items;
};

/* Reads "1,0,3" and adds the values. 0, -EINVAL or -ENOMEM with ret_error set. */
int semaphore_parse_values(struct text text, struct semaphore_values *values,
			   struct ipclens_error *ret_error);

/* One operation of a semop(). */
struct semaphore_step {
	unsigned short num;
	short amount; /* 0: wait until the value is 0 */
};

/*
 * Reads "NUM+N", "NUM-N" or "NUM=0"; N is at least 1, for a step of 0 would wait. 0 or -EINVAL with
 * ret_error set.
 */
int semaphore_parse_step(struct text text, struct semaphore_step *ret_step,
			 struct ipclens_error *ret_error);

#endif
