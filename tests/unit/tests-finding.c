/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings by the object that they are about. */
#include "unit.h"

#include "model/finding.h"

static void add(struct findings *findings, enum finding_code code, const char *ref)
{
	struct finding *finding = findings_add(findings, code, FINDING_LIKELY);

	assert_non_null(finding);
	if (ref)
		assert_int_equal(finding_set(findings, finding, FINDING_OBJECT, "%s", ref), 0);
}

static void assert_code(const struct finding_index *index, const char *ref, enum finding_code code)
{
	const struct finding *finding = finding_index_find(index, text_of(ref));

	assert_non_null(finding);
	assert_text(finding->object, ref);
	assert_int_equal(finding->code, code);
}

TEST(nothing_is_found_in_none)
{
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_finding_index_ struct finding_index index = {0};

	assert_int_equal(finding_index_make(&findings, &index), 0);
	assert_null(finding_index_find(&index, TEXT_LITERAL("shm:1")));
}

TEST(each_is_found_by_its_whole_ref)
{
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_finding_index_ struct finding_index index = {0};

	add(&findings, FINDING_ORPHAN_SHM, "shm:10");
	add(&findings, FINDING_ORPHAN_SEM, "sem:1");
	add(&findings, FINDING_NEAR_LIMIT, NULL);
	add(&findings, FINDING_FOREIGN_OWNER, "shm:1");
	add(&findings, FINDING_OPEN_TO_ALL, "shm:100");
	assert_int_equal(finding_index_make(&findings, &index), 0);
	assert_code(&index, "shm:10", FINDING_ORPHAN_SHM);
	assert_code(&index, "sem:1", FINDING_ORPHAN_SEM);
	assert_code(&index, "shm:1", FINDING_FOREIGN_OWNER);
	assert_code(&index, "shm:100", FINDING_OPEN_TO_ALL);
	assert_null(finding_index_find(&index, TEXT_LITERAL("sem:10")));
	assert_null(finding_index_find(&index, TEXT_LITERAL("shm:1000")));
	assert_null(finding_index_find(&index, TEXT_LITERAL("shm:")));
	assert_null(finding_index_find(&index, TEXT_LITERAL("a")));
	assert_null(finding_index_find(&index, TEXT_LITERAL("z")));
}

TEST(of_several_it_is_the_first)
{
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_finding_index_ struct finding_index index = {0};

	for (enum finding_code code = FINDING_ORPHAN_SHM; code < FINDING_CODE_COUNT; code++) {
		add(&findings, code, "shm:2");
		add(&findings, code, "shm:1");
	}
	assert_int_equal(finding_index_make(&findings, &index), 0);
	assert_code(&index, "shm:1", FINDING_ORPHAN_SHM);
	assert_code(&index, "shm:2", FINDING_ORPHAN_SHM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_found_in_none),
		cmocka_unit_test(each_is_found_by_its_whole_ref),
		cmocka_unit_test(of_several_it_is_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
