/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/identity.h"

static bool both_have(const struct object *a, const struct object *b, enum object_field field)
{
	return object_has(a, field) && object_has(b, field);
}

static bool differs(const struct object *a, const struct object *b, enum object_field field,
		    bool is_equal)
{
	return both_have(a, b, field) && !is_equal;
}

/* Removed while it is attached, it keeps everything but its key. */
static bool has_lost_key(const struct object *object)
{
	return object->kind == KIND_SHM && object->status & SHM_STATUS_DEST;
}

static bool is_same_sysv(const struct object *a, const struct object *b)
{
	if (a->id != b->id || differs(a, b, OBJECT_NAMESPACE, a->namespace == b->namespace) ||
	    differs(a, b, OBJECT_CUID, a->cuid == b->cuid) ||
	    differs(a, b, OBJECT_CGID, a->cgid == b->cgid))
		return false;
	if (!has_lost_key(a) && !has_lost_key(b) && a->key != b->key)
		return false;
	return a->kind != KIND_SHM ||
	       !differs(a, b, OBJECT_CREATOR_PID, a->shm.creator_pid == b->shm.creator_pid);
}

static bool has_creation_time(enum kind kind)
{
	return kind == KIND_PSHM || kind == KIND_PSEM;
}

bool identity_is_same(const struct object *a, const struct object *b)
{
	if (a->kind != b->kind)
		return false;
	if (KIND_BIT(a->kind) & KINDS_SYSV)
		return is_same_sysv(a, b);
	if (a->inode != b->inode || differs(a, b, OBJECT_DEVICE, a->device == b->device))
		return false;
	return !has_creation_time(a->kind) ||
	       !differs(a, b, OBJECT_CREATED_AT, a->file.created_at == b->file.created_at);
}

void identity_note_gaps(struct identity_gaps *gaps, const struct object *object)
{
	uint64_t lacking = ~object->record.present;

	if (has_lost_key(object))
		lacking |= UINT64_C(1) << OBJECT_KEY;
	gaps->fields[object->kind] |= lacking;
}

uint64_t identity_mix(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* A field that one record lacks must not part it from the other. */
static uint64_t mix_field(uint64_t hash, const struct object *object,
			  const struct identity_gaps *gaps, enum object_field field,
			  uint64_t number)
{
	return gaps->fields[object->kind] >> field & 1 ? hash : identity_mix(hash, number);
}

uint64_t identity_hash_id(const struct object *object, const struct identity_gaps *gaps)
{
	if (KIND_BIT(object->kind) & KINDS_SYSV)
		return mix_field(identity_mix(object->kind, object->id), object, gaps,
				 OBJECT_NAMESPACE, object->namespace);
	return mix_field(identity_mix(object->kind, object->inode), object, gaps, OBJECT_DEVICE,
			 object->device);
}

uint64_t identity_hash(const struct object *object, const struct identity_gaps *gaps)
{
	uint64_t hash = identity_hash_id(object, gaps);

	if (has_creation_time(object->kind))
		return mix_field(hash, object, gaps, OBJECT_CREATED_AT,
				 (uint64_t)object->file.created_at);
	if (!(KIND_BIT(object->kind) & KINDS_SYSV))
		return hash;
	hash = mix_field(hash, object, gaps, OBJECT_KEY, object->key);
	hash = mix_field(hash, object, gaps, OBJECT_CUID, object->cuid);
	hash = mix_field(hash, object, gaps, OBJECT_CGID, object->cgid);
	if (object->kind != KIND_SHM)
		return hash;
	return mix_field(hash, object, gaps, OBJECT_CREATOR_PID, (uint64_t)object->shm.creator_pid);
}

static bool hosts_have(const struct host *a, const struct host *b, enum host_field field)
{
	return record_has(&a->record, field) && record_has(&b->record, field);
}

bool identity_is_same_start(const struct host *a, const struct host *b)
{
	return hosts_have(a, b, HOST_BOOT_ID) && text_equals(a->boot_id, b->boot_id);
}

bool identity_is_other_machine(const struct host *a, const struct host *b)
{
	return hosts_have(a, b, HOST_NAME) && !text_equals(a->name, b->name) &&
	       !identity_is_same_start(a, b);
}
