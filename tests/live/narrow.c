/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of 32 bits, without a C library: its children sleep in one call of IPC each, until its
 * standard input ends.
 */
struct sembuf {
	unsigned short num;
	short amount, flags;
};

struct narrow_timespec {
	int seconds, nanoseconds;
};

struct wide_timespec {
	long long seconds, nanoseconds;
};

struct vector {
	void *bytes;
	unsigned int length;
};

/* include/uapi/linux/futex.h: struct futex_waitv */
struct word {
	unsigned long long value, address;
	unsigned int flags, reserved;
};

/* glibc's, on machines of 32 bits; what comes behind is of no interest. */
struct lock {
	unsigned int lock, count, owner, kind, users;
};
struct semaphore {
	unsigned int value_and_waiters, shared, unused, waiters;
};

struct shared {
	struct lock lock;
	struct semaphore semaphore;
};

struct pollfd {
	int fd;
	short events, revents;
};

/* arch/x86/entry/syscalls/syscall_32.tbl */
enum {
	FORK = 2,
	READ = 3,
	GETPID = 20,
	PIPE = 42,
	IPC = 117,
	EXIT = 1,
	POLL = 168,
	PRCTL = 172,
	FUTEX = 240,
	PREADV2 = 378,
	SEMTIMEDOP_TIME64 = 420,
	FUTEX_WAITV = 449,
};

/* include/uapi/linux/ipc.h */
enum {
	SEMOP = 1,
	SEMGET = 2,
	SEMTIMEDOP = 4,
	MSGRCV = 12 | 1 << 16,
	MSGGET = 13,
	SHMAT = 21,
	SHMGET = 23,
};

static long call(long number, long a, long b, long c, long d, long e, long f)
{
	static long sixth;
	long result;

	sixth = f;
	__asm__ volatile("push %%ebp\n\t"
			 "mov %[sixth], %%ebp\n\t"
			 "int $0x80\n\t"
			 "pop %%ebp"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), [sixth] "m"(sixth)
			 : "memory");
	return result;
}

static struct sembuf one = {0, -1, 0}, two = {0, -2, 0}, three = {1, -3, 0};
static struct narrow_timespec narrow = {1000, 500000000};
static struct wide_timespec wide = {2000, 250000000};
static struct pollfd end = {0, 1, 0};
static char message[64];
static int ends[2];
static long array, queue;
static struct shared *shared;
static struct vector vector = {message, 1};

/* A lock that this process owns, and a semaphore that is zero; somebody waits for both. */
static void share(void)
{
	long segment = call(IPC, SHMGET, 0, sizeof(*shared), 0600, 0, 0);

	call(IPC, SHMAT, segment, 0, (long)&shared, 0, 0);
	shared->lock = (struct lock){2, 1, (unsigned int)call(GETPID, 0, 0, 0, 0, 0, 0), 128, 1};
	shared->semaphore = (struct semaphore){1, 128, 0, 1};
}

static void wait_for_any(void)
{
	static struct word words[2];

	words[0] = (struct word){2, (unsigned long)&shared->lock.lock, 2, 0};
	words[1] = (struct word){1, (unsigned long)&shared->semaphore.value_and_waiters, 2, 0};
	call(FUTEX_WAITV, (long)words, 2, 0, 0, 0, 0);
}

static void sleep_in(int which)
{
	switch (which) {
	case 0:
		call(IPC, SEMOP, array, 1, 0, (long)&one, 0);
		break;
	case 1:
		call(IPC, SEMTIMEDOP, array, 1, 0, (long)&two, (long)&narrow);
		break;
	case 2:
		call(SEMTIMEDOP_TIME64, array, (long)&three, 1, (long)&wide, 0, 0);
		break;
	case 3:
		call(IPC, MSGRCV, queue, 8, 0, (long)message, -3);
		break;
	case 4:
		call(READ, ends[0], (long)message, 1, 0, 0, 0);
		break;
	case 5:
		call(PREADV2, ends[0], (long)&vector, 1, -1, -1, 0);
		break;
	case 6:
		call(FUTEX, (long)&shared->lock.lock, 0, 2, (long)&narrow, 0, 0);
		break;
	case 7:
		call(FUTEX, (long)&shared->semaphore.value_and_waiters, 0, 1, 0, 0, 0);
		break;
	case 8:
		wait_for_any();
		break;
	default:
		end.fd = ends[0];
		call(POLL, (long)&end, 1, 1000000, 0, 0, 0);
		break;
	}
}

/* Without a word behind its name, all; else it only shows that it runs. */
void begin(const int *stack);
void begin(const int *stack)
{
	if (stack[0] > 1)
		call(EXIT, 0, 0, 0, 0, 0, 0);
	array = call(IPC, SEMGET, 0, 2, 0600, 0, 0);
	queue = call(IPC, MSGGET, 0, 0600, 0, 0, 0);
	share();
	call(PIPE, (long)ends, 0, 0, 0, 0, 0);
	for (int which = 0; which < 10; which++) {
		if (call(FORK, 0, 0, 0, 0, 0, 0) != 0)
			continue;
		call(PRCTL, 1, 9, 0, 0, 0, 0); /* PR_SET_PDEATHSIG, SIGKILL */
		sleep_in(which);
		call(EXIT, 1, 0, 0, 0, 0, 0);
	}
	call(READ, 0, (long)message, 1, 0, 0, 0);
	call(EXIT, 0, 0, 0, 0, 0, 0);
}

/* The number of words is on top of the stack. */
__asm__(".globl _start\n"
	"_start:\n\t"
	"mov %esp, %eax\n\t"
	"push %eax\n\t"
	"call begin\n");
