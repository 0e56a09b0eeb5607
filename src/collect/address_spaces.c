/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which processes share an address space, or their descriptors: kcmp(2) tells, and orders those
 * that do not, so that many are compared in n log n steps.
 */
#include "collect/users.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct comparison {
	const struct rooted *root;
	struct address_spaces *last;
	int type;	 /* what is compared: KCMP_VM, KCMP_FILES */
	bool has_failed; /* not permitted, not in this kernel, or a process has ended */
};

/*
 * Whether the task still has an address space: one that is ending has none any more, and kcmp()
 * compares that as if it were one. Where no pages of it are to be moved, and of none is asked where
 * it is, move_pages() tells just that (mm/migrate.c: find_mm_struct); it wants what kcmp() wants.
 * Not every kernel has it, and not every sandbox lets it through: the link to the task's program
 * goes together with the space, too, but takes three times as long.
 */
static bool has_space(const struct rooted *root, int64_t task)
{
	char path[64], target[2];
	int r;

	if (syscall(SYS_move_pages, (pid_t)task, 0L, NULL, NULL, NULL, 0) == 0)
		return true;
	if (errno == EINVAL || errno == ESRCH)
		return false;
	snprintf(path, sizeof(path), "proc/%lld/exe", (long long)task);
	r = rooted_readlink(root, path, target, sizeof(target));
	return r == 0 || r == -ENAMETOOLONG;
}

/* The order that the kernel gives address spaces: below 0, 0 for the same one, above 0. */
static int ask_for_order(int64_t task, int64_t other, struct comparison *comparison)
{
	long order = syscall(SYS_kcmp, (pid_t)task, (pid_t)other, comparison->type, 0L, 0L);

	if (!has_space(comparison->root, task) || !has_space(comparison->root, other))
		order = -1;
	switch (order) {
	case 0:
		return 0;
	case 1:
		return -1;
	case 2:
		return 1;
	default:
		comparison->has_failed = true;
		return -1;
	}
}

static int compare_spaces(int64_t a, int64_t b, struct comparison *comparison)
{
	struct address_spaces *last = comparison->last;
	int64_t task = a < b ? a : b, other = a < b ? b : a;
	int order = last->order;

	if (a == b)
		return 0;
	if (last->task != task || last->other != other) {
		order = ask_for_order(task, other, comparison);
		/* A failure is found again by the next who asks. */
		if (!comparison->has_failed)
			*last = (struct address_spaces){task, other, order};
	}
	return a < b ? order : -order;
}

/* By address space, and within one by PID. */
static int compare_mappings(const void *first, const void *second, void *context)
{
	const struct seen_use *a = first, *b = second;
	int order = compare_spaces(a->task, b->task, context);

	return order ? order : a->pid < b->pid ? -1 : a->pid > b->pid;
}

/* Mappings at the same address: forked processes have them, too, each in a space of its own. */
static void compare_same_place(struct seen_use *mappings, size_t count,
			       struct comparison *comparison)
{
	size_t first = 0;

	/* What was known before others were found stood in another order. */
	for (size_t i = 0; i < count; i++)
		mappings[i].is_shared_copy = false;
	qsort_r(mappings, count, sizeof(*mappings), compare_mappings, comparison);
	while (first < count && !comparison->has_failed) {
		size_t next = first + 1;

		/* Of those of one address space the first is the one that counts. */
		while (next < count &&
		       compare_spaces(mappings[first].task, mappings[next].task, comparison) == 0)
			mappings[next++].is_shared_copy = true;
		first = next;
	}
}

bool address_spaces_compare(const struct collector *collector, struct address_spaces *last,
			    struct seen_use *mappings, size_t count)
{
	bool is_open = count && mappings[0].how == LINK_OPEN;
	struct comparison comparison = {
		.root = &collector->root, .last = last, .type = is_open ? KCMP_FILES : KCMP_VM};
	size_t first = 0;

	while (first < count) {
		size_t next = first + 1;

		while (next < count && mappings[next].address == mappings[first].address)
			next++;
		if (next - first > 1 && !collector->root.is_live)
			comparison.has_failed = true;
		else if (next - first > 1)
			compare_same_place(mappings + first, next - first, &comparison);
		first = next;
	}
	return !comparison.has_failed;
}

/* The PIDs of the copies behind a mapping, of which there are some. */
static int list_sharers(struct collector *collector, struct seen_use *mapping, size_t count)
{
	int64_t *pids = arena_alloc_array(&collector->snapshot->arena, count, sizeof(*pids));

	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		pids[i] = mapping[i + 1].pid;
	mapping->shared_by = (struct record_list){pids, count};
	return 0;
}

int address_spaces_share(struct collector *collector, struct seen_use *mappings, size_t count)
{
	size_t first = 0;
	int r = 0;

	while (r == 0 && first < count) {
		size_t next = first + 1;

		while (next < count && mappings[next].is_shared_copy)
			next++;
		if (next - first > 1)
			r = list_sharers(collector, mappings + first, next - first - 1);
		first = next;
	}
	return r;
}

int address_spaces_merge(struct collector *collector, struct address_spaces *last,
			 struct seen_use *mappings, size_t count, bool *ret_is_sure)
{
	*ret_is_sure = address_spaces_compare(collector, last, mappings, count);
	return address_spaces_share(collector, mappings, count);
}
