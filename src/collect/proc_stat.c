/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/proc_stat.h"

#include <errno.h>

#include "base/parse_number.h"

/* Fields behind the command, counted from the state as 0. */
#define PLACE_THREADS 17
#define PLACE_START 19
#define PLACE_PROCESSOR 36

static struct text next_word(struct text *text)
{
	size_t first = 0, last;
	struct text word;

	while (first < text->length && (text->bytes[first] == ' ' || text->bytes[first] == '\t'))
		first++;
	for (last = first; last < text->length && text->bytes[last] != ' ' &&
			   text->bytes[last] != '\t' && text->bytes[last] != '\n';)
		last++;
	word = (struct text){text->bytes + first, last - first};
	*text = (struct text){text->bytes + last, text->length - last};
	return word;
}

static int parse_numbers(struct text text, struct proc_stat *stat)
{
	struct text word = next_word(&text);

	if (word.length != 1)
		return -EINVAL;
	stat->state = word.bytes[0];
	for (unsigned int place = 1; place <= PLACE_START; place++) {
		word = next_word(&text);
		if (place == PLACE_THREADS &&
		    parse_unsigned(word, 10, UINT32_MAX, &stat->threads) < 0)
			return -EINVAL;
	}
	if (parse_unsigned(word, 10, UINT64_MAX, &stat->start_ticks) < 0)
		return -EINVAL;
	for (unsigned int place = PLACE_START + 1; place <= PLACE_PROCESSOR; place++)
		word = next_word(&text);
	if (parse_unsigned(word, 10, UINT32_MAX - 1, &stat->processor) < 0)
		stat->processor = PROC_STAT_NO_PROCESSOR;
	return 0;
}

int proc_stat_parse(struct text text, struct proc_stat *ret_stat)
{
	struct proc_stat stat = {0};
	const char *open = text.length ? memchr(text.bytes, '(', text.length) : NULL;
	const char *close = text.length ? memrchr(text.bytes, ')', text.length) : NULL;
	size_t behind;

	if (!open || !close || close < open || (size_t)(close - open) > sizeof(stat.command))
		return -EINVAL;
	stat.command_length = (size_t)(close - open) - 1;
	memcpy(stat.command, open + 1, stat.command_length);
	behind = (size_t)(close + 1 - text.bytes);
	if (parse_numbers((struct text){close + 1, text.length - behind}, &stat) < 0)
		return -EINVAL;
	*ret_stat = stat;
	return 0;
}

int proc_stat_read(const struct rooted *root, const char *path, struct proc_stat *ret_stat)
{
	/* 52 numbers and a command. */
	char room[2048];
	size_t length;
	int r = rooted_read_once(root, path, room, sizeof(room), &length);

	if (r != 0)
		return r;
	return proc_stat_parse((struct text){room, length}, ret_stat) < 0 ? OUTCOME_MALFORMED : 0;
}

int proc_comm_read(const struct rooted *root, const char *path, struct proc_stat *ret_stat)
{
	struct proc_stat stat = {0};
	int r = rooted_read_once(root, path, stat.command, sizeof(stat.command),
				 &stat.command_length);

	if (r != 0)
		return r;
	/* The command itself may hold newlines, too. */
	if (!stat.command_length || stat.command[stat.command_length - 1] != '\n')
		return OUTCOME_MALFORMED;
	stat.command[--stat.command_length] = '\0';
	*ret_stat = stat;
	return 0;
}

/* The text behind the first line that begins so. */
static int find_line(struct text text, struct text start, struct text *ret_rest)
{
	while (text.length) {
		const char *newline = memchr(text.bytes, '\n', text.length);
		size_t length = newline ? (size_t)(newline - text.bytes) : text.length;

		if (length >= start.length && memcmp(text.bytes, start.bytes, start.length) == 0) {
			*ret_rest = (struct text){text.bytes + start.length, length - start.length};
			return 0;
		}
		length += newline != NULL;
		text = (struct text){text.bytes + length, text.length - length};
	}
	return -EINVAL;
}

int proc_status_parse_uid(struct text text, uint64_t *ret_uid)
{
	struct text rest;

	if (find_line(text, TEXT_LITERAL("Uid:"), &rest) < 0)
		return -EINVAL;
	/* Real, effective, saved, of the file system. */
	next_word(&rest);
	return parse_unsigned(next_word(&rest), 10, UINT32_MAX, ret_uid) < 0 ? -EINVAL : 0;
}

int proc_status_parse_tgid(struct text text, uint64_t *ret_tgid)
{
	struct text rest;

	if (find_line(text, TEXT_LITERAL("Tgid:"), &rest) < 0)
		return -EINVAL;
	return parse_unsigned(next_word(&rest), 10, INT32_MAX, ret_tgid) < 0 ? -EINVAL : 0;
}

bool proc_status_is_nested(struct text text)
{
	struct text rest;

	/* Linux before 4.1 does not tell. */
	if (find_line(text, TEXT_LITERAL("NSpid:"), &rest) < 0)
		return false;
	next_word(&rest);
	return next_word(&rest).length;
}

bool proc_status_has_one_pid(struct text text)
{
	struct text rest;
	uint64_t pid;

	return find_line(text, TEXT_LITERAL("NSpid:\t"), &rest) == 0 &&
	       parse_unsigned(rest, 10, INT32_MAX, &pid) == 0;
}

bool proc_status_catches(struct text text, unsigned int signal)
{
	struct text rest;
	uint64_t caught;

	return find_line(text, TEXT_LITERAL("SigCgt:"), &rest) == 0 &&
	       parse_unsigned(next_word(&rest), 16, UINT64_MAX, &caught) == 0 &&
	       caught >> (signal - 1) & 1;
}

int proc_parse_boot_time(struct text text, int64_t *ret_seconds)
{
	struct text rest;

	if (find_line(text, TEXT_LITERAL("btime"), &rest) < 0)
		return -EINVAL;
	return parse_signed(next_word(&rest), ret_seconds) < 0 ? -EINVAL : 0;
}

int proc_sched_parse(struct text text, double *ret_milliseconds)
{
	struct text rest, word, part;
	uint64_t whole, millionths;
	const char *point;

	if (find_line(text, TEXT_LITERAL("se.exec_start"), &rest) < 0)
		return -EINVAL;
	word = next_word(&rest);
	if (text_equals(word, TEXT_LITERAL(":")))
		word = next_word(&rest);
	point = word.length ? memchr(word.bytes, '.', word.length) : NULL;
	if (!point)
		return -EINVAL;
	part = (struct text){point + 1, word.length - (size_t)(point - word.bytes) - 1};
	word.length = (size_t)(point - word.bytes);
	if (part.length != 6 || parse_unsigned(word, 10, UINT64_MAX, &whole) < 0 ||
	    parse_unsigned(part, 10, 999999, &millionths) < 0)
		return -EINVAL;
	*ret_milliseconds = (double)whole + (double)millionths / 1e6;
	return 0;
}

bool proc_sched_read(const struct rooted *root, const char *path, double *ret_milliseconds)
{
	/* The line is among the first. */
	char room[1024];
	size_t length;

	return rooted_read_once(root, path, room, sizeof(room), &length) == 0 &&
	       proc_sched_parse((struct text){room, length}, ret_milliseconds) == 0;
}
