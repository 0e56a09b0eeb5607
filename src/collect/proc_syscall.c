/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/proc_syscall.h"

#include <errno.h>

#include "base/parse_number.h"

/* "running", or a decimal number and eight in hexadecimal; of "-1" only the last two of them. */
#define WORDS (1 + PROC_SYSCALL_ARGUMENTS + 2)
#define WORDS_OF_NO_CALL 3

static size_t split(struct text text, struct text words[static WORDS])
{
	size_t count = 0;

	while (text.length) {
		size_t length = 0;

		while (length < text.length && text.bytes[length] != ' ' &&
		       text.bytes[length] != '\n')
			length++;
		if (length && count == WORDS)
			return 0;
		if (length)
			words[count++] = (struct text){text.bytes, length};
		length += length < text.length;
		text = (struct text){text.bytes + length, text.length - length};
	}
	return count;
}

static int parse_hex(struct text word, uint64_t *ret_number)
{
	if (word.length < 3 || word.bytes[0] != '0' || word.bytes[1] != 'x')
		return -EINVAL;
	return parse_unsigned((struct text){word.bytes + 2, word.length - 2}, 16, UINT64_MAX,
			      ret_number);
}

int proc_syscall_parse(struct text text, struct proc_syscall *ret_syscall)
{
	struct proc_syscall call = {0};
	struct text words[WORDS];
	size_t count = split(text, words);

	if (count == 1 && text_equals(words[0], TEXT_LITERAL("running"))) {
		call.is_running = true;
		*ret_syscall = call;
		return 0;
	}
	if (count < WORDS_OF_NO_CALL || parse_signed(words[0], &call.number) < 0)
		return -EINVAL;
	if (count != (call.number == -1 ? WORDS_OF_NO_CALL : WORDS))
		return -EINVAL;
	for (size_t i = 0; i + WORDS_OF_NO_CALL < count; i++)
		if (parse_hex(words[i + 1], &call.arguments[i]) < 0)
			return -EINVAL;
	if (parse_hex(words[count - 2], &call.stack_pointer) < 0 ||
	    parse_hex(words[count - 1], &call.program_counter) < 0)
		return -EINVAL;
	*ret_syscall = call;
	return 0;
}

int proc_syscall_read(const struct rooted *root, const char *path, struct proc_syscall *ret_syscall)
{
	char room[256];
	size_t length;
	int r = rooted_read_once(root, path, room, sizeof(room), &length);

	if (r != 0)
		return r;
	return proc_syscall_parse((struct text){room, length}, ret_syscall) < 0 ? OUTCOME_MALFORMED
										: 0;
}
