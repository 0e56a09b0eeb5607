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
	const unsigned short *values;
};

/* The state that a call about an object tells of, whatever its kind. */
union state {
	struct shmid_ds segment;
	struct semid_ds array;
	struct msqid_ds queue;
};

static int control(enum kind kind, int id, int command, union state *state)
{
	switch (kind) {
	case KIND_SHM:
		return shmctl(id, command, &state->segment);
	case KIND_SEM:
		return semctl(id, 0, command, (union semctl_argument){.state = &state->array});
	case KIND_MSG:
		return msgctl(id, command, &state->queue);
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
	union state state;

	if (control(kind, id, IPC_RMID, &state) < 0)
		return fail_for_id(kind, id, errno, ret_error);
	return 0;
}

int act_sysv_check_read(enum kind kind, int id, struct ipclens_error *ret_error)
{
	union state state;

	if (control(kind, id, IPC_STAT, &state) < 0)
		return fail_for_id(kind, id, errno, ret_error);
	return 0;
}

/* include/uapi/linux/shm.h and its like: not every C library has them. */
#define SHM_STAT_ANY_COMMAND 15
#define SEM_STAT_ANY_COMMAND 20
#define MSG_STAT_ANY_COMMAND 13
#define SHM_INFO_COMMAND 14
#define SEM_INFO_COMMAND 19
#define MSG_INFO_COMMAND 12

/*
 * The state of an object that may not be read: by its place in the kernel's list, which is not its
 * id, and so each place is asked what is there. 0 or a positive errno.
 */
static int find_state(enum kind kind, int id, union state *ret_state)
{
	static const int any[KINDS_SYSV_COUNT] = {[KIND_SHM] = SHM_STAT_ANY_COMMAND,
						  [KIND_SEM] = SEM_STAT_ANY_COMMAND,
						  [KIND_MSG] = MSG_STAT_ANY_COMMAND};
	static const int info[KINDS_SYSV_COUNT] = {[KIND_SHM] = SHM_INFO_COMMAND,
						   [KIND_SEM] = SEM_INFO_COMMAND,
						   [KIND_MSG] = MSG_INFO_COMMAND};
	/* The answers of the information calls are smaller than the states. */
	int last = control(kind, 0, info[kind], ret_state);

	if (last < 0)
		return errno;
	for (int place = 0; place <= last; place++)
		if (control(kind, place, any[kind], ret_state) == id)
			return 0;
	return EINVAL;
}

static const struct ipc_perm *permissions_of(enum kind kind, const union state *state)
{
	if (kind == KIND_SHM)
		return &state->segment.shm_perm;
	return kind == KIND_SEM ? &state->array.sem_perm : &state->queue.msg_perm;
}

static int64_t time_of_change(enum kind kind, const union state *state)
{
	if (kind == KIND_SHM)
		return state->segment.shm_ctime;
	return kind == KIND_SEM ? state->array.sem_ctime : state->queue.msg_ctime;
}

int act_sysv_identify(enum kind kind, int id, struct sysv_identity *ret_identity,
		      struct ipclens_error *ret_error)
{
	const struct ipc_perm *permissions;
	union state state;
	int number = 0;

	if (control(kind, id, IPC_STAT, &state) < 0)
		number = errno;
	if (number == EACCES)
		number = find_state(kind, id, &state);
	if (number)
		return fail_for_id(kind, id, number, ret_error);
	permissions = permissions_of(kind, &state);
	*ret_identity = (struct sysv_identity){.key = (uint32_t)permissions->__key,
					       .cuid = permissions->cuid,
					       .cgid = permissions->cgid,
					       .changed_at = time_of_change(kind, &state)};
	if (kind == KIND_SHM) {
		ret_identity->creator_pid = state.segment.shm_cpid;
		ret_identity->nattch = state.segment.shm_nattch;
		ret_identity->is_removed = permissions->mode & SHM_DEST;
	}
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

int act_sysv_set_values(int id, const unsigned short *values, struct ipclens_error *ret_error)
{
	int number;

	if (semctl(id, 0, SETALL, (union semctl_argument){.values = values}) == 0)
		return 0;
	number = errno;
	return error_set(ret_error, -number, "its values cannot be set: %s", strerror(number));
}
