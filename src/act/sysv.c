/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/sysv.h"

#include <errno.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* The argument of semctl(), which the C library leaves to its callers. */
union semctl_argument {
	int value;
	struct semid_ds *state;
};

static int control(enum kind kind, int id, int command)
{
	struct shmid_ds segment;
	struct semid_ds array;
	struct msqid_ds queue;

	switch (kind) {
	case KIND_SHM:
		return shmctl(id, command, &segment);
	case KIND_SEM:
		return semctl(id, 0, command, (union semctl_argument){.state = &array});
	case KIND_MSG:
		return msgctl(id, command, &queue);
	default:
		break;
	}
	errno = EINVAL;
	return -1;
}

static int get(const struct sysv_request *request, int flags)
{
	key_t key = (key_t)request->key;

	switch (request->kind) {
	case KIND_SHM:
		return shmget(key, request->size, flags);
	case KIND_SEM:
		return semget(key, request->nsems, flags);
	case KIND_MSG:
		return msgget(key, flags);
	default:
		break;
	}
	errno = EINVAL;
	return -1;
}

/* Of a call about an id, EINVAL means that there is no such id. */
static int fail_for_id(enum kind kind, int id, int number, struct ipclens_error *ret_error)
{
	int outcome = number == EINVAL ? OUTCOME_GONE : outcome_from_errno(number);

	error_set(ret_error, -number, "%s id %d: %s", kind_info(kind)->singular, id,
		  outcome == OUTCOME_GONE ? "not found" : strerror(number));
	return outcome ? outcome : -number;
}

int act_sysv_remove(enum kind kind, int id, struct ipclens_error *ret_error)
{
	if (control(kind, id, IPC_RMID) < 0)
		return fail_for_id(kind, id, errno, ret_error);
	return 0;
}

int act_sysv_check_read(enum kind kind, int id, struct ipclens_error *ret_error)
{
	if (control(kind, id, IPC_STAT) < 0)
		return fail_for_id(kind, id, errno, ret_error);
	return 0;
}

int act_sysv_find_key(enum kind kind, uint32_t key, int *ret_id, struct ipclens_error *ret_error)
{
	/* No size, no semaphores and no permissions are asked for: any object will do. */
	const struct sysv_request request = {.kind = kind, .key = key};
	int id, number, outcome;

	if (!key)
		return error_set(ret_error, -EINVAL, "key 0 is the key of all private objects");
	id = get(&request, 0);
	if (id >= 0) {
		*ret_id = id;
		return 0;
	}
	number = errno;
	outcome = outcome_from_errno(number);
	error_set(ret_error, -number, "%s key 0x%08x: %s", kind_info(kind)->singular, key,
		  outcome == OUTCOME_GONE ? "not found" : strerror(number));
	return outcome ? outcome : -number;
}

int act_sysv_create(const struct sysv_request *request, int *ret_id,
		    struct ipclens_error *ret_error)
{
	int id = get(request, request->mode | IPC_CREAT | IPC_EXCL);
	int number = errno;

	if (id < 0)
		return error_set(ret_error, -number, "a %s cannot be created: %s",
				 kind_info(request->kind)->singular, strerror(number));
	*ret_id = id;
	return 0;
}
