/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lives in an IPC namespace of its own, with objects that are like those in any other one but for
 * their sizes: the first segment, array and queue of it (id 0), attached, held and waited for, a
 * POSIX queue and, with --mount, a file in a /dev/shm of its own. Prints a line of what there is,
 * "namespace=… pid=… waiter=…", and stays until its standard input ends.
 *
 *     inhabitant SIZE [--user] [--mount] [--chroot FOLDER] [--bind FILE]
 *                [--move | --twice | --meet PID] [--lock] [--thread]
 *
 *   --user   in a user namespace of its own, too
 *   --mount  in a mount namespace of its own, too
 *   --chroot goes into a mount namespace of its own and takes the folder for its root at last
 *   --bind   mounts the namespace on the file, makes nobody wait, and ends
 *   --move   goes on into another IPC namespace, and takes the attachment with it; who waits stays
 *   --twice  the same, and where it goes it attaches a segment with the same id and key
 *   --meet   the same, into the namespace of that process
 *   --lock   who waits has a lock in the segment, for which a thread of who has moved waits
 *   --thread only one thread of it lives there
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY 0x4d2

struct options {
	size_t size;
	bool has_user, has_mount, moves, is_twice, has_lock, is_thread;
	const char *bind, *root, *meet;
};

static void require(bool is_done, const char *what)
{
	if (is_done)
		return;
	fprintf(stderr, "inhabitant: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static void enter_user_namespace(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	require(unshare(CLONE_NEWUSER) == 0, "unshare(CLONE_NEWUSER)");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1\n", uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1\n", gid);
	write_file("/proc/self/gid_map", map);
}

static void enter_mount_namespace(void)
{
	int fd;

	require(unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
	require(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "mount of /");
	require(mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777") == 0, "mount of /dev/shm");
	fd = shm_open("/own", O_RDWR | O_CREAT | O_EXCL, 0600);
	require(fd >= 0 && ftruncate(fd, 8192) == 0 &&
			mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED,
		"shm_open");
}

/* The semaphore is taken, to be given back at the end; a queue is left with a message. */
static void *make_objects(size_t size)
{
	struct sembuf take = {.sem_num = 0, .sem_op = -1, .sem_flg = SEM_UNDO};
	/* Small: all queues of a user count against one limit, wherever they are. */
	struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 64};
	struct {
		long type;
		char text[3];
	} message = {1, "one"};
	int shm = shmget(KEY, size, IPC_CREAT | IPC_EXCL | 0600);
	int sem = semget(KEY, 2, IPC_CREAT | IPC_EXCL | 0600);
	int msg = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	void *memory;

	require(shm == 0 && sem == 0 && msg == 0, "objects with id 0");
	memory = shmat(shm, NULL, 0);
	require(memory != (void *)-1, "shmat");
	require(semctl(sem, 0, SETVAL, 1) == 0 && semop(sem, &take, 1) == 0, "semop");
	require(msgsnd(msg, &message, sizeof(message.text), 0) == 0, "msgsnd");
	require(mq_open("/jobs", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes) >= 0,
		"mq_open");
	return memory;
}

static void make_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	require(pthread_mutex_init(lock, &attributes) == 0, "pthread_mutex_init");
}

static void *take_lock(void *context)
{
	pthread_mutex_lock(context);
	return NULL;
}

/* After somebody else has it. */
static void wait_for_lock(pthread_mutex_t *lock)
{
	pthread_t thread;

	while (pthread_mutex_trylock(lock) == 0) {
		pthread_mutex_unlock(lock);
		usleep(1000);
	}
	require(pthread_create(&thread, NULL, take_lock, lock) == 0, "pthread_create");
}

static pid_t start_waiter(unsigned short num, pthread_mutex_t *lock)
{
	struct sembuf take = {.sem_num = num, .sem_op = -1};
	pid_t waiter = fork();

	if (waiter == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "waiter");
		if (lock)
			pthread_mutex_lock(lock);
		semop(0, &take, 1);
		_exit(0);
	}
	return waiter;
}

static unsigned long long own_namespace(void)
{
	struct stat status;

	require(stat("/proc/thread-self/ns/ipc", &status) == 0, "/proc/thread-self/ns/ipc");
	return status.st_ino;
}

/* The segment of the namespace that it has gone to has the same id and key as that where it was. */
static void make_double(size_t size)
{
	int shm = shmget(KEY, size / 2, IPC_CREAT | IPC_EXCL | 0600);

	require(shm == 0 && shmat(shm, NULL, 0) != (void *)-1, "another segment 0");
}

static void meet(const char *pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/ipc", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	require(fd >= 0 && setns(fd, CLONE_NEWIPC) == 0, path);
	close(fd);
}

static void *live(void *context)
{
	const struct options *options = context;
	unsigned long long number, now;
	pthread_mutex_t *lock;
	pid_t waiter = 0;
	char byte;

	require(unshare(CLONE_NEWIPC) == 0, "unshare(CLONE_NEWIPC)");
	number = own_namespace();
	lock = make_objects(options->size);
	if (options->has_lock)
		make_lock(lock);
	if (options->bind) {
		require(mount("/proc/self/ns/ipc", options->bind, NULL, MS_BIND, NULL) == 0,
			options->bind);
	} else {
		/* Who moves gives back what is held: nobody ever raises the other semaphore. */
		waiter = start_waiter(options->moves || options->meet ? 1 : 0,
				      options->has_lock ? lock : NULL);
	}
	if (options->moves)
		require(unshare(CLONE_NEWIPC) == 0, "unshare(CLONE_NEWIPC)");
	if (options->is_twice)
		make_double(options->size);
	if (options->meet)
		meet(options->meet);
	if (options->has_lock)
		wait_for_lock(lock);
	now = own_namespace();
	if (options->root)
		require(chroot(options->root) == 0 && chdir("/") == 0, options->root);
	printf("namespace=%llu now=%llu pid=%d waiter=%d\n", number, now, getpid(), waiter);
	fflush(stdout);
	while (!options->bind && read(STDIN_FILENO, &byte, 1) > 0)
		;
	return NULL;
}

static struct options read_options(char **argv)
{
	struct options options = {.size = strtoul(argv[1], NULL, 10)};

	for (argv += 2; *argv; argv++) {
		options.has_user |= strcmp(*argv, "--user") == 0;
		options.has_mount |= strcmp(*argv, "--mount") == 0;
		options.moves |= strcmp(*argv, "--move") == 0;
		options.is_twice |= strcmp(*argv, "--twice") == 0;
		options.has_lock |= strcmp(*argv, "--lock") == 0;
		options.is_thread |= strcmp(*argv, "--thread") == 0;
		if (strcmp(*argv, "--bind") == 0)
			options.bind = *++argv;
		else if (strcmp(*argv, "--chroot") == 0)
			options.root = *++argv;
		else if (strcmp(*argv, "--meet") == 0)
			options.meet = *++argv;
	}
	options.moves |= options.is_twice;
	return options;
}

int main(int argc, char **argv)
{
	struct options options;
	pthread_t thread;

	if (argc < 2)
		return 2;
	options = read_options(argv);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (options.has_user)
		enter_user_namespace();
	if (options.has_mount)
		enter_mount_namespace();
	if (options.root)
		require(unshare(CLONE_NEWNS) == 0, "unshare(CLONE_NEWNS)");
	if (options.is_thread)
		require(pthread_create(&thread, NULL, live, &options) == 0 &&
				pthread_join(thread, NULL) == 0,
			"pthread_create");
	else
		live(&options);
	return 0;
}
