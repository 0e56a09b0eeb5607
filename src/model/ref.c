/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/ref.h"

#include <errno.h>

#include "base/parse_number.h"
#include "model/value_text.h"

/*
 * Numbers of namespaces begin here (include/linux/proc_ns.h: PROC_DYNAMIC_FIRST, and below it the
 * initial ones). A smaller number behind an @ is part of a name.
 */
#define NAMESPACE_LEAST UINT64_C(0xEFFFFFF0)

static struct text rest_after(struct text text, const char *place)
{
	size_t skipped = (size_t)(place - text.bytes) + 1;

	return (struct text){place + 1, text.length - skipped};
}

static const char *find_last(struct text text, char byte)
{
	return text.length ? memrchr(text.bytes, byte, text.length) : NULL;
}

static int parse_kind(struct text *text, struct ref *ref, struct ipclens_error *ret_error)
{
	const char *colon = memchr(text->bytes, ':', text->length);
	struct text word;
	enum kind kind;

	if (!colon) {
		ref->kinds = KINDS_SYSV;
		return 0;
	}
	word = (struct text){text->bytes, (size_t)(colon - text->bytes)};
	if (!kind_find(word, &kind))
		return error_set(ret_error, -EINVAL, "unknown kind before the colon; kinds are %s",
				 kind_words());
	ref->kinds = KIND_BIT(kind);
	*text = rest_after(*text, colon);
	return 0;
}

/* Whether a name ends like one that a namespace is told with. */
static bool has_namespace_end(struct text name, const char **ret_at, uint64_t *ret_number)
{
	*ret_at = find_last(name, '@');
	return *ret_at &&
	       parse_unsigned(rest_after(name, *ret_at), 10, UINT32_MAX, ret_number) == 0 &&
	       *ret_number >= NAMESPACE_LEAST;
}

/* A name can have an @ of its own, and digits behind it. */
static int parse_namespace(struct text *text, struct ref *ref, struct ipclens_error *ret_error)
{
	bool is_name = text->length && text->bytes[0] == '/';
	uint64_t number;
	const char *at;
	int r = 0;

	if (!(ref->kinds & KINDS_IN_NAMESPACES))
		return 0;
	if (!has_namespace_end(*text, &at, &number)) {
		if (!at || is_name)
			return 0;
		r = parse_unsigned(rest_after(*text, at), 10, UINT32_MAX, &number);
	}
	if (r < 0)
		return error_set(ret_error, -EINVAL,
				 "after @ comes the number of an IPC namespace, as lsns prints it");
	ref->namespace = number;
	ref->has_namespace = true;
	text->length = (size_t)(at - text->bytes);
	return 0;
}

static int parse_id_or_key(struct text text, struct ref *ref, struct ipclens_error *ret_error)
{
	bool is_key = text.length > 1 && text.bytes[0] == '0' && (text.bytes[1] | 0x20) == 'x';
	int r;

	ref->form = is_key ? REF_BY_KEY : REF_BY_ID;
	r = parse_unsigned_prefixed(text, is_key ? UINT32_MAX : INT32_MAX, &ref->number);
	if (r == -ERANGE)
		return error_set(ret_error, -EINVAL, "%s",
				 is_key ? "a key has at most 8 hexadecimal digits"
					: "an id is at most 2147483647");
	if (r < 0 && text.length && text.bytes[0] == '/')
		return error_set(ret_error, -EINVAL,
				 "a name needs its kind in front of it: pshm:/name, mq:/name");
	if (r < 0)
		return error_set(ret_error, -EINVAL,
				 "a REF is an id (shm:32768), or a key with 0x (shm:0x4d2)");
	if (is_key && !ref->number)
		return error_set(ret_error, -EINVAL,
				 "key 0 is private: objects that have it can only be named by id");
	return 0;
}

/* "4711", "0:25/4711" */
static int parse_inode(struct text text, struct ref *ref, struct ipclens_error *ret_error)
{
	const char *slash = find_last(text, '/');
	struct text number = slash ? rest_after(text, slash) : text;

	ref->form = REF_BY_INODE;
	ref->has_device = slash;
	if (slash && value_parse_device((struct text){text.bytes, (size_t)(slash - text.bytes)},
					&ref->device) < 0)
		return error_set(ret_error, -EINVAL, "before the slash comes a device, as 0:25");
	if (parse_unsigned(number, 10, UINT64_MAX, &ref->number) < 0)
		return error_set(ret_error, -EINVAL, "an inode is a number that fits in 64 bits");
	return 0;
}

static int parse_file(struct text text, struct ref *ref, struct ipclens_error *ret_error)
{
	bool has_names = ref->kinds & (KINDS_POSIX | KIND_BIT(KIND_FIFO));

	if (text.length && text.bytes[0] == '#')
		return parse_inode(rest_after(text, text.bytes), ref, ret_error);
	if (ref->kinds == KIND_BIT(KIND_PIPE))
		return parse_inode(text, ref, ret_error);
	if (!has_names)
		return error_set(ret_error, -EINVAL,
				 "it has no name: give its inode, as map:#4711");
	if (text.length < 2 || text.bytes[0] != '/')
		return error_set(
			ret_error, -EINVAL,
			"its name begins with a slash; without one, give its inode: %s:#4711",
			kind_info((enum kind)__builtin_ctz(ref->kinds))->word);
	if (text.length > REF_NAME_MAX)
		return error_set(ret_error, -EINVAL, "the name is too long");
	ref->form = REF_BY_NAME;
	ref->name = text;
	return 0;
}

int ref_parse(struct text text, struct ref *ret_ref, struct ipclens_error *ret_error)
{
	struct ref ref = {0};
	int r;

	if (!text.length)
		return error_set(ret_error, -EINVAL, "an empty REF names nothing");
	r = parse_kind(&text, &ref, ret_error);
	if (r == 0)
		r = parse_namespace(&text, &ref, ret_error);
	if (r < 0)
		return r;
	if (ref.kinds & KINDS_SYSV)
		r = parse_id_or_key(text, &ref, ret_error);
	else
		r = parse_file(text, &ref, ret_error);
	if (r == 0)
		*ret_ref = ref;
	return r;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The byte that is written at the start of the text, and how many bytes it is written with. */
static size_t next_byte(struct text text, char *ret_byte)
{
	*ret_byte = text.bytes[0];
	if (text.bytes[0] != '\\')
		return 1;
	if (text.length > 1 && text.bytes[1] == '\\')
		return 2;
	if (text.length > 3 && text.bytes[1] == 'x' && hex_digit(text.bytes[2]) >= 0 &&
	    hex_digit(text.bytes[3]) >= 0) {
		*ret_byte = (char)(hex_digit(text.bytes[2]) << 4 | hex_digit(text.bytes[3]));
		return 4;
	}
	return 1;
}

int ref_name(const struct ref *ref, char *room, size_t size, struct text *ret_name)
{
	struct text left = ref->name;
	size_t length = 0;

	while (left.length) {
		size_t used;

		if (length + 1 >= size)
			return -EINVAL;
		used = next_byte(left, &room[length++]);
		left = (struct text){left.bytes + used, left.length - used};
	}
	room[length] = '\0';
	*ret_name = (struct text){room, length};
	return 0;
}

bool ref_name_equals(const struct ref *ref, struct text name)
{
	struct text left = ref->name;
	size_t at = 0;

	/* As JSON has it, where nothing is escaped. */
	if (text_equals(ref->name, name))
		return true;

	for (; left.length && at < name.length; at++) {
		char byte;
		size_t used = next_byte(left, &byte);

		if (byte != name.bytes[at])
			return false;
		left = (struct text){left.bytes + used, left.length - used};
	}
	return !left.length && at == name.length;
}

/* Whether the object is still to be found by its name. */
static bool has_valid_name(const struct object *object)
{
	return object->kind != KIND_MAP && object_has(object, OBJECT_NAME) &&
	       !(object->status & (STATUS_UNLINKED | STATUS_ELSEWHERE));
}

static bool is_inode_of(const struct ref *ref, const struct object *object)
{
	return object_has(object, OBJECT_INODE) && object->inode == ref->number &&
	       (!ref->has_device ||
		(object_has(object, OBJECT_DEVICE) && object->device == ref->device));
}

bool ref_matches(const struct ref *ref, const struct object *object)
{
	if (!(ref->kinds & KIND_BIT(object->kind)))
		return false;
	if (ref->has_namespace &&
	    !(object_has(object, OBJECT_NAMESPACE) && object->namespace == ref->namespace))
		return false;
	switch (ref->form) {
	case REF_BY_ID:
		return object_has(object, OBJECT_ID) && object->id == ref->number;
	case REF_BY_KEY:
		return object_has(object, OBJECT_KEY) && object->key == ref->number;
	case REF_BY_NAME:
		return has_valid_name(object) && ref_name_equals(ref, object->name);
	case REF_BY_INODE:
		return is_inode_of(ref, object);
	}
	return false;
}

struct text ref_of_object(const struct object *object, char *bytes)
{
	struct text word = text_of(kind_info(object->kind)->word);
	char digits[DIGITS_MAX];
	struct text id = digits_unsigned(digits, object->id);

	if (object->ref.length)
		return object->ref;
	memcpy(bytes, word.bytes, word.length);
	bytes[word.length] = ':';
	memcpy(bytes + word.length + 1, id.bytes, id.length);
	return (struct text){bytes, word.length + 1 + id.length};
}

static bool needs_namespace(const struct object *object, bool has_namespace)
{
	uint64_t number;
	const char *at;

	if (!(KINDS_IN_NAMESPACES & KIND_BIT(object->kind)) ||
	    !object_has(object, OBJECT_NAMESPACE))
		return false;
	/* Without its own the name would be taken for a shorter one of another namespace. */
	return has_namespace ||
	       (has_valid_name(object) && has_namespace_end(object->name, &at, &number));
}

static void add_inode(struct buffer *buffer, const struct object *object, bool has_twin)
{
	if (object->kind != KIND_PIPE || has_twin)
		buffer_add_char(buffer, '#');
	if (has_twin && object_has(object, OBJECT_DEVICE)) {
		buffer_add_unsigned(buffer, object->device >> 32, 0);
		buffer_add_char(buffer, ':');
		buffer_add_unsigned(buffer, object->device & UINT32_MAX, 0);
		buffer_add_char(buffer, '/');
	}
	buffer_add_unsigned(buffer, object->inode, 0);
}

void ref_add_long(struct buffer *buffer, const struct object *object, bool has_twin,
		  bool has_namespace)
{
	buffer_add_string(buffer, kind_info(object->kind)->word);
	buffer_add_char(buffer, ':');
	if (KIND_BIT(object->kind) & KINDS_SYSV)
		buffer_add_unsigned(buffer, object->id, 0);
	else if (has_valid_name(object))
		buffer_add_text(buffer, object->name);
	else
		add_inode(buffer, object, has_twin);
	if (needs_namespace(object, has_namespace))
		buffer_add_format(buffer, "@%llu", (unsigned long long)object->namespace);
}
