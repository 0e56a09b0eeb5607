/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "model/kind.h"

TEST(every_kind_is_described_and_found_by_its_word)
{
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		const struct kind_info *info = kind_info(kind);
		enum kind found = KIND_COUNT;

		assert_true(kind_find(text_of(info->word), &found));
		assert_int_equal(found, kind);
		assert_true(strlen(info->singular) && strlen(info->plural));
		assert_true(strlen(info->explain) > 60);
	}
}

TEST(the_words_are_those_of_every_ref)
{
	assert_string_equal(kind_info(KIND_SHM)->word, "shm");
	assert_string_equal(kind_info(KIND_SEM)->word, "sem");
	assert_string_equal(kind_info(KIND_MSG)->word, "msg");
	assert_int_equal(KINDS_LISTED & ~KINDS_POSIX, KINDS_SYSV);
}

TEST(other_words_are_no_kinds)
{
	static const char *const words[] = {"", "s", "SHM", "shm ", "shmx", " shm", "queue"};
	enum kind kind = KIND_COUNT;

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		assert_false(kind_find(text_of(words[i]), &kind));
	assert_false(kind_find(TEXT_LITERAL("shm\0"), &kind));
	assert_int_equal(kind, KIND_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_described_and_found_by_its_word),
		cmocka_unit_test(the_words_are_those_of_every_ref),
		cmocka_unit_test(other_words_are_no_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
