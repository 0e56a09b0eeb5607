/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "collect/things.h"

#define _cleanup_things_ __attribute__((cleanup(things_deinit)))

static size_t add(struct things *things, const struct thing *thing)
{
	size_t index;

	assert_int_equal(things_add(things, thing, &index), 0);
	return index;
}

TEST(nothing_is_found_among_none)
{
	struct things things = {0};
	size_t index = 77;

	assert_false(things_find(&things, KIND_PIPE, 0, 1, &index));
	assert_int_equal(index, 77);
	things_deinit(&things);
}

/* Kinds and devices have inodes of their own: the same number is another thing. */
TEST(kind_device_and_inode_tell_them_apart)
{
	_cleanup_things_ struct things things = {0};
	size_t count = 0, index;

	for (enum kind kind = KIND_PSHM; kind < KIND_COUNT; kind++)
		for (uint64_t device = 0; device < 40; device++)
			for (uint64_t inode = 0; inode < 40; inode++)
				assert_int_equal(
					add(&things, &(struct thing){.kind = kind,
								     .device = device << 32,
								     .inode = inode}),
					count++);
	assert_int_equal(things.items.count, count);
	count = 0;
	for (enum kind kind = KIND_PSHM; kind < KIND_COUNT; kind++)
		for (uint64_t device = 0; device < 40; device++)
			for (uint64_t inode = 0; inode < 40; inode++) {
				assert_true(
					things_find(&things, kind, device << 32, inode, &index));
				assert_int_equal(index, count++);
			}
	assert_false(things_find(&things, KIND_PSHM, 0, 40, &index));
	assert_false(things_find(&things, KIND_SHM, 0, 1, &index));
}

/* Inodes that differ in their highest bits, and neighbours. */
TEST(many_are_found_again)
{
	_cleanup_things_ struct things things = {0};
	const uint64_t count = 100000;
	size_t index;

	for (uint64_t i = 0; i < count; i++)
		add(&things, &(struct thing){.kind = KIND_PIPE, .inode = i});
	for (uint64_t i = 1; i <= 64; i++)
		add(&things, &(struct thing){.kind = KIND_FIFO,
					     .device = UINT64_MAX - i,
					     .inode = UINT64_C(1) << (i - 1)});
	assert_int_equal(things.items.count, count + 64);
	for (uint64_t i = 0; i < count; i++) {
		assert_true(things_find(&things, KIND_PIPE, 0, i, &index));
		assert_int_equal(index, i);
	}
	for (uint64_t i = 1; i <= 64; i++) {
		assert_true(things_find(&things, KIND_FIFO, UINT64_MAX - i, UINT64_C(1) << (i - 1),
					&index));
		assert_int_equal(index, count + i - 1);
	}
	assert_false(things_find(&things, KIND_PIPE, 0, count, &index));
}

/*
 * Three numbers become one of 64 bits, so that others can become the same: of a FIFO and a queue
 * on device 0 these do. The multiplier's inverse makes the inode of it.
 */
static uint64_t inode_that_collides(uint64_t inode)
{
	const uint64_t multiplier = UINT64_C(0x9e3779b97f4a7c15);
	const uint64_t salt = UINT64_C(0x94d049bb133111eb);
	uint64_t inverse = multiplier, wanted;

	for (int i = 0; i < 6; i++)
		inverse *= 2 - multiplier * inverse;
	assert_true(inverse * multiplier == 1);
	wanted = inode * multiplier ^ (uint64_t)(KIND_FIFO + 1) * salt ^
		 (uint64_t)(KIND_MQ + 1) * salt;
	return wanted * inverse;
}

TEST(things_of_one_place_are_kept_apart)
{
	_cleanup_things_ struct things things = {0};
	size_t index;

	for (uint64_t inode = 1; inode <= 1000; inode++) {
		add(&things, &(struct thing){.kind = KIND_FIFO, .inode = inode});
		add(&things, &(struct thing){.kind = KIND_MQ, .inode = inode_that_collides(inode)});
	}
	assert_int_equal(things.items.count, 2000);
	for (uint64_t inode = 1; inode <= 1000; inode++) {
		assert_true(things_find(&things, KIND_FIFO, 0, inode, &index));
		assert_int_equal(index, 2 * (inode - 1));
		assert_true(things_find(&things, KIND_MQ, 0, inode_that_collides(inode), &index));
		assert_int_equal(index, 2 * (inode - 1) + 1);
	}
}

TEST(one_that_is_there_is_not_added_again_but_learns)
{
	_cleanup_things_ struct things things = {0};
	char name[] = "/tmp/fifo";
	const struct thing first = {.kind = KIND_FIFO, .device = 1, .inode = 2};
	struct thing second = first, third = first;
	const struct thing *known;

	second.name = text_of(name);
	second.pid = 10;
	second.fd = 3;
	second.has_state = true;
	second.state.uid = 1000;
	third.name = TEXT_LITERAL("/other");
	third.is_unlinked = true;
	third.pid = 20;
	third.has_state = true;
	third.state.uid = 7;
	assert_int_equal(add(&things, &first), 0);
	assert_int_equal(things.items.items[0].object, THING_NO_OBJECT);
	assert_int_equal(add(&things, &second), 0);
	/* The name is a copy. */
	memset(name, 'x', sizeof(name) - 1);
	assert_int_equal(add(&things, &third), 0);
	assert_int_equal(things.items.count, 1);
	known = &things.items.items[0];
	assert_text(known->name, "/tmp/fifo");
	assert_int_equal(known->pid, 10);
	assert_int_equal(known->fd, 3);
	assert_true(known->has_state && known->is_unlinked);
	assert_int_equal(known->state.uid, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_found_among_none),
		cmocka_unit_test(kind_device_and_inode_tell_them_apart),
		cmocka_unit_test(many_are_found_again),
		cmocka_unit_test(things_of_one_place_are_kept_apart),
		cmocka_unit_test(one_that_is_there_is_not_added_again_but_learns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
