/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IPC namespace of its own for a test program, so that it never sees or touches the machine's
 * objects and its results are exact.
 */
#ifndef IPCLENS_TESTS_PRIVATE_IPC_H
#define IPCLENS_TESTS_PRIVATE_IPC_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Moves the process into a new IPC namespace, and into a new user namespace where it takes that.
 * NULL, or the reason why it cannot.
 */
const char *private_ipc_enter(void);

/* The same, with an empty /dev/shm in a mount namespace of its own. */
const char *private_shm_enter(void);

/*
 * Ends a whole program as skipped, for this reason, in TAP. Returns its exit status. (cmocka's own
 * skip() prints "not ok".)
 */
int private_ipc_skip(const char *reason);

/*
 * Gives up the effective capabilities for a while, or those and the user; false where that cannot
 * be done. regain_power() undoes both.
 */
bool drop_capabilities(void);
bool become_user(uid_t uid, gid_t gid);
bool become_nobody(void);
void regain_power(void);

/*
 * A child that does one semop on a semaphore of the array and sleeps in it; returns once it does.
 */
pid_t start_waiter(int semid, unsigned short num, short amount);
void end_waiter(pid_t child);

#endif
