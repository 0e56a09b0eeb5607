/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "store/store.h"
#include "tree.h"

#define HEAD                                                                                    \
	"{\"schema\":\"ipclens/1\",\"command\":\"save\",\"taken_at\":\"2026-11-23T09:12:48Z\"," \
	"\"host\":{\"name\":\"box\"},\"sight\":{\"full\":true},"
#define DOCUMENT(objects, limits, issues) \
	HEAD "\"objects\":[" objects "],\"limits\":[" limits "],\"issues\":[" issues "]}\n"
#define FILE_OBJECT(members) DOCUMENT("{\"kind\":\"psem\",\"inode\":7" members "}", "", "")
#define OBJECT(members) DOCUMENT("{\"kind\":\"shm\",\"id\":7" members "}", "", "")

static struct snapshot *parse(const char *string)
{
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	if (store_parse(text_of(string), &snapshot, &error) != 0)
		fail_msg("%s", error.text);
	return snapshot;
}

static void assert_refused(struct text text, const char *words)
{
	struct snapshot *snapshot = NULL;
	struct ipclens_error error = {0};
	int r = store_parse(text, &snapshot, &error);

	if (r != -EINVAL || error.number != r || !strstr(error.text, words))
		fail_msg("%.*s: %d, \"%s\" and not \"%s\"", (int)text.length, text.bytes, r,
			 error.text, words);
	assert_null(snapshot);
}

TEST(an_empty_snapshot_is_one)
{
	_cleanup_snapshot_ struct snapshot *snapshot = parse(DOCUMENT("", "", ""));

	assert_int_equal(snapshot->taken_at, 1795425168);
	assert_text(snapshot->host.name, "box");
	assert_true(snapshot->sight.is_full);
	assert_int_equal(snapshot->objects.count + snapshot->limits.count + snapshot->issues.count,
			 0);
}

TEST(values_are_exact)
{
	_cleanup_snapshot_ struct snapshot *snapshot = parse(
		OBJECT(",\"size\":18446744073709551615,\"nattch\":0,\"key\":\"0xffffffff\","
		       "\"mode\":\"0640\",\"status\":[\"dest\",\"locked\"],\"creator_pid\":12,"
		       "\"changed_at\":\"1969-12-31T23:59:59Z\",\"user\":null,"
		       "\"group\":\"\",\"hidden\":[\"last_pid\"]"));
	const struct object *object = &snapshot->objects.items[0];

	assert_true(object->size == UINT64_MAX);
	assert_true(object_has(object, OBJECT_NATTCH) && object->shm.nattch == 0);
	assert_int_equal(object->key, UINT32_MAX);
	assert_int_equal(object->mode, 0640);
	assert_int_equal(object->status, SHM_STATUS_DEST | SHM_STATUS_LOCKED);
	assert_true(object->changed_at == -1);
	assert_false(object_has(object, OBJECT_USER));
	assert_true(object_has(object, OBJECT_GROUP) && object->group.length == 0);
	assert_true(record_hides(&object->record, OBJECT_LAST_PID));
	assert_false(object_has(object, OBJECT_LAST_PID));
}

TEST(objects_that_are_files_have_a_ref_of_their_own)
{
	_cleanup_snapshot_ struct snapshot *snapshot = parse(
		DOCUMENT("{\"kind\":\"fifo\",\"inode\":7,\"device\":\"8:1\",\"name\":\"/a\","
			 "\"status\":[\"unlinked\"]},"
			 "{\"kind\":\"fifo\",\"inode\":7,\"device\":\"4294967295:2\"},"
			 "{\"kind\":\"pshm\",\"inode\":18446744073709551615,\"device\":\"0:25\","
			 "\"name\":\"/x\\\\x0ay\",\"name_hex\":\"2f780a79\",\"status\":[]},"
			 "{\"kind\":\"pipe\",\"inode\":7}",
			 "", ""));
	/* They come in the order of kinds. */
	const struct object *objects = snapshot->objects.items;

	assert_text(objects[0].ref, "pshm:/x\ny");
	assert_true(objects[0].inode == UINT64_MAX);
	assert_true(objects[0].device == 25);
	assert_text(objects[1].ref, "pipe:7");
	assert_text(objects[2].ref, "fifo:#8:1/7");
	assert_text(objects[3].ref, "fifo:#4294967295:2/7");
}

TEST(what_is_there_is_not_hidden)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		parse(OBJECT(",\"creator_pid\":12,\"hidden\":[\"creator_pid\",\"later\"]"));
	const struct object *object = &snapshot->objects.items[0];

	assert_true(object_has(object, OBJECT_CREATOR_PID));
	assert_int_equal(object->record.hidden, 0);
}

TEST(names_have_their_bytes_back)
{
	_cleanup_snapshot_ struct snapshot *snapshot = parse(
		OBJECT(",\"user\":\"caf\\\\xe9\",\"user_hex\":\"636166e9\",\"group\":\"a\\\\b\""));

	assert_text(snapshot->objects.items[0].user, "caf\xe9");
	assert_text(snapshot->objects.items[0].group, "a\\b");
}

TEST(lists_inside_of_an_object_are_read)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		parse(DOCUMENT("{\"kind\":\"sem\",\"id\":0,\"semaphores\":[{\"num\":0,\"value\":3,"
			       "\"pid\":null,\"hidden\":[\"pid\"]},{\"num\":1,\"value\":4}]}",
			       "", ""));
	const struct object *object = &snapshot->objects.items[0];
	const struct semaphore *semaphores = object->sem.semaphores.items;

	assert_int_equal(object->sem.semaphores.count, 2);
	assert_int_equal(semaphores[1].value, 4);
	assert_true(record_hides(&semaphores[0].record, SEMAPHORE_PID));
	assert_false(record_has(&semaphores[1].record, SEMAPHORE_NCOUNT));
}

TEST(what_a_later_version_adds_is_an_issue_and_not_the_end)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		parse(DOCUMENT("{\"kind\":\"later\",\"name\":\"/x\"},{\"kind\":\"msg\",\"id\":1,"
			       "\"later\":[{}]}",
			       "{\"name\":\"later\",\"value\":1}", ""));

	assert_int_equal(snapshot->objects.count, 1);
	assert_int_equal(snapshot->limits.count, 0);
	assert_int_equal(find_issue(snapshot, "objects[0]")->code, OUTCOME_UNSUPPORTED);
	assert_int_equal(find_issue(snapshot, "limits[0]")->code, OUTCOME_UNSUPPORTED);
}

static const struct {
	const char *text, *words;
} refused[] = {
	{"", "empty"},
	{"\n", "truncated"},
	{"x", "not JSON"},
	{"null\n", "no schema"},
	{"[]", "no schema"},
	{"{}", "no schema"},
	{"{\"schema\":1}", "no schema"},
	{"{\"schema\":\"other/1\"}", "schema is not"},
	{"{\"schema\":\"ipclens/2\"}", "newer"},
	{"{\"schema\":\"ipclens/x\"}", "schema is not"},
	{"{\"schema\":\"ipclens/1\"}", "another command"},
	{"{\"schema\":\"ipclens/1\",\"command\":\"list\"}", "another command"},
	{"{\"schema\":\"ipclens/1\",\"command\":\"save\"}", "taken_at"},
	{HEAD "\"limits\":[],\"issues\":[]}", "objects: missing"},
	{HEAD "\"objects\":{},\"limits\":[],\"issues\":[]}", "objects: missing"},
	{DOCUMENT("", "", "") "{}", "not JSON"},
	{DOCUMENT("", "", "") "x", "not JSON"},
	{"{'schema':'ipclens/1'}", "not JSON"},
	{DOCUMENT("1", "", ""), "objects[0]: not an object"},
	{DOCUMENT("{}", "", ""), "objects[0].kind"},
	{DOCUMENT("{\"kind\":\"shm\"}", "", ""), "objects[0].id"},
	{DOCUMENT("{\"kind\":\"pshm\",\"name\":\"/x\"}", "", ""), "objects[0].inode"},
	{FILE_OBJECT(",\"device\":7"), "objects[0].device"},
	{FILE_OBJECT(",\"device\":\"7\""), "objects[0].device"},
	{FILE_OBJECT(",\"device\":\"0:\""), "objects[0].device"},
	{FILE_OBJECT(",\"device\":\"0:4294967296\""), "objects[0].device"},
	{FILE_OBJECT(",\"device\":\"0:-1\""), "not a device"},
	{FILE_OBJECT(",\"layout\":\"odd\""), "objects[0].layout"},
	{FILE_OBJECT(",\"name\":7"), "objects[0].name"},
	{DOCUMENT("", "{}", ""), "limits[0].name"},
	{DOCUMENT("", "", "{}"), "issues[0].code"},
	{DOCUMENT("", "", "{\"code\":\"odd\",\"aspect\":\"objects\"}"), "issues[0].code"},
	{OBJECT(",\"size\":-1"), "objects[0].size"},
	{OBJECT(",\"size\":1.5"), "objects[0].size"},
	{OBJECT(",\"size\":\"1\""), "objects[0].size"},
	{OBJECT(",\"size\":true"), "objects[0].size"},
	{OBJECT(",\"size\":1e3"), "objects[0].size"},
	{OBJECT(",\"size\":18446744073709551616"), "64 bits"},
	{OBJECT(",\"size\":99999999999999999999999"), "64 bits"},
	{OBJECT(",\"key\":1234"), "objects[0].key"},
	{OBJECT(",\"key\":\"4d2\""), "objects[0].key"},
	{OBJECT(",\"key\":\"0x\""), "objects[0].key"},
	{OBJECT(",\"key\":\"0x100000000\""), "objects[0].key"},
	{OBJECT(",\"mode\":420"), "objects[0].mode"},
	{OBJECT(",\"mode\":\"644\""), "objects[0].mode"},
	{OBJECT(",\"mode\":\"01000\""), "objects[0].mode"},
	{OBJECT(",\"mode\":\"0x1\""), "objects[0].mode"},
	{OBJECT(",\"creator_pid\":-1"), "objects[0].creator_pid"},
	{OBJECT(",\"creator_pid\":4294967296"), "objects[0].creator_pid"},
	{OBJECT(",\"changed_at\":1795425168"), "objects[0].changed_at"},
	{OBJECT(",\"changed_at\":\"2026-02-30T00:00:00Z\""), "objects[0].changed_at"},
	{OBJECT(",\"status\":\"dest\""), "objects[0].status"},
	{OBJECT(",\"status\":[\"odd\"]"), "objects[0].status"},
	{OBJECT(",\"status\":[1]"), "objects[0].status"},
	{OBJECT(",\"user\":7"), "objects[0].user"},
	{OBJECT(",\"user\":\"a\",\"user_hex\":\"6\""), "objects[0].user"},
	{OBJECT(",\"user\":\"a\",\"user_hex\":61"), "objects[0].user"},
	{OBJECT(",\"hidden\":\"pid\""), "objects[0].hidden"},
	{OBJECT(",\"hidden\":[1]"), "objects[0].hidden"},
	{DOCUMENT("{\"kind\":\"sem\",\"id\":0,\"semaphores\":{}}", "", ""), "semaphores"},
	{DOCUMENT("{\"kind\":\"sem\",\"id\":0,\"semaphores\":[1]}", "", ""), "semaphores"},
	{DOCUMENT("{\"kind\":\"sem\",\"id\":0,\"semaphores\":[{\"value\":-1}]}", "", ""), "value"},
	{DOCUMENT("", "{\"name\":\"shmmni\",\"unlimited\":1}", ""), "limits[0].unlimited"},
};

TEST(what_is_no_snapshot_is_refused_with_the_place)
{
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		assert_refused(text_of(refused[i].text), refused[i].words);
}

TEST(every_truncation_is_noticed)
{
	const struct text whole = TEXT_LITERAL(OBJECT(",\"size\":12345"));

	for (size_t length = 1; length < whole.length - 1; length++)
		assert_refused((struct text){whole.bytes, length}, "truncated");
}

TEST(hostile_bytes_are_refused)
{
	char deep[400];

	memset(deep, '[', sizeof(deep));
	assert_refused((struct text){deep, sizeof(deep)}, "not JSON");
	assert_refused(TEXT_LITERAL(OBJECT(",\"user\":\"a\xff\"")), "not JSON");
	assert_refused(TEXT_LITERAL("{\0}"), "not JSON");
	assert_refused(TEXT_LITERAL(DOCUMENT("", "", "") "\0"), "follows");
}

TEST(a_file_that_cannot_be_read_is_named)
{
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	assert_int_equal(store_load("/nonexistent/file", &snapshot, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nonexistent/file"));
	assert_int_equal(store_load("/tmp", &snapshot, &error), -EISDIR);
	assert_int_equal(store_load("/dev/null", &snapshot, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/dev/null"));
	assert_null(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_snapshot_is_one),
		cmocka_unit_test(values_are_exact),
		cmocka_unit_test(objects_that_are_files_have_a_ref_of_their_own),
		cmocka_unit_test(what_is_there_is_not_hidden),
		cmocka_unit_test(names_have_their_bytes_back),
		cmocka_unit_test(lists_inside_of_an_object_are_read),
		cmocka_unit_test(what_a_later_version_adds_is_an_issue_and_not_the_end),
		cmocka_unit_test(what_is_no_snapshot_is_refused_with_the_place),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(hostile_bytes_are_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
