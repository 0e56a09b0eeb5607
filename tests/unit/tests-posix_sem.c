/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/posix_sem.h"
#include "private_ipc.h"

/* A file of these words, in the byte order of this machine. */
static struct posix_sem parse_words(const uint32_t *words, size_t count)
{
	return posix_sem_parse((struct text){(const char *)words, count * sizeof(*words)});
}
#define PARSE(...) \
	parse_words((uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void assert_semaphore(struct posix_sem semaphore, enum psem_layout layout, uint64_t value,
			     uint64_t waiters)
{
	assert_int_equal(semaphore.layout, layout);
	assert_int_equal(semaphore.value, value);
	assert_int_equal(semaphore.waiters, waiters);
}

/* One number of 64 bits: the value is its lower half on each machine. */
static struct posix_sem parse_glibc_64(uint64_t value, uint64_t waiters, uint32_t shared)
{
	uint32_t words[8] = {0, 0, shared};
	uint64_t pair = waiters << 32 | value;

	memcpy(words, &pair, sizeof(pair));
	return parse_words(words, 8);
}

TEST(glibc_of_64_bits)
{
	assert_semaphore(parse_glibc_64(0, 0, 128), PSEM_GLIBC, 0, 0);
	assert_semaphore(parse_glibc_64(3, 0, 128), PSEM_GLIBC, 3, 0);
	assert_semaphore(parse_glibc_64(0, 2, 128), PSEM_GLIBC, 0, 2);
	assert_semaphore(parse_glibc_64(INT32_MAX, UINT32_MAX, 128), PSEM_GLIBC, INT32_MAX,
			 UINT32_MAX);
}

/* What is behind the part that glibc sets comes from its stack. */
TEST(padding_of_glibc_may_be_anything)
{
	uint32_t words[8] = {0, 0, 128, 1, 2, UINT32_MAX, 4, 5};
	uint64_t pair = 7;

	memcpy(words, &pair, sizeof(pair));
	assert_semaphore(parse_words(words, 8), PSEM_GLIBC, 7, 0);
}

TEST(one_that_threads_share_is_not_in_a_file)
{
	assert_int_equal(parse_glibc_64(3, 0, 127).layout, PSEM_UNKNOWN);
	assert_int_equal(parse_glibc_64(3, 0, 129).layout, PSEM_UNKNOWN);
}

TEST(glibc_of_32_bits)
{
	assert_semaphore(PARSE(0 << 1, 128, 0, 0), PSEM_GLIBC, 0, 0);
	assert_semaphore(PARSE(3 << 1, 128, 0, 0), PSEM_GLIBC, 3, 0);
	assert_semaphore(PARSE(0 << 1 | 1, 128, 0, 2), PSEM_GLIBC, 0, 2);
	assert_semaphore(PARSE(5 << 1 | 1, 128, 0, 1), PSEM_GLIBC, 5, 1);
}

/* As 128 who wait for one of musl: that is left open. */
TEST(a_value_of_32_bits_that_both_can_have_written_is_unknown)
{
	assert_int_equal(PARSE(0x80000000, 128, 0, 0).layout, PSEM_UNKNOWN);
	assert_int_equal(PARSE(UINT32_MAX, 128, 0, 0).layout, PSEM_UNKNOWN);
}

TEST(musl)
{
	assert_semaphore(PARSE(0, 0, 0, 0, 0, 0, 0, 0), PSEM_MUSL, 0, 0);
	assert_semaphore(PARSE(3, 0, 0, 0, 0, 0, 0, 0), PSEM_MUSL, 3, 0);
	assert_semaphore(PARSE(3, 0, 0, 0), PSEM_MUSL, 3, 0);
	/* Since 1.2.4 the highest bit means that somebody waits. */
	assert_semaphore(PARSE(0x80000000, 1, 0, 0, 0, 0, 0, 0), PSEM_MUSL, 0, 1);
	assert_semaphore(PARSE(0x80000005, 2, 0, 0, 0, 0, 0, 0), PSEM_MUSL, 5, 2);
	/* Before, the value was -1 then. */
	assert_semaphore(PARSE(UINT32_MAX, 1, 0, 0, 0, 0, 0, 0), PSEM_MUSL, 0, 1);
	assert_semaphore(PARSE(UINT32_MAX, 3, 0, 0), PSEM_MUSL, 0, 3);
	/* What is behind the part that it sets comes from its stack. */
	assert_semaphore(PARSE(3, 0, 0, 7, 8, UINT32_MAX, 9, 1), PSEM_MUSL, 3, 0);
	assert_semaphore(PARSE(3, 0, 0, 7), PSEM_MUSL, 3, 0);
	/* Of 64 bits it is not mixed up with glibc's, which has its 128 elsewhere. */
	assert_semaphore(PARSE(0x80000000, 128, 0, 0, 0, 0, 0, 0), PSEM_MUSL, 0, 128);
}

TEST(anything_else_is_unknown)
{
	/* The word that is zero in one of musl's. */
	assert_int_equal(PARSE(3, 0, 1, 0, 0, 0, 0, 0).layout, PSEM_UNKNOWN);
	assert_int_equal(PARSE(3, 0, 1, 0).layout, PSEM_UNKNOWN);
	assert_int_equal(PARSE(3, UINT32_MAX, 0, 0, 0, 0, 0, 0).layout, PSEM_UNKNOWN);
	assert_int_equal(posix_sem_parse(TEXT_LITERAL("not what a library would write..")).layout,
			 PSEM_UNKNOWN);
}

TEST(any_other_size_is_unknown)
{
	char bytes[64] __attribute__((aligned(8))) = {3};

	bytes[8] = (char)128;
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		enum psem_layout layout = posix_sem_parse((struct text){bytes, length}).layout;

		if ((layout != PSEM_UNKNOWN) != (length == 32))
			fail_msg("of %zu bytes: %d", length, (int)layout);
	}
	assert_int_equal(posix_sem_parse(TEXT_NONE).layout, PSEM_UNKNOWN);
}

/* NULL, or why no semaphore may be made here. */
static const char *reason;

/* The truth about the library that this was built with. */
TEST(what_sem_open_makes_here_is_known)
{
	char bytes[POSIX_SEM_READ] __attribute__((aligned(8)));
	struct posix_sem semaphore;
	ssize_t length;
	sem_t *opened;
	int fd;

	if (reason) {
		print_message("%s\n", reason);
		skip();
	}
	opened = sem_open("/unit", O_CREAT | O_EXCL, 0600, 41);
	assert_true(opened != SEM_FAILED);
	assert_int_equal(sem_post(opened), 0);
	fd = open("/dev/shm/sem.unit", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	length = read(fd, bytes, sizeof(bytes));
	close(fd);
	sem_close(opened);
	assert_int_equal(sem_unlink("/unit"), 0);
	assert_int_equal(length, sizeof(sem_t));
	semaphore = posix_sem_parse((struct text){bytes, (size_t)length});
#ifdef __GLIBC__
	assert_semaphore(semaphore, PSEM_GLIBC, 42, 0);
#else
	assert_semaphore(semaphore, PSEM_MUSL, 42, 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(glibc_of_64_bits),
		cmocka_unit_test(padding_of_glibc_may_be_anything),
		cmocka_unit_test(one_that_threads_share_is_not_in_a_file),
		cmocka_unit_test(glibc_of_32_bits),
		cmocka_unit_test(a_value_of_32_bits_that_both_can_have_written_is_unknown),
		cmocka_unit_test(musl),
		cmocka_unit_test(anything_else_is_unknown),
		cmocka_unit_test(any_other_size_is_unknown),
		cmocka_unit_test(what_sem_open_makes_here_is_known),
	};

	reason = private_shm_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
