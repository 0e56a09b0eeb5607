/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/pairs.h"

#include <errno.h>
#include <stdlib.h>

#include "base/id_map.h"
#include "model/identity.h"

/* A way to find objects that have something in common. */
struct manner {
	/* False: the object is not of this one. */
	bool (*hash)(const struct object *object, const struct identity_gaps *gaps,
		     uint64_t *ret_hash);
	bool (*is_alike)(const struct object *a, const struct object *b);
};

static bool hash_identity(const struct object *object, const struct identity_gaps *gaps,
			  uint64_t *ret_hash)
{
	*ret_hash = identity_hash(object, gaps);
	return true;
}

static bool hash_id(const struct object *object, const struct identity_gaps *gaps,
		    uint64_t *ret_hash)
{
	*ret_hash = identity_hash_id(object, gaps);
	return true;
}

/* The same key or name in another namespace is none that was given again. */
static uint64_t mix_namespace(uint64_t hash, const struct object *object,
			      const struct identity_gaps *gaps)
{
	if (gaps->fields[object->kind] >> OBJECT_NAMESPACE & 1)
		return hash;
	return identity_mix(hash, object->namespace);
}

static bool is_of_one_namespace(const struct object *a, const struct object *b)
{
	return a->kind == b->kind &&
	       (!object_has(a, OBJECT_NAMESPACE) || !object_has(b, OBJECT_NAMESPACE) ||
		a->namespace == b->namespace);
}

static bool has_same_id(const struct object *a, const struct object *b)
{
	if (!is_of_one_namespace(a, b))
		return false;
	if (KIND_BIT(a->kind) & KINDS_SYSV)
		return a->id == b->id;
	return a->inode == b->inode && a->device == b->device;
}

static bool hash_key(const struct object *object, const struct identity_gaps *gaps,
		     uint64_t *ret_hash)
{
	*ret_hash = mix_namespace(identity_mix(object->kind, object->key), object, gaps);
	return KIND_BIT(object->kind) & KINDS_SYSV && object_has(object, OBJECT_KEY) && object->key;
}

static bool has_same_key(const struct object *a, const struct object *b)
{
	return is_of_one_namespace(a, b) && a->key == b->key;
}

/* A name that was lost leads nowhere; what a memfd is called is no name to find it by. */
static bool hash_name(const struct object *object, const struct identity_gaps *gaps,
		      uint64_t *ret_hash)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) + (uint64_t)object->kind;

	for (size_t i = 0; i < object->name.length; i++)
		hash = (hash ^ (unsigned char)object->name.bytes[i]) * UINT64_C(0x100000001b3);
	*ret_hash = mix_namespace(hash, object, gaps);
	return object_has(object, OBJECT_NAME) && object->kind != KIND_MAP &&
	       !(object->status & (STATUS_UNLINKED | STATUS_ELSEWHERE));
}

static bool has_same_name(const struct object *a, const struct object *b)
{
	return is_of_one_namespace(a, b) && text_equals(a->name, b->name);
}

static const struct manner same_object = {hash_identity, identity_is_same};
static const struct manner heirs[] = {[PAIRS_SAME_ID] = {hash_id, has_same_id},
				      [PAIRS_SAME_KEY] = {hash_key, has_same_key},
				      [PAIRS_SAME_NAME] = {hash_name, has_same_name}};

/* Objects of the earlier snapshot that have no partner yet, by the manner's hash. */
struct index {
	const struct manner *manner;
	const struct identity_gaps *gaps;
	struct id_map first;
	const struct object **next; /* with the same hash, of each object */
};

static void index_deinit(struct index *index)
{
	id_map_deinit(&index->first);
	free(index->next);
}
#define _cleanup_index_ __attribute__((cleanup(index_deinit)))

static bool is_free(const struct pairs_partner *partner)
{
	return !partner->same && !partner->heir;
}

static int index_add(struct index *index, const struct pairs *pairs, const struct object *object)
{
	size_t place = (size_t)(object - pairs->before->objects.items);
	void *found;
	uint64_t hash;

	if (!is_free(&pairs->of_before[place]) || !index->manner->hash(object, index->gaps, &hash))
		return 0;
	if (id_map_find(&index->first, hash, &found))
		index->next[place] = found;
	return id_map_put(&index->first, hash, (void *)object);
}

/* 0 or -ENOMEM; index_deinit() is due in either case. */
static int index_make(const struct pairs *pairs, struct index *index)
{
	size_t count = pairs->before->objects.count;
	int r = 0;

	index->next = calloc(count + 1, sizeof(*index->next));
	if (!index->next)
		return -ENOMEM;
	/* From the end, so that of several the first one is found first. */
	while (r == 0 && count)
		r = index_add(index, pairs, &pairs->before->objects.items[--count]);
	return r;
}

/* Takes the first one that fits out of the index; NULL: there is none. */
static const struct object *index_take(struct index *index, const struct pairs *pairs,
				       const struct object *object)
{
	const struct object *first = pairs->before->objects.items, *found, *previous = NULL;
	uint64_t hash;
	void *entry;

	if (!index->manner->hash(object, index->gaps, &hash) ||
	    !id_map_find(&index->first, hash, &entry))
		return NULL;
	for (found = entry; found; previous = found, found = index->next[found - first]) {
		if (!is_free(&pairs->of_before[found - first]) ||
		    !index->manner->is_alike(found, object))
			continue;
		if (previous)
			index->next[previous - first] = index->next[found - first];
		else
			id_map_put(&index->first, hash, (void *)index->next[found - first]);
		return found;
	}
	return NULL;
}

/* Gives partners to those that have none yet; 0 or -ENOMEM. */
static int join(struct pairs *pairs, const struct manner *manner, const struct identity_gaps *gaps,
		enum pairs_heir sort)
{
	_cleanup_index_ struct index index = {.manner = manner, .gaps = gaps};
	int r = index_make(pairs, &index);

	if (r < 0)
		return r;
	vector_for_each (&pairs->after->objects, after) {
		struct pairs_partner *of_after =
			&pairs->of_after[after - pairs->after->objects.items];
		const struct object *before =
			is_free(of_after) ? index_take(&index, pairs, after) : NULL;
		struct pairs_partner *of_before;

		if (!before)
			continue;
		of_before = &pairs->of_before[before - pairs->before->objects.items];
		if (sort == PAIRS_NO_HEIR) {
			*of_after = (struct pairs_partner){.same = before};
			*of_before = (struct pairs_partner){.same = after};
		} else {
			*of_after = (struct pairs_partner){.heir = before, .sort = sort};
			*of_before = (struct pairs_partner){.heir = after, .sort = sort};
		}
	}
	return 0;
}

int pairs_make(const struct snapshot *before, const struct snapshot *after, struct pairs *ret_pairs)
{
	_cleanup_pairs_ struct pairs pairs = {.before = before, .after = after};
	struct identity_gaps gaps = {0};
	int r;

	vector_for_each (&before->objects, object)
		identity_note_gaps(&gaps, object);
	vector_for_each (&after->objects, object)
		identity_note_gaps(&gaps, object);

	pairs.of_before = calloc(before->objects.count + 1, sizeof(*pairs.of_before));
	pairs.of_after = calloc(after->objects.count + 1, sizeof(*pairs.of_after));
	if (!pairs.of_before || !pairs.of_after)
		return -ENOMEM;
	r = join(&pairs, &same_object, &gaps, PAIRS_NO_HEIR);
	for (enum pairs_heir sort = PAIRS_SAME_ID; r == 0 && sort <= PAIRS_SAME_NAME; sort++)
		r = join(&pairs, &heirs[sort], &gaps, sort);
	if (r < 0)
		return r;
	*ret_pairs = pairs;
	pairs = (struct pairs){0};
	return 0;
}

void pairs_deinit(struct pairs *pairs)
{
	free(pairs->of_before);
	free(pairs->of_after);
}

static bool both_have(const struct host *a, const struct host *b, enum host_field field)
{
	return record_has(&a->record, field) && record_has(&b->record, field);
}

/* "different machines (box, other)". The names of hosts are chosen by others, and can be long. */
static int refuse_texts(struct ipclens_error *ret_error, const char *words, struct text a,
			struct text b)
{
	return error_set(ret_error, -EINVAL, "they are of different %s (%.*s, %.*s)", words,
			 (int)(a.length < 64 ? a.length : 64), a.bytes,
			 (int)(b.length < 64 ? b.length : 64), b.bytes);
}

/* Where the start of the machine is known, the kernel need not be compared. */
static int check_machine(const struct host *a, const struct host *b,
			 struct ipclens_error *ret_error)
{
	if (identity_is_same_start(a, b))
		return 0;
	if (identity_is_other_machine(a, b))
		return refuse_texts(ret_error, "machines", a->name, b->name);
	if (both_have(a, b, HOST_BOOT_ID))
		return error_set(ret_error, -EINVAL,
				 "the machine was started anew between them, which no "
				 "object survives");
	if (both_have(a, b, HOST_KERNEL) && !text_equals(a->kernel, b->kernel))
		return refuse_texts(ret_error, "kernels", a->kernel, b->kernel);
	return 0;
}

static int check_namespace(const struct host *a, const struct host *b, enum host_field field,
			   const char *words, uint64_t number_a, uint64_t number_b,
			   struct ipclens_error *ret_error)
{
	if (!both_have(a, b, field) || number_a == number_b)
		return 0;
	return error_set(ret_error, -EINVAL, "they are of different %s namespaces (%llu, %llu)",
			 words, (unsigned long long)number_a, (unsigned long long)number_b);
}

int pairs_check(const struct snapshot *before, const struct snapshot *after,
		struct ipclens_error *ret_error)
{
	const struct host *a = &before->host, *b = &after->host;
	int r = check_machine(a, b, ret_error);

	if (r == 0)
		r = check_namespace(a, b, HOST_IPC_NAMESPACE, "IPC", a->ipc_namespace,
				    b->ipc_namespace, ret_error);
	if (r == 0)
		r = check_namespace(a, b, HOST_PID_NAMESPACE, "PID", a->pid_namespace,
				    b->pid_namespace, ret_error);
	return r;
}
