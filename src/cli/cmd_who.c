/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens who: the processes that use single objects, and how.
 */
#include "cli/find.h"
#include "cli/user_table.h"
#include "render/style.h"

static int print_users(const struct snapshot *snapshot, const struct object *object,
		       const struct style *style)
{
	_cleanup_buffer_ struct buffer heading = {0};

	/* A REF can have a name that somebody else chose. */
	style_add_field(&heading, &object_fields, OBJECT_REF, object, style);
	if (style->has_heading && buffer_string(&heading))
		printf("%s  %s\n", heading.bytes, kind_info(object->kind)->singular);
	return user_table_print(snapshot, object, NULL, style);
}

enum exit_status cmd_who(struct invocation *invocation)
{
	_cleanup_found_ struct found found = {0};
	const struct settings *settings = &invocation->settings;
	struct scope scope = scope_everything;
	enum exit_status status = find_read(invocation, &found);

	if (status != STATUS_DONE)
		return status;
	scope.limit_kinds = 0;
	scope.has_limit_use = false;
	scope.has_semaphores = found.wanted_kinds & KIND_BIT(KIND_SEM);
	scope.has_queue_limits = settings->is_json && found.wanted_kinds & KIND_BIT(KIND_MSG);
	scope.link_kinds = found.wanted_kinds;
	find_narrow(&found, &scope);
	/* Which no table shows here. */
	scope.has_no_residence = !settings->is_json;
	status = find_open(invocation, &scope, &found);
	if (status != STATUS_DONE && !found.snapshot)
		return status;
	if (!found.snapshot->has_users) {
		complain("who: this file does not tell who uses the objects");
		return STATUS_FAILED;
	}
	return find_answer(invocation, &found, status, false, print_users);
}
