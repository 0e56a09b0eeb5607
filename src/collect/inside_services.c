/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/inside_services.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif

#define PATH_LENGTH_MAX 64
#define SYSCTL_MAX 4096
#define VISIT_FILE_MAX 16384

_Static_assert(sizeof(struct visit_head) + VISIT_ROWS_MAX * sizeof(struct visit_row) +
			       sizeof(struct limits_answer) <=
		       DOOR_MESSAGE_MAX,
	       "an answer is one message");
_Static_assert(sizeof(struct semaphore_state) * INSIDE_SEMAPHORES_MAX <= DOOR_MESSAGE_MAX,
	       "an answer is one message");

const struct sysv_mechanism *const visit_tables[VISIT_TABLES] = {
	[VISIT_SHM] = &sysv_shm, [VISIT_SEM] = &sysv_sem, [VISIT_MSG] = &sysv_msg};

static bool has_start(const char *path, const char *start)
{
	return strncmp(path, start, strlen(start)) == 0;
}

/*
 * Before 5.19 the files of limits tell of the namespace of whoever reads, not of who opened them:
 * they are read here, and what was read is handed over.
 */
static int copy_file(int file, int *ret_fd)
{
	_cleanup_close_ int copy = memfd_create("ipclens", MFD_CLOEXEC);
	char bytes[SYSCTL_MAX];
	ssize_t length = copy < 0 ? -1 : read(file, bytes, sizeof(bytes));

	if (length < 0 || write(copy, bytes, (size_t)length) != length ||
	    lseek(copy, 0, SEEK_SET) < 0)
		return errno ? errno : EIO;
	*ret_fd = take_fd(&copy);
	return 0;
}

/* Only of limits, whatever is asked for. */
static int serve_file(void *context, const void *request, size_t size, void *answer,
		      size_t *ret_size, int *ret_fds)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_LENGTH_MAX + 2] = "/";

	(void)context;
	(void)answer;
	(void)ret_size;
	if (!size || size > PATH_LENGTH_MAX)
		return ENAMETOOLONG;
	memcpy(path + 1, request, size);
	if ((!has_start(path, "/proc/sys/kernel/") && !has_start(path, "/proc/sys/fs/")) ||
	    strstr(path, ".."))
		return EACCES;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno;
	return copy_file(fd, &ret_fds[0]);
}

/* Where nobody sees it; it is there until both descriptors are closed. 0 or a positive errno. */
static int mount_queues(int *ret_mount, int *ret_folder, const char **ret_call)
{
	_cleanup_close_ int context = -1, mounted = -1;
	int folder;

	*ret_call = "fsopen";
	context = (int)syscall(SYS_fsopen, "mqueue", FSOPEN_CLOEXEC);
	if (context < 0)
		return errno;
	*ret_call = "fsconfig";
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return errno;
	*ret_call = "fsmount";
	mounted = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOATIME);
	if (mounted < 0)
		return errno;
	*ret_call = "openat";
	folder = openat(mounted, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return errno;
	*ret_folder = folder;
	*ret_mount = take_fd(&mounted);
	return 0;
}

int inside_mount_queues(int *ret_folder, const char **ret_call)
{
	_cleanup_close_ int mounted = -1;

	return mount_queues(&mounted, ret_folder, ret_call);
}

/*
 * To give up a tree of mounts takes the kernel as long as all else that is done for a namespace: it
 * waits for all processors (fs/namespace.c: namespace_unlock). So all mounts of this child become
 * one tree, each within the one before; that of the first has to stay open. Before 6.15 the kernel
 * refuses that, and each is given up by itself.
 */
static void hang_mount(struct queue_mounts *mounts, int *mounted, int folder)
{
	if (mounts->root < 0)
		mounts->root = take_fd(mounted);
	else if (syscall(SYS_move_mount, *mounted, "", mounts->last, "",
			 MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return;
	cleanup_close(&mounts->last);
	mounts->last = fcntl(folder, F_DUPFD_CLOEXEC, 0);
}

static int open_queues(struct queue_mounts *mounts, int *ret_folder)
{
	_cleanup_close_ int mounted = -1;
	const char *call;
	int number = mount_queues(&mounted, ret_folder, &call);

	if (!number)
		hang_mount(mounts, &mounted, *ret_folder);
	return number;
}

/* The argument of semctl(), which the C library leaves to its callers. */
union semctl_argument {
	int value;
	struct semid_ds *state;
};

/*
 * One question about one semaphore. 0, or a positive errno. GETALL would answer for all of them at
 * once, but into an array whose size only the kernel knows for sure: were the id to name a larger
 * array by now, it would write behind the end of ours.
 */
static int ask(int id, uint32_t num, int command, int32_t *ret_number)
{
	int answer = semctl(id, (int)num, command, (union semctl_argument){0});

	if (answer < 0)
		return errno;
	*ret_number = answer;
	return 0;
}

int inside_ask_semaphores(const struct semaphores_request *request, struct semaphore_state *states)
{
	int number = 0;

	for (uint32_t i = 0; !number && i < request->count; i++) {
		uint32_t num = request->first + i;

		number = ask(request->id, num, GETVAL, &states[i].value);
		if (!number)
			number = ask(request->id, num, GETNCNT, &states[i].ncount);
		if (!number)
			number = ask(request->id, num, GETZCNT, &states[i].zcount);
		if (!number)
			number = ask(request->id, num, GETPID, &states[i].pid);
	}
	return number;
}

static int serve_semaphores(void *context, const void *request, size_t size, void *answer,
			    size_t *ret_size, int *ret_fds)
{
	struct semaphores_request asked;

	(void)context;
	(void)ret_fds;
	if (size != sizeof(asked))
		return EBADMSG;
	memcpy(&asked, request, sizeof(asked));
	if (asked.count > INSIDE_SEMAPHORES_MAX)
		return E2BIG;
	*ret_size = asked.count * sizeof(struct semaphore_state);
	return inside_ask_semaphores(&asked, answer);
}

static int serve_segment(void *context, const void *request, size_t size, void *answer,
			 size_t *ret_size, int *ret_fds)
{
	struct proc_row row = {.count = 0};
	uint64_t id;

	(void)context;
	(void)ret_fds;
	if (size != sizeof(id))
		return EBADMSG;
	memcpy(&id, request, sizeof(id));
	if (!sysv_row_of_id(&sysv_shm, id, &row))
		return EIDRM;
	memcpy(answer, &row, sizeof(row));
	*ret_size = sizeof(row);
	return 0;
}

static int serve_queue(void *context, const void *request, size_t size, void *answer,
		       size_t *ret_size, int *ret_fds)
{
	struct msqid_ds state = {0};
	uint64_t id;

	(void)context;
	(void)ret_fds;
	if (size != sizeof(id))
		return EBADMSG;
	memcpy(&id, request, sizeof(id));
	if (msgctl((int)id, IPC_STAT, &state) < 0)
		return errno;
	memcpy(answer, &state, sizeof(state));
	*ret_size = sizeof(state);
	return 0;
}

/* Before 4.17 there is only MSG_STAT, which wants read permission. */
static int queue_at(int index, struct msqid_ds *state)
{
	int id = msgctl(index, MSG_STAT_ANY, state);

	return id < 0 && errno == EINVAL ? msgctl(index, MSG_STAT, state) : id;
}

int inside_ask_limits(int first, struct limits_answer *ret_answer)
{
	struct msginfo info;
	int highest = msgctl(0, MSG_INFO, (struct msqid_ds *)&info);

	if (highest < 0)
		return errno;
	ret_answer->count = 0;
	ret_answer->next = -1;
	for (int index = first; index <= highest; index++) {
		struct msqid_ds state = {0};
		int id = queue_at(index, &state);
		bool is_denied = id < 0 && (errno == EACCES || errno == EPERM);

		if (id < 0 && !is_denied)
			continue;
		if (ret_answer->count == LIMITS_AT_ONCE) {
			ret_answer->next = index;
			break;
		}
		ret_answer->limits[ret_answer->count++] = (struct queue_limit){
			.id = (uint32_t)id, .is_denied = is_denied, .max_bytes = state.msg_qbytes};
	}
	return 0;
}

static int serve_limits(void *context, const void *request, size_t size, void *answer,
			size_t *ret_size, int *ret_fds)
{
	struct limits_answer *limits = answer;
	int32_t first;
	int number;

	(void)context;
	(void)ret_fds;
	if (size != sizeof(first))
		return EBADMSG;
	memcpy(&first, request, sizeof(first));
	number = inside_ask_limits(first, limits);
	if (!number)
		*ret_size = offsetof(struct limits_answer, limits) +
			    limits->count * sizeof(limits->limits[0]);
	return number;
}

static int open_table(size_t table, int *ret_fd)
{
	char path[PATH_LENGTH_MAX];

	snprintf(path, sizeof(path), "/%s", visit_tables[table]->path);
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return *ret_fd < 0 ? errno : 0;
}

/* Whether a folder that was not read so far has nothing in it but itself and the one above. */
static bool is_empty(int folder, uint64_t *ret_device)
{
	struct stat status;
	char entries[512];
	size_t length, count = 0;
	long got = syscall(SYS_getdents64, folder, entries, sizeof(entries));

	for (length = got > 0 ? (size_t)got : 0; length; count++) {
		const struct dirent64 *entry = (const void *)(entries + got - length);

		if (entry->d_reclen > length)
			return false;
		length -= entry->d_reclen;
	}
	if (got <= 0 || count > 2 || fstat(folder, &status) < 0)
		return false;
	*ret_device = device_number(major(status.st_dev), minor(status.st_dev));
	return true;
}

/* Where rows go, and how many there are. */
struct rows {
	struct visit_row *items;
	uint32_t count;
};

static int add_row(const struct proc_row *row, void *context)
{
	struct rows *rows = context;
	struct visit_row *place = &rows->items[rows->count];

	if (rows->count == VISIT_ROWS_MAX)
		return -ENOSPC;
	*place = (struct visit_row){.count = row->count};
	memcpy(place->values, row->values, row->count * sizeof(*row->values));
	rows->count++;
	return 0;
}

/* All that is in the file; false where it does not fit, and then its end was not reached. */
static bool read_all(int fd, char *bytes, size_t size, size_t *ret_length)
{
	ssize_t got = 1;

	for (*ret_length = 0; got > 0 && *ret_length < size; *ret_length += (size_t)got) {
		do {
			got = read(fd, bytes + *ret_length, size - *ret_length);
		} while (got < 0 && errno == EINTR);
		if (got < 0)
			return false;
	}
	return got == 0;
}

/* False where there is more than fits, or something to complain of. */
static bool read_rows(const struct sysv_mechanism *mechanism, int fd, struct rows *rows)
{
	struct proc_table_parser parser = {
		.layout = mechanism->layout, .handler = add_row, .context = rows};
	char bytes[VISIT_FILE_MAX];
	size_t length, used;

	if (!read_all(fd, bytes, sizeof(bytes), &length) ||
	    proc_table_parse(&parser, (struct text){bytes, length}, &used) < 0)
		return false;
	proc_table_finish(&parser, length - used);
	return parser.columns && !parser.malformed;
}

/* The objects of one mechanism: as rows where they fit, by calls where these tell enough. */
static void visit_table(const struct visit_request *asked, size_t table, struct visit_head *head,
			struct rows *rows, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	uint32_t before = rows->count;
	bool has_rows = asked->called >> table & 1 &&
			sysv_ask_for_each(visit_tables[table], add_row, rows) == 0;

	if (!has_rows) {
		rows->count = before;
		head->numbers[table] = open_table(table, &fd);
		has_rows = fd >= 0 && read_rows(visit_tables[table], fd, rows);
	}
	if (has_rows) {
		head->in_rows |= UINT32_C(1) << table;
		head->row_counts[table] = rows->count - before;
		return;
	}
	rows->count = before;
	if (fd >= 0 && lseek(fd, 0, SEEK_SET) == 0)
		*ret_fd = take_fd(&fd);
}

static void visit_queues(struct queue_mounts *mounts, struct visit_head *head, int *ret_folder)
{
	head->numbers[VISIT_QUEUES] = open_queues(mounts, ret_folder);
	if (*ret_folder < 0 || !is_empty(*ret_folder, &head->queue_device))
		return;
	head->has_no_queues = true;
	cleanup_close(ret_folder);
	*ret_folder = -1;
}

static int serve_visit(void *context, const void *request, size_t size, void *answer,
		       size_t *ret_size, int *ret_fds)
{
	struct visit_head *head = answer;
	struct rows rows = {.items = (struct visit_row *)(head + 1)};
	struct visit_request asked;
	struct limits_answer *limits;

	if (size != sizeof(asked))
		return EBADMSG;
	memcpy(&asked, request, sizeof(asked));
	*head = (struct visit_head){.in_rows = 0};
	for (size_t i = 0; i < VISIT_TABLES; i++)
		if (asked.tables >> i & 1)
			visit_table(&asked, i, head, &rows, &ret_fds[i]);
	if (asked.has_queues)
		visit_queues(context, head, &ret_fds[VISIT_QUEUES]);
	limits = (struct limits_answer *)(rows.items + rows.count);
	limits->next = -1;
	limits->count = 0;
	/* Calls told the limit of each queue. */
	if (asked.has_limits && !(asked.called & head->in_rows & 1U << VISIT_MSG) &&
	    inside_ask_limits(0, limits) != 0)
		limits->next = 0;
	*ret_size = (size_t)((const char *)&limits->limits[limits->count] - (const char *)answer);
	return 0;
}

door_service *const inside_services[INSIDE_SERVICES] = {
	[INSIDE_VISIT] = serve_visit,		[INSIDE_FILE] = serve_file,
	[INSIDE_SEMAPHORES] = serve_semaphores, [INSIDE_SEGMENT] = serve_segment,
	[INSIDE_QUEUE] = serve_queue,		[INSIDE_QUEUE_LIMITS] = serve_limits,
};
