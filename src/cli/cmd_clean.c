/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens clean: removes what nobody uses any more, or says what it would remove and what not, and
 * why. Just before each removal the object is looked at and judged once more.
 */
#include <errno.h>
#include <stdlib.h>
#include <syslog.h>

#include "base/cleanup.h"
#include "cli/action_list.h"
#include "cli/elsewhere.h"
#include "cli/journal.h"
#include "query/clean.h"

/* One call, and what it needs throughout. */
struct cleaning {
	const struct invocation *invocation;
	struct clean_rules rules;
	struct ref wanted;
	struct ref *kept;
	bool has_bpf; /* the plan rests on what bpf tells */
	struct journal journal;
	struct elsewhere elsewhere;
	struct actions actions;
	int told; /* what came of telling them: 0, or the first negative errno */
};

static void cleaning_deinit(struct cleaning *cleaning)
{
	free(cleaning->kept);
	journal_close(&cleaning->journal);
	elsewhere_close(&cleaning->elsewhere);
	actions_deinit(&cleaning->actions);
}
#define _cleanup_cleaning_ __attribute__((cleanup(cleaning_deinit)))

static bool read_ref(const char *text, struct ref *ret_ref)
{
	struct ipclens_error error;

	if (ref_parse(text_of(text), ret_ref, &error) == 0)
		return true;
	complain_about(text, "%s", error.text);
	return false;
}

/* Those that are to stay. STATUS_DONE, or another status after a complaint. */
static enum exit_status read_kept(const struct settings *settings, struct cleaning *cleaning)
{
	cleaning->kept = calloc(settings->kept.count + 1, sizeof(*cleaning->kept));
	if (!cleaning->kept)
		return view_no_memory();
	vector_for_each (&settings->kept, text)
		if (!read_ref(*text, &cleaning->kept[cleaning->rules.kept_count++]))
			return STATUS_USAGE;
	cleaning->rules.kept = cleaning->kept;
	return STATUS_DONE;
}

/* A key names objects of System V, and so does the REF that it is. */
static bool read_key(const struct settings *settings, struct cleaning *cleaning)
{
	const char *key = settings->arguments[OPTION_KEY];
	struct ipclens_error error;

	if (!key)
		return true;
	if (ref_parse(text_of(key), &cleaning->wanted, &error) < 0 ||
	    cleaning->wanted.form != REF_BY_KEY) {
		complain_about(key, "not a value of --key, which is a key with 0x, as 0x4d2");
		return false;
	}
	cleaning->rules.wanted = &cleaning->wanted;
	return true;
}

/* As operands, as list has them, or as an option. */
static enum exit_status read_kinds(struct cleaning *cleaning)
{
	const char *list = cleaning->invocation->settings.arguments[OPTION_KIND];

	if (!list)
		return view_kinds(cleaning->invocation, KINDS_LISTED, &cleaning->rules.kinds);
	if (cleaning->invocation->operand_count) {
		complain("--kind: the kinds are given as operands already");
		return STATUS_USAGE;
	}
	return view_kind_list(list, &cleaning->rules.kinds);
}

static enum exit_status read_rules(struct cleaning *cleaning)
{
	const struct settings *settings = &cleaning->invocation->settings;
	uint64_t older_than = check_usual_bounds.older_than;
	enum exit_status status;

	if (!options_read_age(OPTION_OLDER_THAN, settings->older_than, 1, &older_than))
		return STATUS_USAGE;
	cleaning->rules = (struct clean_rules){.bounds = check_usual_bounds,
					       .has_likely = settings->has_likely,
					       .owner = text_of(settings->owner)};
	cleaning->rules.bounds.older_than = older_than;
	if (settings->has_yes && settings->is_dry_run) {
		complain("--yes and --dry-run are opposites");
		return STATUS_USAGE;
	}
	if (!read_key(settings, cleaning))
		return STATUS_USAGE;
	status = read_kinds(cleaning);
	return status == STATUS_DONE ? read_kept(settings, cleaning) : status;
}

/* All that a verdict about objects of these kinds rests on. */
static struct scope scope_of(const struct cleaning *cleaning)
{
	struct scope scope = scope_everything;

	scope.kinds = cleaning->rules.kinds;
	scope.link_kinds = cleaning->rules.kinds;
	/* What has no name is removed already. */
	scope.nameless_kinds = 0;
	scope.limit_kinds = 0;
	scope.has_limit_use = false;
	scope.has_queue_limits = false;
	scope.wait_kinds = cleaning->rules.kinds;
	scope.has_all_processes = true;
	scope.has_units = false;
	return scope;
}

/* The same for one object alone. */
static struct scope scope_of_one(const struct cleaning *cleaning, const struct object *object,
				 const struct ref *ref)
{
	struct scope scope = scope_of(cleaning);

	scope.kinds = scope.link_kinds = scope.wait_kinds = KIND_BIT(object->kind);
	scope.has_holders = object->kind == KIND_SEM;
	scope.details = ref;
	scope.detail_count = 1;
	/* Among thousands the kernel would list all of them, and add up their pages, each time. */
	if (KIND_BIT(object->kind) & KINDS_SYSV) {
		scope.only = ref;
		scope.has_no_residence = true;
	}
	scope.names = SCOPE_PROCESS_USER;
	/* Of other namespaces that of the object alone. */
	scope.namespaces = &ref->namespace;
	scope.namespace_count = ref->has_namespace;
	return scope;
}

/*
 * Looks at the kernel again. Who waits in a queue is looked for by the means by which the plan did,
 * which by itself would be chosen for arrays alone. NULL after a complaint.
 */
static struct snapshot *look_again(const struct cleaning *cleaning, const struct scope *scope)
{
	struct settings settings = cleaning->invocation->settings;
	struct snapshot *snapshot = NULL;

	settings.has_all_namespaces = false;
	settings.arguments[OPTION_NAMESPACE] = NULL;
	if (cleaning->has_bpf && scope->kinds == KIND_BIT(KIND_MSG))
		settings.backend = BACKEND_BPF;
	return view_open(&settings, scope, &snapshot) == STATUS_DONE ? snapshot : NULL;
}

/* A segment that somebody attached between the last look and its removal. 0 or -ENOMEM. */
static int check_aftermath(struct cleaning *cleaning, struct action *action,
			   const struct snapshot *snapshot, const struct object *segment)
{
	struct sysv_identity now;

	if (elsewhere_identify(&cleaning->elsewhere, snapshot, segment, &now, NULL) != 0 ||
	    !now.is_removed)
		return 0;
	return action_fail(&cleaning->actions, action, ACTION_FAILED,
			   "became used: it was attached in the moment of its removal, and goes "
			   "with its last user");
}

/* The verdict that counted, and of the object also what only the first look asked for. */
static void write_down(struct cleaning *cleaning, const struct clean_item *planned,
		       const struct clean_item *item)
{
	struct object object = *item->object;

	if (object.kind == KIND_SHM && object_has(planned->object, OBJECT_RSS)) {
		object.shm.rss = planned->object->shm.rss;
		object.shm.swap = planned->object->shm.swap;
		object_mark(&object, OBJECT_RSS);
		object_mark(&object, OBJECT_SWAP);
	}
	journal_add(&cleaning->journal,
		    &(struct clean_item){.object = &object, .finding = item->finding});
}

/* Of the very object, as it is now. 0 or -ENOMEM. */
static int remove_judged(struct cleaning *cleaning, struct action *action,
			 const struct snapshot *snapshot, const struct clean_item *planned,
			 const struct clean_item *item)
{
	struct ipclens_error error;
	int r;

	if (item->why_kept.length)
		return action_fail(&cleaning->actions, action, ACTION_REFUSED,
				   "it is not the same verdict any more; nothing was done");
	r = elsewhere_remove(&cleaning->elsewhere, snapshot, item->object, false, &error);
	if (r == OUTCOME_GONE)
		return action_fail(&cleaning->actions, action, ACTION_REFUSED,
				   "somebody else has removed it since it was judged");
	if (r != 0)
		return action_fail(&cleaning->actions, action,
				   r == -EBUSY || r == -ESTALE ? ACTION_REFUSED : ACTION_FAILED,
				   error.text);
	action->outcome = ACTION_DONE;
	write_down(cleaning, planned, item);
	return item->object->kind == KIND_SHM
		       ? check_aftermath(cleaning, action, snapshot, item->object)
		       : 0;
}

/* Looks at it and judges it once more. 0 or -ENOMEM. */
static int remove_planned(struct cleaning *cleaning, struct action *action,
			  const struct clean_item *item)
{
	_cleanup_clean_plan_ struct clean_plan plan = {0};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	const struct clean_item *again;
	char bytes[REF_MAX];
	struct scope scope;
	struct ref ref;

	if (ref_parse(ref_of_object(item->object, bytes), &ref, NULL) < 0)
		return action_fail(&cleaning->actions, action, ACTION_FAILED, "it has no REF");
	scope = scope_of_one(cleaning, item->object, &ref);
	snapshot = look_again(cleaning, &scope);
	if (!snapshot)
		return action_fail(&cleaning->actions, action, ACTION_FAILED,
				   "it could not be looked at again");
	/* Owner, key and kind were compared before; the identity stands for them. */
	if (clean_make_plan(snapshot,
			    &(struct clean_rules){.bounds = cleaning->rules.bounds,
						  .has_likely = cleaning->rules.has_likely,
						  .kinds = KIND_BIT(item->object->kind),
						  .kept = cleaning->rules.kept,
						  .kept_count = cleaning->rules.kept_count},
			    &plan) < 0)
		return -ENOMEM;
	again = clean_find(&plan, item->object);
	if (!again)
		return action_fail(&cleaning->actions, action, ACTION_REFUSED,
				   "it has changed since it was judged; nothing was done");
	return remove_judged(cleaning, action, snapshot, item, again);
}

/* The verdict and its evidence. 0 or -ENOMEM. */
static int tell_verdict(struct actions *actions, struct action *action,
			const struct clean_item *item)
{
	const struct text *evidence = item->finding->evidence.items;
	int r = action_set(actions, action, ACTION_OBJECT, "%.*s",
			   (int)item->finding->object.length, item->finding->object.bytes);

	if (r == 0)
		r = action_set(
			actions, action, ACTION_EVIDENCE, "%s, %s",
			finding_info((enum finding_code)item->finding->code)->word,
			finding_fields.fields[FINDING_CERTAINTY].names[item->finding->certainty]);
	for (size_t i = 0; r == 0 && i < item->finding->evidence.count; i++)
		r = action_set(actions, action, ACTION_EVIDENCE, "%.*s", (int)evidence[i].length,
			       evidence[i].bytes);
	return r;
}

static int clean_item(struct cleaning *cleaning, const struct clean_item *item)
{
	const struct settings *settings = &cleaning->invocation->settings;
	struct action *action = actions_add(&cleaning->actions, ACTION_REMOVE);
	int r = action ? tell_verdict(&cleaning->actions, action, item) : -ENOMEM;

	if (r == 0 && item->why_kept.length) {
		action->outcome = ACTION_KEPT;
		r = action_set(&cleaning->actions, action, ACTION_REASON, "%.*s",
			       (int)item->why_kept.length, item->why_kept.bytes);
	} else if (r == 0 && settings->has_yes) {
		r = remove_planned(cleaning, action, item);
	}
	if (r < 0)
		return r;
	r = action_tell(settings, action);
	if (cleaning->told == 0)
		cleaning->told = r;
	return 0;
}

static void print_end(const struct cleaning *cleaning)
{
	size_t counts[ACTION_FAILED + 1] = {0};

	if (cleaning->invocation->settings.is_json)
		return;
	vector_for_each (&cleaning->actions.items, action)
		counts[action->outcome]++;
	if (!cleaning->actions.items.count)
		puts("nothing is unused, as far as that can be seen");
	else if (cleaning->invocation->settings.has_yes)
		printf("%zu removed, %zu kept, %zu not removed\n", counts[ACTION_DONE],
		       counts[ACTION_KEPT], counts[ACTION_REFUSED] + counts[ACTION_FAILED]);
	else
		printf("%zu would be removed, with --yes; %zu kept\n", counts[ACTION_PLANNED],
		       counts[ACTION_KEPT]);
}

enum exit_status cmd_clean(struct invocation *invocation)
{
	_cleanup_cleaning_ struct cleaning cleaning = {.invocation = invocation};
	_cleanup_clean_plan_ struct clean_plan plan = {0};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	enum exit_status status = read_rules(&cleaning);
	struct scope scope;

	if (status == STATUS_DONE)
		status = view_check_owner(&invocation->settings);
	if (status == STATUS_DONE && journal_open(invocation->settings.log, &cleaning.journal) < 0)
		status = STATUS_FAILED;
	if (status != STATUS_DONE)
		return status;
	openlog("ipclens", LOG_PID, LOG_USER);
	scope = scope_of(&cleaning);
	status = view_open(&invocation->settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	cleaning.has_bpf = text_equals(snapshot->sight.backend, TEXT_LITERAL("procfs+bpf"));
	if (clean_make_plan(snapshot, &cleaning.rules, &plan) < 0)
		return view_no_memory();
	vector_for_each (&plan.items, item)
		if (clean_item(&cleaning, item) < 0)
			return view_no_memory();
	print_end(&cleaning);
	return action_list_close(invocation, &cleaning.actions, snapshot, &scope, cleaning.told);
}
