/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <errno.h>

#include "model/ref.h"

/* The REF in its shortest form; the kind is left out where it names those of System V. */
static void write_ref(const struct ref *ref, struct buffer *buffer)
{
	for (enum kind kind = 0; ref->kinds != KINDS_SYSV && kind < KIND_COUNT; kind++)
		if (ref->kinds == KIND_BIT(kind))
			buffer_add_format(buffer, "%s:", kind_info(kind)->word);
	if (ref->form == REF_BY_KEY) {
		buffer_add_string(buffer, "0x");
		buffer_add_hex(buffer, ref->number, 0);
	} else if (ref->form == REF_BY_NAME) {
		buffer_add_text(buffer, ref->name);
	} else {
		if (ref->form == REF_BY_INODE)
			buffer_add_char(buffer, '#');
		if (ref->has_device)
			buffer_add_format(buffer, "%ju:%ju/", (uintmax_t)(ref->device >> 32),
					  (uintmax_t)(ref->device & UINT32_MAX));
		buffer_add_unsigned(buffer, ref->number, 0);
	}
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
	REQUIRE(again.kinds == ref->kinds && again.form == ref->form);
	REQUIRE(again.has_device == ref->has_device && again.device == ref->device);
	REQUIRE(text_equals(again.name, ref->name));
	REQUIRE(again.number == ref->number && again.has_namespace == ref->has_namespace);
	REQUIRE(!ref->has_namespace || again.namespace == ref->namespace);
}

/* One that is a file: it matches the object that it names, and the name reads the same twice. */
static void check_file(const struct ref *ref, char room[static REF_NAME_MAX])
{
	struct object object = {.kind = (enum kind)__builtin_ctz(ref->kinds),
				.inode = ref->number,
				.device = ref->device,
				.namespace = ref->namespace};
	struct text name;

	object_mark(&object, OBJECT_INODE);
	object_mark(&object, OBJECT_DEVICE);
	object_mark(&object, OBJECT_NAMESPACE);
	if (ref->form == REF_BY_NAME) {
		if (ref_name(ref, room, REF_NAME_MAX, &name) < 0)
			return;
		REQUIRE(ref_name_equals(ref, name));
		object.name = name;
		object_mark(&object, OBJECT_NAME);
	}
	REQUIRE(ref_matches(ref, &object));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipclens_error error = {0};
	struct object object = {.kind = KIND_SEM};
	char room[REF_NAME_MAX];
	struct ref ref;
	int r = ref_parse(fuzz_input(data, size), &ref, &error);

	if (r < 0) {
		REQUIRE(r == -EINVAL && error.number == r && error.text[0]);
		return 0;
	}
	REQUIRE(ref.kinds == KINDS_SYSV || (ref.kinds & (ref.kinds - 1)) == 0);
	REQUIRE(ref.kinds && !(ref.kinds & ~KINDS_ALL));
	check_again(&ref);
	if (!(ref.kinds & KINDS_SYSV)) {
		check_file(&ref, room);
		return 0;
	}
	REQUIRE(ref.form == REF_BY_KEY ? ref.number && ref.number <= UINT32_MAX
				       : ref.number <= INT32_MAX);
	object.id = object.key = ref.number;
	object.namespace = ref.has_namespace ? ref.namespace : 0;
	object_mark(&object, ref.form == REF_BY_KEY ? OBJECT_KEY : OBJECT_ID);
	object_mark(&object, OBJECT_NAMESPACE);
	REQUIRE(ref_matches(&ref, &object) == !!(ref.kinds & KIND_BIT(KIND_SEM)));
	return 0;
}
