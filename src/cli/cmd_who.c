/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens who: the processes that use single objects, and how.
 */
#include "cli/find.h"
#include "cli/user_table.h"

static int print_all(const struct found *found, const struct style *style)
{
	vector_for_each (&found->objects.objects, object) {
		int r;

		if (object != found->objects.objects.items)
			putchar('\n');
		if (style->has_heading) {
			char bytes[REF_MAX];
			struct text ref = ref_of_object(*object, bytes);

			printf("%.*s  %s\n", (int)ref.length, ref.bytes,
			       kind_info((*object)->kind)->singular);
		}
		r = user_table_print(found->snapshot, *object, NULL, style);
		if (r < 0)
			return r;
	}
	return 0;
}

enum exit_status cmd_who(struct invocation *invocation)
{
	_cleanup_found_ struct found found = {0};
	const struct settings *settings = &invocation->settings;
	struct scope scope = scope_everything;
	enum exit_status status = find_read(invocation, &found), closed;
	struct style style;

	if (status != STATUS_DONE)
		return status;
	scope.limit_kinds = 0;
	scope.has_limit_use = false;
	scope.has_semaphores = found.wanted_kinds & KIND_BIT(KIND_SEM);
	scope.has_queue_limits = settings->is_json && found.wanted_kinds & KIND_BIT(KIND_MSG);
	scope.link_kinds = found.wanted_kinds;
	/* Which no table shows here. */
	scope.has_no_residence = !settings->is_json;
	status = find_open(invocation, &scope, &found);
	if (status != STATUS_DONE && !found.snapshot)
		return status;
	if (!found.snapshot->has_users) {
		complain("who: this file does not tell who uses the objects");
		return STATUS_FAILED;
	}
	style = view_style(settings, found.snapshot);
	closed = view_close(settings->is_json ? find_print_json(&found, "who", false)
					      : print_all(&found, &style),
			    found.snapshot, &found.answer);
	return closed == STATUS_DONE ? status : closed;
}
