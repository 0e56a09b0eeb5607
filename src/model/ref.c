/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/ref.h"

#include <errno.h>

#include "base/parse_number.h"

static struct text rest_after(struct text text, const char *place)
{
	size_t skipped = (size_t)(place - text.bytes) + 1;

	return (struct text){place + 1, text.length - skipped};
}

static int parse_kind(struct text *text, struct ref *ref, struct ipclens_error *ret_error)
{
	const char *colon = memchr(text->bytes, ':', text->length);
	struct text word;
	enum kind kind;

	if (!colon) {
		ref->kinds = KINDS_ALL;
		return 0;
	}
	word = (struct text){text->bytes, (size_t)(colon - text->bytes)};
	if (!kind_find(word, &kind))
		return error_set(ret_error, -EINVAL,
				 "unknown kind before the colon; kinds are shm, sem and msg");
	ref->kinds = KIND_BIT(kind);
	*text = rest_after(*text, colon);
	return 0;
}

static int parse_namespace(struct text *text, struct ref *ref, struct ipclens_error *ret_error)
{
	const char *at = memchr(text->bytes, '@', text->length);

	if (!at)
		return 0;
	if (parse_unsigned(rest_after(*text, at), 10, UINT32_MAX, &ref->namespace) < 0)
		return error_set(ret_error, -EINVAL,
				 "after @ comes the number of an IPC namespace, as lsns prints it");
	ref->has_namespace = true;
	text->length = (size_t)(at - text->bytes);
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
	ref.is_key = text.length > 1 && text.bytes[0] == '0' && (text.bytes[1] | 0x20) == 'x';
	r = parse_unsigned_prefixed(text, ref.is_key ? UINT32_MAX : INT32_MAX, &ref.number);
	if (r == -ERANGE)
		return error_set(ret_error, -EINVAL, "%s",
				 ref.is_key ? "a key has at most 8 hexadecimal digits"
					    : "an id is at most 2147483647");
	if (r < 0)
		return error_set(ret_error, -EINVAL,
				 "a REF is an id (shm:32768), or a key with 0x (shm:0x4d2)");
	if (ref.is_key && !ref.number)
		return error_set(ret_error, -EINVAL,
				 "key 0 is private: objects that have it can only be named by id");
	*ret_ref = ref;
	return 0;
}

bool ref_matches(const struct ref *ref, const struct object *object)
{
	if (!(ref->kinds & KIND_BIT(object->kind)))
		return false;
	if (ref->has_namespace &&
	    !(object_has(object, OBJECT_NAMESPACE) && object->namespace == ref->namespace))
		return false;
	if (ref->is_key)
		return object_has(object, OBJECT_KEY) && object->key == ref->number;
	return object_has(object, OBJECT_ID) && object->id == ref->number;
}

struct text ref_of_object(const struct object *object, char *bytes)
{
	struct text word = text_of(kind_info(object->kind)->word);
	char digits[DIGITS_MAX];
	struct text id = digits_unsigned(digits, object->id);

	memcpy(bytes, word.bytes, word.length);
	bytes[word.length] = ':';
	memcpy(bytes + word.length + 1, id.bytes, id.length);
	return (struct text){bytes, word.length + 1 + id.length};
}
