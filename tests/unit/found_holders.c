/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "found_holders.h"

#include <sys/sem.h>

#include "unit.h"

#include "bpf_children.h"

#define START 10

struct holders holders;

static int keep(const struct bpf_holder *holder, void *context)
{
	/* In a PID namespace below the first one all are told without a process, too. */
	bool is_wanted = holder->pid && holder->namespace == own_namespace;
	struct bpf_holder *kept = is_wanted ? vector_add(&holders) : NULL;

	(void)context;
	if (kept)
		*kept = *holder;
	return 0;
}

void look_for_holders(void)
{
	holders.count = 0;
	assert_int_equal(bpf_source_holders(source, keep, NULL), 0);
}

void forget_holders(void)
{
	vector_deinit(&holders);
}

int make_array(int nsems)
{
	int semid = semget(IPC_PRIVATE, nsems, 0600);

	assert_true(semid >= 0);
	for (int i = 0; i < nsems && i < START; i++)
		assert_int_equal(semctl(semid, i, SETVAL, START), 0);
	return semid;
}

void remove_array(int semid)
{
	assert_int_equal(semctl(semid, 0, IPC_RMID), 0);
}

int64_t operate(int semid, unsigned short num, short amount)
{
	struct sembuf operation = {num, amount, SEM_UNDO};

	return semop(semid, &operation, 1);
}

size_t find_holder(int semid, uint32_t num, struct bpf_holder *ret_holder)
{
	size_t count = 0;

	vector_for_each (&holders, holder) {
		if (holder->semid != (uint32_t)semid || holder->semnum != num)
			continue;
		*ret_holder = *holder;
		count++;
	}
	return count;
}

void assert_held(int semid, uint32_t num, int64_t pid, int64_t tid, int32_t amount)
{
	struct bpf_holder holder = {};

	assert_int_equal(find_holder(semid, num, &holder), 1);
	assert_int_equal(holder.pid, pid);
	assert_int_equal(holder.tid, tid);
	assert_int_equal(holder.amount, amount);
	assert_true(holder.list != 0);
}

int64_t take_two(int semid)
{
	return operate(semid, 0, -2);
}
