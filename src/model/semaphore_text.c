/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/semaphore_text.h"

#include <errno.h>

#include "base/parse_number.h"

static struct text from(struct text text, size_t start)
{
	return (struct text){text.bytes + start, text.length - start};
}

static size_t count_until(struct text text, const char *bytes)
{
	size_t length = 0;

	while (length < text.length && !strchr(bytes, text.bytes[length]))
		length++;
	return length;
}

static int add_value(struct text text, struct semaphore_values *values,
		     struct ipclens_error *ret_error)
{
	unsigned short *place;
	uint64_t value;

	if (parse_unsigned(text, 10, SEMAPHORE_VALUE_MAX, &value) < 0)
		return error_set(ret_error, -EINVAL,
				 "values are numbers from 0 to %d with commas between them",
				 SEMAPHORE_VALUE_MAX);
	if (values->items.count > SEMAPHORE_NUM_MAX)
		return error_set(ret_error, -EINVAL, "an array has at most %d semaphores",
				 SEMAPHORE_NUM_MAX + 1);
	place = vector_add(&values->items);
	if (!place)
		return error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
	*place = (unsigned short)value;
	return 0;
}

int semaphore_parse_values(struct text text, struct semaphore_values *values,
			   struct ipclens_error *ret_error)
{
	for (;;) {
		size_t length = count_until(text, ",");
		int r = add_value((struct text){text.bytes, length}, values, ret_error);

		if (r < 0 || length == text.length)
			return r;
		text = from(text, length + 1);
	}
}

static int refuse_step(struct ipclens_error *ret_error)
{
	return error_set(ret_error, -EINVAL,
			 "an operation is NUM+N, NUM-N (N from 1 to %d) or NUM=0, as 0-1",
			 SEMAPHORE_VALUE_MAX);
}

int semaphore_parse_step(struct text text, struct semaphore_step *ret_step,
			 struct ipclens_error *ret_error)
{
	size_t length = count_until(text, "+-=");
	uint64_t num, amount;
	char sign;

	if (length == text.length)
		return refuse_step(ret_error);
	sign = text.bytes[length];
	if (parse_unsigned((struct text){text.bytes, length}, 10, SEMAPHORE_NUM_MAX, &num) < 0 ||
	    parse_unsigned(from(text, length + 1), 10, SEMAPHORE_VALUE_MAX, &amount) < 0 ||
	    (sign == '=') != !amount)
		return refuse_step(ret_error);
	ret_step->num = (unsigned short)num;
	ret_step->amount = (short)(sign == '-' ? -(int)amount : (int)amount);
	return 0;
}
