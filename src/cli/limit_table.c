/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/limit_table.h"

#include "render/table.h"

/* The namespace only where there are limits of several. */
static const size_t columns[] = {LIMIT_NAMESPACE,    LIMIT_NAME,   LIMIT_VALUE,	 LIMIT_USED,
				 LIMIT_USED_PERCENT, LIMIT_SYSCTL, LIMIT_MEANING};

/* Values are of many units: bytes are scaled, and what can never be reached is not a number. */
static bool add_cell(struct buffer *buffer, const void *record, size_t field,
		     const struct style *style, const void *context)
{
	const struct limit *limit = record;
	bool is_bytes = strcmp(limit_info(limit->id)->unit, "bytes") == 0;

	(void)context;
	if (field == LIMIT_VALUE && limit->is_unlimited && !style->is_exact) {
		buffer_add_string(buffer, "unlimited");
		return true;
	}
	if (!is_bytes || (field != LIMIT_VALUE && field != LIMIT_USED) ||
	    !record_has(&limit->record, (unsigned int)field))
		return false;
	style_add_size(buffer, field == LIMIT_VALUE ? limit->value : limit->used, style);
	return true;
}

/* The limits of some kinds, one after the other. */
struct cursor {
	const struct limit *next;
	size_t left;
	unsigned int kinds;
	uint64_t namespace; /* 0: all */
};

/* What is of no namespace holds for all. */
static bool is_of_namespace(const struct limit *limit, uint64_t namespace)
{
	return !namespace || !record_has(&limit->record, LIMIT_NAMESPACE) ||
	       limit->namespace == namespace;
}

static const void *next_limit(void *context)
{
	struct cursor *cursor = context;

	while (cursor->left) {
		const struct limit *limit = cursor->next++;

		cursor->left--;
		if (cursor->kinds & KIND_BIT(limit_info(limit->id)->kind) &&
		    is_of_namespace(limit, cursor->namespace))
			return limit;
	}
	return NULL;
}

int limit_table_print(const struct snapshot *snapshot, unsigned int kinds, uint64_t namespace,
		      const char *indent, const struct style *style)
{
	size_t skipped = snapshot->namespaces.count > 1 && !namespace ? 0 : 1;
	const struct table_layout layout = {.fields = &limit_fields,
					    .columns = columns + skipped,
					    .count = sizeof(columns) / sizeof(columns[0]) - skipped,
					    .add_cell = add_cell,
					    .indent = indent};
	struct cursor cursor = {snapshot->limits.items, snapshot->limits.count, kinds, namespace};

	return table_print(&layout, style, next_limit, &cursor, stdout);
}
