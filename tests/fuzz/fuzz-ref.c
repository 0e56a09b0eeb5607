/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <errno.h>

#include "model/ref.h"

/* The REF in its shortest form; the kind is left out where it names all. */
static void write_ref(const struct ref *ref, struct buffer *buffer)
{
	for (enum kind kind = 0; ref->kinds != KINDS_ALL && kind < KIND_COUNT; kind++)
		if (ref->kinds == KIND_BIT(kind))
			buffer_add_format(buffer, "%s:", kind_info(kind)->word);
	if (ref->is_key)
		buffer_add_string(buffer, "0x");
	if (ref->is_key)
		buffer_add_hex(buffer, ref->number, 0);
	else
		buffer_add_unsigned(buffer, ref->number, 0);
	if (ref->has_namespace) {
		buffer_add_char(buffer, '@');
		buffer_add_unsigned(buffer, ref->namespace, 0);
	}
}

static void check_again(const struct ref *ref)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct ref again;

	write_ref(ref, &text);
	REQUIRE(ref_parse(buffer_text(&text), &again, NULL) == 0);
	REQUIRE(again.kinds == ref->kinds && again.is_key == ref->is_key);
	REQUIRE(again.number == ref->number && again.has_namespace == ref->has_namespace);
	REQUIRE(!ref->has_namespace || again.namespace == ref->namespace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipclens_error error = {0};
	struct object object = {.kind = KIND_SEM};
	struct ref ref;
	int r = ref_parse(fuzz_input(data, size), &ref, &error);

	if (r < 0) {
		REQUIRE(r == -EINVAL && error.number == r && error.text[0]);
		return 0;
	}
	REQUIRE(ref.kinds == KINDS_ALL || (ref.kinds & (ref.kinds - 1)) == 0);
	REQUIRE(ref.kinds && !(ref.kinds & ~KINDS_ALL));
	REQUIRE(ref.is_key ? ref.number && ref.number <= UINT32_MAX : ref.number <= INT32_MAX);
	check_again(&ref);
	object.id = object.key = ref.number;
	object.namespace = ref.has_namespace ? ref.namespace : 0;
	object_mark(&object, ref.is_key ? OBJECT_KEY : OBJECT_ID);
	object_mark(&object, OBJECT_NAMESPACE);
	REQUIRE(ref_matches(&ref, &object) == !!(ref.kinds & KIND_BIT(KIND_SEM)));
	return 0;
}
