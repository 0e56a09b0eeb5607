/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose an object is, and what it has in common with others.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/leaks_parts.h"

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *place = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ place[i]) * 0x100000001b3ULL;
	return hash;
}

#define HASH_START 0xcbf29ce484222325ULL

int leaks_word(struct leaks *leaks, enum leak_by by, struct text text, size_t *ret_place)
{
	uint64_t hash = hash_bytes(HASH_START + by, text.bytes, text.length);
	struct leak_word *word;
	char *copy;
	void *place;

	for (; id_map_find(&leaks->word_places, hash, &place); hash++) {
		word = &leaks->words.items[(size_t)place];
		if (word->by != by || !text_equals(word->text, text))
			continue;
		*ret_place = (size_t)place;
		return 0;
	}
	/* The first place is that of no word. */
	if (!leaks->words.count && !vector_add(&leaks->words))
		return -ENOMEM;
	word = vector_add(&leaks->words);
	copy = arena_copy(&leaks->arena, text.length ? text.bytes : "", text.length);
	if (!word || !copy)
		return -ENOMEM;
	*word = (struct leak_word){by, {copy, text.length}, {copy, text.length}};
	*ret_place = leaks->words.count - 1;
	return id_map_put(&leaks->word_places, hash, (void *)*ret_place);
}

static bool is_cell(const struct leak_cell *a, const struct leak_cell *b)
{
	return a->namespace == b->namespace && a->kind == b->kind && a->source == b->source &&
	       memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

int leaks_cell(struct leaks *leaks, const struct leak_cell *wanted, size_t *ret_place)
{
	uint64_t hash = hash_bytes(HASH_START, wanted->words, sizeof(wanted->words));
	struct leak_cell *cell;
	void *place;

	hash = hash_bytes(hash, &wanted->namespace, sizeof(wanted->namespace));
	hash = hash_bytes(hash, &wanted->kind, sizeof(wanted->kind));
	for (; id_map_find(&leaks->cell_places, hash, &place); hash++) {
		if (!is_cell(&leaks->cells.items[(size_t)place], wanted))
			continue;
		*ret_place = (size_t)place;
		return 0;
	}
	cell = vector_add(&leaks->cells);
	if (!cell)
		return -ENOMEM;
	*cell = *wanted;
	*ret_place = leaks->cells.count - 1;
	return id_map_put(&leaks->cell_places, hash, (void *)*ret_place);
}

static enum leak_source source_of(const struct link *link)
{
	if (link->how == LINK_CREATED || link->how == LINK_LAST_OP) {
		/* Who may be another process by now tells nothing. */
		if (!record_has(&link->record, LINK_STATE) || link->state != LINK_ALIVE)
			return LEAK_SOURCE_NONE;
		return link->how == LINK_CREATED ? LEAK_SOURCE_CREATED : LEAK_SOURCE_LAST_OP;
	}
	return LEAK_SOURCE_USES;
}

/* Of a segment the creator is on record, and nobody else will do. */
static bool can_tell(const struct object *object, enum leak_source source)
{
	return object->kind == KIND_SHM ? source == LEAK_SOURCE_CREATED
					: source != LEAK_SOURCE_NONE;
}

struct leak_origin *leaks_find_origins(const struct snapshot *snapshot)
{
	struct leak_origin *origins = calloc(snapshot->objects.count + 1, sizeof(*origins));

	if (!origins)
		return NULL;
	for (size_t i = 0; i < snapshot->objects.count; i++)
		origins[i].source = LEAK_SOURCE_NONE;
	vector_for_each (&snapshot->links, link) {
		struct leak_origin *origin = &origins[link->object];
		enum leak_source source = source_of(link);
		const struct process *process;

		if (source >= origin->source ||
		    !can_tell(&snapshot->objects.items[link->object], source))
			continue;
		process = snapshot_process(snapshot, link->pid);
		if (process && record_has(&process->record, PROCESS_COMMAND))
			*origin = (struct leak_origin){process, source};
	}
	return origins;
}

/* Where the part of a name ends that others are likely to share; 0 where there is none. */
static size_t name_stem(struct text name)
{
	size_t length = 0;

	while (length < name.length && (name.bytes[length] < '0' || name.bytes[length] > '9'))
		length++;
	if (length == name.length)
		while (length && !strchr("-_.", name.bytes[length - 1]))
			length--;
	return length > 1 ? length : 0;
}

int leaks_key_word(struct leaks *leaks, const struct object *object, size_t *ret_place)
{
	_cleanup_buffer_ struct buffer text = {0};
	size_t stem = object_has(object, OBJECT_NAME) ? name_stem(object->name) : 0;

	if (KIND_BIT(object->kind) & KINDS_SYSV && object->key) {
		buffer_add_string(&text, "0x");
		buffer_add_hex(&text, object->key >> 16, 4);
	} else if (!(KIND_BIT(object->kind) & KINDS_SYSV) && stem) {
		buffer_add(&text, object->name.bytes, stem);
	} else {
		*ret_place = 0;
		return 0;
	}
	buffer_add_char(&text, '*');
	return text.error ? text.error
			  : leaks_word(leaks, LEAK_BY_KEY, buffer_text(&text), ret_place);
}

int leaks_user_word(struct leaks *leaks, const struct object *object, size_t *ret_place)
{
	bool is_sysv = KIND_BIT(object->kind) & KINDS_SYSV;
	enum object_field number = is_sysv ? OBJECT_CUID : OBJECT_UID;
	enum object_field name = is_sysv ? OBJECT_CUSER : OBJECT_USER;
	struct text shown = is_sysv ? object->cuser : object->user;
	char digits[DIGITS_MAX];
	struct leak_word *word;
	char *copy;
	int r;

	*ret_place = 0;
	if (!object_has(object, number))
		return 0;
	/* By number: a name can be unknown in one snapshot, or change. */
	r = leaks_word(leaks, LEAK_BY_USER,
		       digits_unsigned(digits, is_sysv ? object->cuid : object->uid), ret_place);
	if (r < 0 || !object_has(object, name))
		return r;
	word = &leaks->words.items[*ret_place];
	if (text_equals(word->shown, shown))
		return 0;
	copy = arena_copy(&leaks->arena, shown.bytes, shown.length);
	if (!copy)
		return -ENOMEM;
	word->shown = (struct text){copy, shown.length};
	return 0;
}
