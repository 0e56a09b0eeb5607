/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <errno.h>

#include "model/semaphore_text.h"

static void check_step(struct text text)
{
	_cleanup_buffer_ struct buffer again = {0};
	struct ipclens_error error = {0};
	struct semaphore_step step, second;

	if (semaphore_parse_step(text, &step, &error) < 0) {
		REQUIRE(error.number == -EINVAL && error.text[0]);
		return;
	}
	if (step.amount)
		buffer_add_format(&again, "%u%+d", step.num, step.amount);
	else
		buffer_add_format(&again, "%u=0", step.num);
	REQUIRE(semaphore_parse_step(buffer_text(&again), &second, NULL) == 0);
	REQUIRE(step.num == second.num && step.amount == second.amount);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = fuzz_input(data, size);
	struct semaphore_values values = {0};
	int r = semaphore_parse_values(text, &values, NULL);

	check_step(text);
	REQUIRE(r == -EINVAL || (r == 0 && values.items.count));
	vector_for_each (&values.items, value)
		REQUIRE(*value <= SEMAPHORE_VALUE_MAX);
	vector_deinit(&values.items);
	return 0;
}
