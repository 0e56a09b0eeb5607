/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/parse_number.h"
#include "base/time_text.h"
#include "store/load_record.h"

/* A file of 100,000 objects has some 70 MB. */
#define FILE_MAX ((size_t)256 << 20)
#define DEPTH_MAX 32
#define READ_SIZE ((size_t)256 * 1024)

DEFINE_CLEANUP(json, struct json_object *, json_object_put);
DEFINE_CLEANUP(tokener, struct json_tokener *, json_tokener_free);
#define _cleanup_json_ CLEANUP(cleanup_json)
#define _cleanup_tokener_ CLEANUP(cleanup_tokener)

/* Where a string ends whose opening quote is in front of the place. */
static size_t skip_string(struct text text, size_t at)
{
	while (at < text.length && text.bytes[at] != '"')
		at += text.bytes[at] == '\\' ? 2 : 1;
	return at + 1;
}

static size_t count_digits(struct text text, size_t at)
{
	size_t first = at;

	while (at < text.length && text.bytes[at] >= '0' && text.bytes[at] <= '9')
		at++;
	return at - first;
}

/* Whether the digits at the place are an integer that 64 bits can hold, or no integer at all. */
static bool is_held(struct text text, size_t at, size_t digits)
{
	char before = at ? text.bytes[at - 1] : '\0';
	uint64_t number;

	if (before == '.')
		return true;
	return parse_unsigned((struct text){text.bytes + at, digits}, 10,
			      before == '-' ? (uint64_t)INT64_MAX + 1 : UINT64_MAX,
			      &number) != -ERANGE;
}

/*
 * json-c 0.16 makes of an integer that 64 bits cannot hold the nearest one that they can, even when
 * it is told to be strict; nothing is left by which to tell the two.
 */
static int check_integers(struct text text, struct ipclens_error *ret_error)
{
	size_t at = 0;

	while (at < text.length) {
		size_t digits = count_digits(text, at);

		if (digits && !is_held(text, at, digits))
			return error_set(ret_error, -EINVAL,
					 "at byte %zu: a number that 64 bits cannot hold", at);
		if (digits)
			at += digits;
		else
			at = text.bytes[at] == '"' ? skip_string(text, at + 1) : at + 1;
	}
	return 0;
}

/* The whole text as one JSON value, owned by the caller. */
static int parse_json(struct text text, struct json_object **ret_document,
		      struct ipclens_error *ret_error)
{
	_cleanup_tokener_ struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	_cleanup_json_ struct json_object *document = NULL;
	enum json_tokener_error code;

	if (!tokener)
		return error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	document = json_tokener_parse_ex(tokener, text.bytes, (int)text.length);
	code = json_tokener_get_error(tokener);
	if (code == json_tokener_continue)
		return error_set(ret_error, -EINVAL,
				 "it ends in the middle: the file is truncated");
	if (code != json_tokener_success)
		return error_set(ret_error, -EINVAL, "not JSON, at byte %zu: %s",
				 json_tokener_get_parse_end(tokener),
				 json_tokener_error_desc(code));
	for (size_t i = json_tokener_get_parse_end(tokener); i < text.length; i++)
		if (text.bytes[i] != '\n')
			return error_set(ret_error, -EINVAL, "something follows the document");
	*ret_document = take_pointer(document);
	return 0;
}

static int check_schema(struct json_object *document, struct ipclens_error *ret_error)
{
	const struct text family = TEXT_LITERAL("ipclens/");
	struct json_object *schema;
	struct text name, version;
	uint64_t number;

	if (!json_object_is_type(document, json_type_object) ||
	    !json_object_object_get_ex(document, "schema", &schema) ||
	    !json_object_is_type(schema, json_type_string))
		return error_set(ret_error, -EINVAL, "not a snapshot: it names no schema");
	name = load_text(schema);
	if (text_equals(name, TEXT_LITERAL(SNAPSHOT_SCHEMA)))
		return 0;
	version = (struct text){name.bytes + family.length, name.length - family.length};
	if (name.length > family.length && memcmp(name.bytes, family.bytes, family.length) == 0 &&
	    parse_unsigned(version, 10, UINT32_MAX, &number) == 0)
		return error_set(ret_error, -EINVAL,
				 "its schema is ipclens/%llu; this version reads " SNAPSHOT_SCHEMA
				 ", a newer ipclens is needed",
				 (unsigned long long)number);
	return error_set(ret_error, -EINVAL, "not a snapshot: its schema is not " SNAPSHOT_SCHEMA);
}

/* An answer of "list" or "show" has only what was asked for: taken for all, it would be a lie. */
static int check_command(struct json_object *document, struct ipclens_error *ret_error)
{
	struct json_object *command;

	if (json_object_object_get_ex(document, "command", &command) &&
	    json_object_is_type(command, json_type_string) &&
	    text_equals(load_text(command), TEXT_LITERAL(STORE_COMMAND)))
		return 0;
	return error_set(ret_error, -EINVAL,
			 "not a whole snapshot, but the answer of another command; "
			 "\"ipclens save FILE\" makes one");
}

static int load_taken_at(struct json_object *document, struct snapshot *snapshot,
			 struct ipclens_error *ret_error)
{
	struct json_object *taken_at;

	if (json_object_object_get_ex(document, "taken_at", &taken_at) &&
	    json_object_is_type(taken_at, json_type_string) &&
	    time_parse_rfc3339(load_text(taken_at), &snapshot->taken_at) == 0)
		return 0;
	return error_set(ret_error, -EINVAL, "taken_at: not a time");
}

/* A member that must be there. */
static int find_member(struct json_object *document, const char *name, enum json_type type,
		       struct json_object **ret_member, struct ipclens_error *ret_error)
{
	if (!json_object_object_get_ex(document, name, ret_member) ||
	    !json_object_is_type(*ret_member, type))
		return error_set(ret_error, -EINVAL, "%s: missing, or not %s", name,
				 type == json_type_array ? "an array" : "an object");
	return 0;
}

static int load_one(struct loader *loader, struct json_object *document,
		    const struct field_table *table, void *record)
{
	struct json_object *member;
	int r = find_member(document, table->name, json_type_object, &member, loader->ret_error);

	if (r < 0)
		return r;
	loader->list = table->name;
	loader->has_index = false;
	return load_record(loader, member, table, record, 0);
}

typedef int element_loader(struct loader *loader, struct json_object *element);

static int load_list(struct loader *loader, struct json_object *document, const char *name,
		     element_loader *load_element)
{
	struct json_object *member;
	int r = find_member(document, name, json_type_array, &member, loader->ret_error);
	size_t count = r < 0 ? 0 : json_object_array_length(member);

	loader->list = name;
	loader->has_index = true;
	for (loader->index = 0; r == 0 && loader->index < count; loader->index++) {
		struct json_object *element = json_object_array_get_idx(member, loader->index);

		if (!json_object_is_type(element, json_type_object))
			return load_error(loader, NULL, "not an object");
		r = load_element(loader, element);
	}
	return r;
}

/* A text member; false where it is none. */
static bool member_text(struct json_object *element, const char *name, struct text *ret_text)
{
	struct json_object *member;

	if (!json_object_object_get_ex(element, name, &member) ||
	    !json_object_is_type(member, json_type_string))
		return false;
	*ret_text = load_text(member);
	return true;
}

/* Something that a later version of the same schema added. */
static int note_unknown(struct loader *loader, enum issue_aspect aspect, const char *what)
{
	char subject[96];

	snprintf(subject, sizeof(subject), "%s[%zu]", loader->list, loader->index);
	return snapshot_add_issue(loader->snapshot, aspect, OUTCOME_UNSUPPORTED, KIND_COUNT, NULL,
				  subject, what);
}

static int load_object(struct loader *loader, struct json_object *element)
{
	struct object *object;
	struct text word;
	enum kind kind;
	int r;

	if (!member_text(element, "kind", &word))
		return load_error(loader, "kind", "missing, or not a string");
	if (!kind_find(word, &kind)) {
		loader->has_later_objects = true;
		return note_unknown(loader, ISSUE_ABOUT_OBJECTS,
				    "a kind that this version does not know");
	}
	object = snapshot_add_object(loader->snapshot, kind);
	if (!object)
		return load_error_memory(loader);
	r = load_record(loader, element, &object_fields, object, KIND_BIT(kind));
	if (r == 0 && KIND_BIT(kind) & KINDS_SYSV && !object_has(object, OBJECT_ID))
		r = load_error(loader, "id", "missing");
	if (r == 0 && !(KIND_BIT(kind) & KINDS_SYSV) && !object_has(object, OBJECT_INODE))
		r = load_error(loader, "inode", "missing");
	return r;
}

static bool find_limit(struct text name, enum limit_id *ret_id)
{
	for (enum limit_id id = 0; id < LIMIT_COUNT; id++) {
		if (text_equals(name, text_of(limit_info(id)->name))) {
			*ret_id = id;
			return true;
		}
	}
	return false;
}

static int load_limit(struct loader *loader, struct json_object *element)
{
	struct limit *limit;
	enum limit_id id;
	struct text name;

	if (!member_text(element, "name", &name))
		return load_error(loader, "name", "missing, or not a string");
	if (!find_limit(name, &id))
		return note_unknown(loader, ISSUE_ABOUT_LIMITS,
				    "a limit that this version does not know");
	limit = vector_add(&loader->snapshot->limits);
	if (!limit)
		return load_error_memory(loader);
	limit->id = id;
	return load_record(loader, element, &limit_fields, limit, 0);
}

static int load_issue(struct loader *loader, struct json_object *element)
{
	struct issue *issue = vector_add(&loader->snapshot->issues);
	int r;

	if (!issue)
		return load_error_memory(loader);
	r = load_record(loader, element, &issue_fields, issue, 0);
	if (r == 0 &&
	    (!record_has(&issue->record, ISSUE_CODE) || !record_has(&issue->record, ISSUE_ASPECT)))
		r = load_error(loader, "code", "missing");
	return r;
}

static bool has_issue_about_holders(const struct snapshot *snapshot)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == ISSUE_ABOUT_HOLDERS)
			return true;
	return false;
}

/* Files of versions that did not look for users do not have them. */
static int load_users(struct loader *loader, struct json_object *document)
{
	struct json_object *member;
	int r;

	if (!json_object_object_get_ex(document, link_fields.name, &member))
		return 0;
	r = load_list(loader, document, process_fields.name, load_process);
	if (r == 0)
		r = load_list(loader, document, link_fields.name, load_link);
	if (r == 0)
		r = load_list(loader, document, accounting_fields.name, load_accounting);
	loader->snapshot->has_users = true;
	if (r == 0 && json_object_object_get_ex(document, wait_fields.name, &member)) {
		r = load_list(loader, document, wait_fields.name, load_wait);
		loader->snapshot->has_waits = true;
		loader->snapshot->knows_holders = !has_issue_about_holders(loader->snapshot);
	}
	return r;
}

static int load_namespace(struct loader *loader, struct json_object *element)
{
	struct namespace *namespace = vector_add(&loader->snapshot->namespaces);
	int r;

	if (!namespace)
		return load_error_memory(loader);
	r = load_record(loader, element, &namespace_fields, namespace, 0);
	if (r == 0 && !record_has(&namespace->record, NAMESPACE_NUMBER))
		r = load_error(loader, "number", "missing");
	return r;
}

/* Only files of several namespaces have them. */
static int load_namespaces(struct loader *loader, struct json_object *document)
{
	struct json_object *member;

	if (!json_object_object_get_ex(document, namespace_fields.name, &member))
		return 0;
	return load_list(loader, document, namespace_fields.name, load_namespace);
}

static int load_document(struct loader *loader, struct json_object *document)
{
	struct snapshot *snapshot = loader->snapshot;
	int r = check_schema(document, loader->ret_error);

	if (r == 0)
		r = check_command(document, loader->ret_error);
	if (r == 0)
		r = load_taken_at(document, snapshot, loader->ret_error);
	if (r == 0)
		r = load_one(loader, document, &host_fields, &snapshot->host);
	if (r == 0)
		r = load_one(loader, document, &sight_fields, &snapshot->sight);
	if (r == 0)
		r = load_namespaces(loader, document);
	if (r == 0)
		r = load_list(loader, document, issue_fields.name, load_issue);
	if (r == 0)
		r = load_list(loader, document, object_fields.name, load_object);
	if (r == 0 && snapshot_settle(snapshot) < 0)
		r = load_error_memory(loader);
	if (r == 0)
		r = load_users(loader, document);
	if (r == 0)
		r = load_list(loader, document, limit_fields.name, load_limit);
	return r;
}

int store_parse(struct text text, struct snapshot **ret_snapshot, struct ipclens_error *ret_error)
{
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_json_ struct json_object *document = NULL;
	struct ipclens_error why = {0};
	struct loader loader;
	int r;

	if (text.length > FILE_MAX)
		return error_set(ret_error, -EFBIG, "larger than %zu MiB", FILE_MAX >> 20);
	if (!text.length)
		return error_set(ret_error, -EINVAL, "not a snapshot: the file is empty");
	r = check_integers(text, ret_error);
	if (r == 0)
		r = parse_json(text, &document, ret_error);
	if (r < 0)
		return r;
	snapshot = snapshot_new();
	if (!snapshot)
		return error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
	loader = (struct loader){.snapshot = snapshot, .ret_error = &why};
	r = load_document(&loader, document);
	id_map_deinit(&loader.objects);
	if (r < 0)
		return error_set(ret_error, r, "%s", why.text);
	*ret_snapshot = take_pointer(snapshot);
	return 0;
}

/* No more than one byte beyond the bound, so that store_parse() refuses it. */
static int read_all(int fd, struct buffer *buffer)
{
	for (;;) {
		char *room = buffer_reserve(buffer, READ_SIZE);
		ssize_t length = room ? read(fd, room, READ_SIZE) : -1;

		if (!room)
			return buffer->error;
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		buffer_advance(buffer, (size_t)length);
		if (!length || buffer->length > FILE_MAX)
			return 0;
	}
}

int store_load(const char *path, struct snapshot **ret_snapshot, struct ipclens_error *ret_error)
{
	bool is_stdin = strcmp(path, "-") == 0;
	_cleanup_close_ int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_buffer_ struct buffer buffer = {0};
	struct ipclens_error why;
	int r = fd < 0 ? -errno : read_all(fd, &buffer);

	if (is_stdin)
		fd = -1;
	if (r < 0)
		return error_set(ret_error, r, "%s: %s", path, strerror(-r));
	r = store_parse(buffer_text(&buffer), ret_snapshot, &why);
	if (r < 0)
		return error_set(ret_error, r, "%s: %s", path, why.text);
	return 0;
}
