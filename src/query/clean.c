/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/clean.h"

#include <errno.h>
#include <stdlib.h>

#include "model/arena_text.h"
#include "query/software.h"

void clean_plan_deinit(struct clean_plan *plan)
{
	vector_deinit(&plan->items);
	findings_deinit(&plan->findings);
}

static bool is_orphan(const struct finding *finding)
{
	return finding->code == FINDING_ORPHAN_SHM || finding->code == FINDING_ORPHAN_SEM ||
	       finding->code == FINDING_ORPHAN_MSG || finding->code == FINDING_ORPHAN_POSIX;
}

static bool is_kept(const struct clean_rules *rules, const struct object *object)
{
	for (size_t i = 0; i < rules->kept_count; i++)
		if (ref_matches(&rules->kept[i], object))
			return true;
	return false;
}

/* A text that lives as long as the plan; 0 or -ENOMEM. */
__attribute__((format(printf, 3, 4))) static int
keep(struct clean_plan *plan, struct clean_item *item, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = arena_format(&plan->findings.arena, &item->why_kept, format, arguments);
	va_end(arguments);
	return r;
}

static int decide(const struct snapshot *snapshot, const struct clean_rules *rules,
		  struct clean_plan *plan, struct clean_item *item)
{
	const struct process *process;
	const struct software *software = software_of(snapshot, item->object, &process);

	if (is_kept(rules, item->object))
		return keep(plan, item, "it was asked to be kept");
	if (software)
		return keep(plan, item,
			    "it can be %s's, of which %.*s %lld lives with the same user: %s",
			    software->name, (int)process->command.length, process->command.bytes,
			    (long long)process->pid, software->tool);
	if (item->finding->certainty == FINDING_UNKNOWN)
		return keep(plan, item, "too little could be seen to judge");
	if (item->finding->certainty == FINDING_LIKELY && !rules->has_likely)
		return keep(plan, item, "that nobody wants it is only likely: --include-likely");
	return 0;
}

static int add_item(const struct snapshot *snapshot, const struct clean_rules *rules,
		    const struct finding_index *orphans, struct clean_plan *plan,
		    const struct object *object)
{
	char bytes[REF_MAX];
	const struct finding *finding = finding_index_find(orphans, ref_of_object(object, bytes));
	struct clean_item *item;

	if (!finding || (rules->wanted && !ref_matches(rules->wanted, object)))
		return 0;
	item = vector_add(&plan->items);
	if (!item)
		return -ENOMEM;
	*item = (struct clean_item){.object = object, .finding = finding};
	return decide(snapshot, rules, plan, item);
}

/* Only orphans are of interest. */
static void drop_others(struct findings *findings)
{
	size_t kept = 0;

	vector_for_each (&findings->items, finding)
		if (is_orphan(finding))
			findings->items.items[kept++] = *finding;
	findings->items.count = kept;
}

int clean_make_plan(const struct snapshot *snapshot, const struct clean_rules *rules,
		    struct clean_plan *ret_plan)
{
	const struct selection_options options = {.kinds = rules->kinds, .owner = rules->owner};
	_cleanup_selection_ struct selection selection = {0};
	_cleanup_finding_index_ struct finding_index orphans = {0};
	int r = check_judge(snapshot, &rules->bounds, &ret_plan->findings);

	drop_others(&ret_plan->findings);
	if (r == 0)
		r = finding_index_make(&ret_plan->findings, &orphans);
	if (r == 0)
		r = select_objects(snapshot, &options, &selection);
	for (size_t i = 0; r == 0 && i < selection.objects.count; i++)
		r = add_item(snapshot, rules, &orphans, ret_plan, selection.objects.items[i]);
	return r;
}

/* Stricter than identity_is_same(): of what is to be removed nothing may be left uncompared. */
static bool is_same(const struct object *a, const struct object *b)
{
	if (a->kind != b->kind || a->namespace != b->namespace || a->id != b->id ||
	    a->inode != b->inode || a->device != b->device || a->key != b->key ||
	    a->cuid != b->cuid || a->cgid != b->cgid)
		return false;
	return a->kind != KIND_SHM || a->shm.creator_pid == b->shm.creator_pid;
}

const struct clean_item *clean_find(const struct clean_plan *plan, const struct object *object)
{
	vector_for_each (&plan->items, item)
		if (is_same(item->object, object))
			return item;
	return NULL;
}
