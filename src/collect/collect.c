/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/collect.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/bpf_use.h"
#include "collect/inside.h"
#include "collect/recorded.h"
#include "collect/users.h"

static const struct sysv_mechanism *const mechanisms[] = {&sysv_shm, &sysv_sem, &sysv_msg};

static void tell_time(struct collector *collector)
{
	if (collector->root.is_live || !recorded_time(collector, &collector->snapshot->taken_at))
		collector->snapshot->taken_at = (int64_t)time(NULL);
}

static void tell_page_size(struct collector *collector)
{
	struct host *host = &collector->snapshot->host;

	if (collector->root.is_live)
		host->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	else if (!recorded_page_size(collector, &host->page_size))
		return;
	record_mark(&host->record, HOST_PAGE_SIZE);
}

/* The kinds whose objects have to be listed: those asked for, and those that limits count. */
static unsigned int kinds_to_list(const struct scope *scope)
{
	return scope->kinds | (scope->has_limit_use ? scope->limit_kinds : 0);
}

/* What belongs to the namespace that is being listed. */
static int collect_sysv(struct collector *collector, unsigned int kinds)
{
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		int r = 0;

		if (kinds & KIND_BIT(mechanisms[i]->kind))
			r = sysv_collect(collector, mechanisms[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One that ends meanwhile is not missing. 0 or -ENOMEM. */
static int report_not_entered(struct collector *collector, const struct place *place, int outcome)
{
	const char *reason =
		outcome == OUTCOME_DENIED
			? "it may not be entered: that takes CAP_SYS_ADMIN in the user "
			  "namespace that owns it"
			: "it cannot be entered";
	char subject[64];

	if (place->record.kept_by == KEPT_BY_MAPPING) {
		outcome = OUTCOME_UNSUPPORTED;
		reason = "nothing but a mapping of one of its segments keeps it, and no way leads "
			 "there";
	}
	if (outcome == OUTCOME_GONE)
		return 0;
	snprintf(subject, sizeof(subject), "IPC namespace %llu",
		 (unsigned long long)place->record.number);
	return collector_add_issue(collector, ISSUE_ABOUT_NAMESPACES, outcome, KIND_COUNT, NULL,
				   subject, reason);
}

static int collect_place(struct collector *collector, struct place *place, unsigned int kinds)
{
	size_t before = collector->snapshot->objects.count;
	int r = 0;

	place->is_entered = true;
	if (!place->record.is_viewers)
		r = inside_enter(collector, place);
	if (r > 0)
		return report_not_entered(collector, place, r);
	inside_go(collector, place);
	if (!place->record.is_viewers)
		kinds &= ~place->empty_kinds;
	if (r == 0)
		r = collect_sysv(collector, kinds);
	if (!place->record.is_viewers && collector->scope.has_queue_limits)
		sysv_msg_take_limits(collector, before);
	if (r == 0 && kinds & KIND_BIT(KIND_MQ))
		r = posix_mq_collect(collector);
	if (r == 0)
		r = limits_collect_namespace(collector);
	inside_go(collector, NULL);
	return r;
}

/* To look at that takes no longer than one of the files that need not be read then. */
static void look_for_own_pids(struct collector *collector)
{
	const struct scope *scope = &collector->scope;
	unsigned int by_calls =
		KIND_BIT(KIND_MSG) | (scope->has_no_residence ? KIND_BIT(KIND_SHM) : 0U);

	if (collector_has_choice(collector) && !scope->has_no_past && !scope->only &&
	    kinds_to_list(scope) & by_calls)
		collector->has_own_pids = sight_has_own_pids(collector);
}

/* Where others than the viewer's namespace are looked at: which there are, and the way to them. */
static int find_places(struct collector *collector, struct ipclens_error *ret_error)
{
	int r = 0;

	if (places_are_wanted(collector) && collector->root.is_live)
		r = inside_begin(collector, kinds_to_list(&collector->scope));
	return r ? r : places_find(collector, ret_error);
}

static int collect_objects(struct collector *collector)
{
	unsigned int kinds = kinds_to_list(&collector->scope);
	int r = 0;

	if (!collector->places.items.count) {
		r = collect_sysv(collector, kinds);
		return r ? r : files_collect(collector, kinds);
	}
	vector_for_each (&collector->places.items, place) {
		if (r == 0)
			r = collect_place(collector, place, kinds);
	}
	/* Queues were listed in each of them. */
	return r ? r : files_collect(collector, kinds & ~KIND_BIT(KIND_MQ));
}

/* Objects that were listed only to be counted are not part of the answer. */
static void drop_other_kinds(struct collector *collector)
{
	struct snapshot *snapshot = collector->snapshot;
	size_t kept = 0;

	vector_for_each (&snapshot->objects, object)
		if (collector->scope.kinds & KIND_BIT(object->kind))
			snapshot->objects.items[kept++] = *object;
	snapshot->objects.count = kept;
}

int details_collect(struct collector *collector)
{
	const struct scope *scope = &collector->scope;
	bool is_live = collector->root.is_live;
	int r = 0;

	if ((scope->has_semaphores || scope->has_waited_semaphores) &&
	    (scope->kinds & KIND_BIT(KIND_SEM)))
		r = is_live ? sysv_sem_add_semaphores(collector)
			    : recorded_add_semaphores(collector);
	if (r == 0 && scope->has_queue_limits && (scope->kinds & KIND_BIT(KIND_MSG)))
		r = is_live ? sysv_msg_add_limits(collector) : recorded_add_queue_limits(collector);
	return r;
}

static bool looks_at_processes(const struct scope *scope)
{
	return scope->link_kinds || scope->wait_kinds || scope_process_kinds(scope);
}

/* Both links take longer than all that "ipcs" reads on an idle machine. */
static bool needs_namespaces(const struct scope *scope)
{
	return scope->has_namespaces || scope->has_sight || looks_at_processes(scope) ||
	       scope->kinds & KINDS_POSIX || (scope->only && scope->only->has_namespace) ||
	       scope->has_all_namespaces || scope->place || scope->namespace_count;
}

static int collect_all(struct collector *collector, struct ipclens_error *ret_error)
{
	int r = 0;

	if (needs_namespaces(&collector->scope))
		r = sight_find_namespaces(collector);
	look_for_own_pids(collector);
	if (r == 0)
		r = find_places(collector, ret_error);
	if (r < 0)
		return r;
	tell_time(collector);
	tell_page_size(collector);
	if (r == 0)
		r = collect_objects(collector);
	if (r == 0)
		r = limits_collect(collector);
	if (r == 0)
		drop_other_kinds(collector);
	/* Where waits are looked for this comes after them: see users_collect(). */
	if (r == 0 && !collector->scope.wait_kinds)
		r = details_collect(collector);
	if (r == 0 && looks_at_processes(&collector->scope))
		r = users_collect(collector);
	if (r == 0 && collector->places.items.count)
		r = places_add(collector);
	if (r == 0)
		r = waits_account(collector);
	if (r == 0)
		r = waits_find_releasers(collector);
	if (r == 0 && snapshot_settle(collector->snapshot) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = names_collect(collector);
	if (r == 0 && collector->scope.has_sight)
		r = sight_collect(collector);
	return r;
}

/* A folder that holds something else is a mistake, and no machine without anything. */
static int check_tree(const struct rooted *root, const char *directory,
		      struct ipclens_error *ret_error)
{
	int fd, r = rooted_open_directory(root, "proc", &fd);

	if (r == 0)
		close(fd);
	if (r == OUTCOME_GONE)
		return error_set(ret_error, -ENOENT, "%s: not a recorded tree: it has no proc",
				 directory);
	return 0;
}

int collect_snapshot(const struct collect_options *options, struct snapshot **ret_snapshot,
		     struct ipclens_error *ret_error)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct ipclens_error why;
	struct collector collector;
	int r;

	if (options->root && options->backend == BACKEND_SYSCALL)
		return error_set(ret_error, -EINVAL,
				 "a recorded tree cannot be read by system calls");
	r = rooted_init(&root, options->root, ret_error);
	if (r == 0 && options->root)
		r = check_tree(&root, options->root, ret_error);
	if (r < 0)
		return r;
	snapshot = snapshot_new();
	if (!snapshot)
		return error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
	collector = (struct collector){.root = root,
				       .scope = options->scope,
				       .backend = options->backend,
				       .reads_maps_as_text = options->reads_maps_as_text,
				       .mq_folder = -1,
				       .snapshot = snapshot};
	why.text[0] = '\0';
	r = collect_all(&collector, &why);
	inside_end(&collector);
	places_deinit(&collector.places);
	vector_deinit(&collector.other_dev_shm);
	vector_deinit(&collector.held_unseen);
	bpf_use_end(&collector);
	if (r < 0 && why.text[0])
		return error_set(ret_error, r, "%s", why.text);
	if (r < 0)
		return error_set(ret_error, r, "looking at the machine: %s", strerror(-r));
	*ret_snapshot = take_pointer(snapshot);
	return 0;
}
