/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users from two ways of finding them: the same links, or at least the same names. */
#ifndef SAME_USERS_H
#define SAME_USERS_H

#include "unit.h"

#include "model/snapshot.h"

static void assert_same_links(const struct snapshot *a, const struct snapshot *b)
{
	assert_int_equal(a->links.count, b->links.count);
	assert_int_equal(a->processes.count, b->processes.count);
	for (size_t i = 0; i < a->links.count; i++) {
		const struct link *one = &a->links.items[i], *other = &b->links.items[i];

		assert_true(one->record.present == other->record.present);
		assert_int_equal(one->object, other->object);
		assert_int_equal(one->pid, other->pid);
		assert_int_equal(one->how, other->how);
		assert_int_equal(one->state, other->state);
		assert_int_equal(one->access, other->access);
		assert_true(one->address == other->address && one->length == other->length);
		assert_int_equal(one->shared_by.count, other->shared_by.count);
		for (size_t j = 0; j < one->shared_by.count; j++)
			assert_int_equal(((int64_t *)one->shared_by.items)[j],
					 ((int64_t *)other->shared_by.items)[j]);
	}
	for (size_t i = 0; i < a->processes.count; i++) {
		assert_int_equal(a->processes.items[i].pid, b->processes.items[i].pid);
		assert_true(a->processes.items[i].start_ticks == b->processes.items[i].start_ticks);
	}
}

/* Where only names are asked for, all else is the same. */
static void assert_same_names(const struct snapshot *names, const struct snapshot *all)
{
	assert_int_equal(names->accountings.count, all->accountings.count);
	for (size_t i = 0; i < all->accountings.count; i++) {
		const struct record_list *a = &names->objects.items[i].processes;
		const struct record_list *b = &all->objects.items[i].processes;

		assert_int_equal(names->accountings.items[i].found,
				 all->accountings.items[i].found);
		assert_int_equal(names->accountings.items[i].doubts,
				 all->accountings.items[i].doubts);
		assert_int_equal(a->count, b->count);
		assert_true(!a->count ||
			    memcmp(a->items, b->items, a->count * sizeof(int64_t)) == 0);
	}
	vector_for_each (&names->processes, process) {
		const struct process *same = snapshot_process(all, process->pid);

		assert_non_null(same);
		assert_true(text_equals(process->command, same->command));
		assert_false(record_has(&process->record, PROCESS_START_TICKS));
		assert_false(record_has(&process->record, PROCESS_STARTED_AT));
	}
}

#endif
