/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "cli/complain.h"
#include "model/value_text.h"

/* Who reads the journal of a clean-up may see whose objects there were. */
#define JOURNAL_MODE 0600

int journal_open(const char *path, struct journal *ret_journal)
{
	_cleanup_close_ int fd = -1;

	*ret_journal = (struct journal){.path = path};
	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, JOURNAL_MODE);
	ret_journal->file = fd < 0 ? NULL : fdopen(fd, "a");
	if (!ret_journal->file) {
		complain("--log %s: %s; nothing was removed", path, strerror(errno));
		return -1;
	}
	take_fd(&fd);
	return 0;
}

void journal_close(struct journal *journal)
{
	if (journal->file)
		fclose(journal->file);
	journal->file = NULL;
}

/* What there was: every field that it had, but for lists. */
static void add_fields(struct buffer *line, const struct object *object)
{
	for (size_t i = 0; i < object_fields.count; i++) {
		const struct field *field = &object_fields.fields[i];
		struct value_scratch scratch;
		struct value value = field_value(&object_fields, i, object, &scratch);
		_cleanup_buffer_ struct buffer text = {0};

		if (!value.is_present || value.type == VALUE_RECORDS || value.type == VALUE_PIDS)
			continue;
		if (value.type == VALUE_TEXT)
			buffer_add_text(&text, value.text);
		else if (value.type == VALUE_TIME)
			time_add_formatted(&text, TIME_FORMAT_ISO, value.signed_number, 0);
		else
			value_add_plain(&text, field, &value);
		buffer_add_format(line, " %s=", field->name);
		utf8_add_for_terminal(line, buffer_text(&text));
	}
}

static void add_line(struct buffer *line, const struct clean_item *item)
{
	const struct finding *finding = item->finding;
	const struct text *evidence = finding->evidence.items;

	buffer_add_format(line, "removed by uid %u: %s (%s)", (unsigned int)getuid(),
			  finding_info((enum finding_code)finding->code)->word,
			  finding_fields.fields[FINDING_CERTAINTY].names[finding->certainty]);
	add_fields(line, item->object);
	for (size_t i = 0; i < finding->evidence.count; i++) {
		buffer_add_string(line, "; ");
		utf8_add_for_terminal(line, evidence[i]);
	}
}

int journal_add(struct journal *journal, const struct clean_item *item)
{
	_cleanup_buffer_ struct buffer line = {0}, stamp = {0};
	int r = 0;

	add_line(&line, item);
	time_add_formatted(&stamp, TIME_FORMAT_ISO, (int64_t)time(NULL), 0);
	if (!buffer_string(&line) || !buffer_string(&stamp))
		return -1;
	syslog(LOG_NOTICE, "%s", line.bytes);
	if (journal->file && (fprintf(journal->file, "%s %s\n", stamp.bytes, line.bytes) < 0 ||
			      fflush(journal->file) != 0)) {
		complain_about(journal->path, "%s", strerror(errno));
		r = -1;
	}
	return r;
}
