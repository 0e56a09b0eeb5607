/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits that are nearly reached, and those that explain an error that programs get now.
 */
#include <errno.h>
#include <stdio.h>

#include "query/check_parts.h"

/* What fails, and with what, once nothing more fits. */
static const char *const failures[LIMIT_COUNT] = {
	[LIMIT_SHMMNI] = "shmget fails with ENOSPC",
	[LIMIT_SHMALL] = "shmget fails with ENOSPC",
	[LIMIT_SEMMNI] = "semget fails with ENOSPC",
	[LIMIT_SEMMNS] = "semget fails with ENOSPC",
	[LIMIT_MSGMNI] = "msgget fails with ENOSPC",
	[LIMIT_DEV_SHM_BYTES] =
		"who writes to new memory of shm_open gets SIGBUS, and posix_fallocate ENOSPC",
	[LIMIT_DEV_SHM_FILES] = "shm_open and sem_open fail with ENOSPC",
	[LIMIT_QUEUES_MAX] = "mq_open fails with ENOSPC, except for root",
	[LIMIT_RLIMIT_MSGQUEUE] = "mq_open fails with EMFILE for the user who has most",
};

/* Tenths of a percent; false where nothing is compared. */
static bool find_use(const struct limit *limit, uint64_t *ret_percent)
{
	struct value_scratch scratch;
	struct value value = field_value(&limit_fields, LIMIT_USED_PERCENT, limit, &scratch);

	if (value.is_present)
		*ret_percent = value.number;
	return value.is_present;
}

/* Another limit of the same namespace; 0 where it is not known. */
static uint64_t value_beside(const struct judge *judge, const struct limit *limit, enum limit_id id)
{
	vector_for_each (&judge->snapshot->limits, other)
		if (other->id == id && other->namespace == limit->namespace)
			return other->value;
	return 0;
}

/* Twice as much, as far as that is a number that a sysctl takes (an int for most). */
static uint64_t doubled(const struct judge *judge, const struct limit *limit, enum limit_id id)
{
	uint64_t value = value_beside(judge, limit, id);
	uint64_t most = id == LIMIT_SHMALL ? UINT64_MAX : INT32_MAX;

	if (limit->id != id)
		return value;
	return value > most / 2 ? most : value * 2;
}

/* kernel.sem has four limits in one line. */
static int advise_on_sem(struct judge *judge, struct finding *finding, const struct limit *limit,
			 const char *inside)
{
	return check_advise(judge, finding, "%ssysctl -w kernel.sem='%llu %llu %llu %llu'", inside,
			    (unsigned long long)value_beside(judge, limit, LIMIT_SEMMSL),
			    (unsigned long long)doubled(judge, limit, LIMIT_SEMMNS),
			    (unsigned long long)value_beside(judge, limit, LIMIT_SEMOPM),
			    (unsigned long long)doubled(judge, limit, LIMIT_SEMMNI));
}

/* The process with which the limits of a namespace can be entered; 0 where it is the viewer's own.
 */
static int64_t pid_inside(const struct judge *judge, const struct limit *limit)
{
	vector_for_each (&judge->snapshot->namespaces, namespace)
		if (record_has(&limit->record, LIMIT_NAMESPACE) &&
		    namespace->number == limit->namespace && !namespace->is_viewers)
			return namespace->pid;
	return 0;
}

static int advise(struct judge *judge, struct finding *finding, const struct limit *limit)
{
	unsigned long long twice = doubled(judge, limit, limit->id);
	char inside[64] = "";
	int64_t pid = pid_inside(judge, limit);

	if (pid)
		snprintf(inside, sizeof(inside), "nsenter --target=%lld --ipc ", (long long)pid);

	switch (limit->id) {
	case LIMIT_SEMMNI:
	case LIMIT_SEMMNS:
		return advise_on_sem(judge, finding, limit, inside);
	case LIMIT_DEV_SHM_BYTES:
		return check_advise(judge, finding, "mount -o remount,size=%llu /dev/shm",
				    limit->value > UINT64_MAX / 2 ? UINT64_MAX
								  : 2ULL * limit->value);
	case LIMIT_DEV_SHM_FILES:
		/* The folder has one of them for itself. */
		return check_advise(judge, finding, "mount -o remount,nr_inodes=%llu /dev/shm",
				    twice + 2);
	case LIMIT_RLIMIT_MSGQUEUE:
		return check_advise(judge, finding,
				    "raise it for that user (ulimit -q %llu, or msgqueue in "
				    "/etc/security/limits.conf)",
				    twice);
	default:
		return check_advise(judge, finding, "%ssysctl -w %s=%llu", inside,
				    limit_info(limit->id)->sysctl, twice);
	}
}

static int judge_limit(struct judge *judge, const struct limit *limit)
{
	const struct limit_info *info = limit_info(limit->id);
	char label[LIMIT_LABEL_MAX];
	struct finding *finding;
	uint64_t percent = 0;
	bool is_reached;
	int r;

	if (info->is_of_one || !failures[limit->id] || limit->is_unlimited ||
	    !record_has(&limit->record, LIMIT_USED) || !find_use(limit, &percent) ||
	    percent < judge->bounds->near)
		return 0;
	is_reached = limit->used >= limit->value;
	finding = findings_add(judge->findings,
			       is_reached ? FINDING_LIMIT_EXPLAINS : FINDING_NEAR_LIMIT,
			       FINDING_CERTAIN);
	if (!finding)
		return -ENOMEM;
	r = finding_set(judge->findings, finding, FINDING_SUMMARY,
			is_reached ? "%s is reached: %s" : "%s is nearly reached; then %s",
			limit_label(limit, label), failures[limit->id]);
	if (r == 0)
		r = check_say(judge, finding, "%llu of %llu %s (%s)",
			      (unsigned long long)limit->used, (unsigned long long)limit->value,
			      info->unit, info->sysctl);
	return r ? r : advise(judge, finding, limit);
}

int check_limits(struct judge *judge)
{
	int r = 0;

	vector_for_each (&judge->snapshot->limits, limit)
		if (r == 0)
			r = judge_limit(judge, limit);
	return r;
}
