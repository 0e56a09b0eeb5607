/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/make_words.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "base/parse_number.h"
#include "cli/view.h"

#define KINDS_MADE (KINDS_SYSV | KINDS_POSIX | KIND_BIT(KIND_FIFO))
#define MODE_USUAL 0600

void make_words_deinit(struct make_words *words)
{
	vector_deinit(&words->values.items);
	buffer_deinit(&words->path);
}

/* Options that only some kinds have. */
static const struct {
	enum option_id option;
	unsigned int kinds;
} meanings[] = {
	{OPTION_SIZE, KIND_BIT(KIND_SHM) | KIND_BIT(KIND_PSHM)},
	{OPTION_KEY, KINDS_SYSV},
	{OPTION_NSEMS, KIND_BIT(KIND_SEM)},
	{OPTION_VALUES, KIND_BIT(KIND_SEM) | KIND_BIT(KIND_PSEM)},
	{OPTION_MAX_MESSAGES, KIND_BIT(KIND_MQ)},
	{OPTION_MESSAGE_SIZE, KIND_BIT(KIND_MQ)},
};

static enum exit_status check_options(const struct settings *settings, enum kind kind)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (!settings->arguments[meanings[i].option] || meanings[i].kinds & KIND_BIT(kind))
			continue;
		complain("make: --%s has no meaning for %s", option_info(meanings[i].option)->name,
			 kind_info(kind)->word);
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

static enum exit_status lack(const char *word, const char *what)
{
	complain("make: %s takes %s; see \"ipclens help make\"", word, what);
	return STATUS_USAGE;
}

static enum exit_status refuse(enum option_id option, const char *argument, const char *why)
{
	complain_about(argument, "not a value of --%s, which is %s", option_info(option)->name,
		       why);
	return STATUS_USAGE;
}

static enum exit_status read_amount(const struct settings *settings, enum option_id option,
				    uint64_t *ret_amount)
{
	const char *argument = settings->arguments[option];
	uint64_t amount;

	if (!argument)
		return STATUS_DONE;
	if (parse_amount(text_of(argument), &amount) < 0 || amount > INT64_MAX)
		return refuse(
			option, argument,
			"a whole number like 4096 or 1.5K, where K, M, G and T are powers of 1024");
	if (!amount)
		return refuse(option, argument, "at least 1");
	*ret_amount = amount;
	return STATUS_DONE;
}

static enum exit_status read_key(const struct settings *settings, uint32_t *ret_key)
{
	const char *argument = settings->arguments[OPTION_KEY];
	uint64_t key;

	if (!argument)
		return STATUS_DONE;
	if (parse_unsigned_prefixed(text_of(argument), UINT32_MAX, &key) < 0 || !key)
		return refuse(OPTION_KEY, argument,
			      "a number from 1 to 0xffffffff; without it the object is private");
	*ret_key = (uint32_t)key;
	return STATUS_DONE;
}

static enum exit_status read_mode(const struct settings *settings, unsigned int *ret_mode)
{
	const char *argument = settings->arguments[OPTION_MODE];
	uint64_t mode = MODE_USUAL;

	if (argument && parse_unsigned(text_of(argument), 8, 0777, &mode) < 0)
		return refuse(OPTION_MODE, argument, "permissions in octal, from 0 to 0777");
	*ret_mode = (unsigned int)mode;
	return STATUS_DONE;
}

/* As many values as --nsems says, all the same. */
static enum exit_status repeat_value(struct make_words *words, size_t count)
{
	while (words->values.items.count < count) {
		unsigned short *place = vector_add(&words->values.items);

		if (!place)
			return view_no_memory();
		*place = words->values.items.items[0];
	}
	return STATUS_DONE;
}

static enum exit_status read_array(const struct settings *settings, struct make_words *words)
{
	const char *argument = settings->arguments[OPTION_NSEMS];
	size_t values = words->values.items.count;
	uint64_t count = values;

	if (!argument && !values)
		return lack("sem", "--nsems or --values");
	if (argument &&
	    (parse_unsigned(text_of(argument), 10, SEMAPHORE_NUM_MAX + 1, &count) < 0 || !count))
		return refuse(OPTION_NSEMS, argument, "a number from 1 to 65536");
	if (values > 1 && values != count) {
		complain("make: there are %zu values for %llu semaphores", values,
			 (unsigned long long)count);
		return STATUS_USAGE;
	}
	if (values && repeat_value(words, count) != STATUS_DONE)
		return STATUS_FAILED;
	words->request.nsems = count;
	words->request.values = words->values.items.items;
	return STATUS_DONE;
}

static enum exit_status read_values(const struct settings *settings, struct make_words *words)
{
	const char *argument = settings->arguments[OPTION_VALUES];
	struct ipclens_error error;

	if (argument && words->request.kind == KIND_PSEM) {
		uint64_t value;

		if (parse_unsigned(text_of(argument), 10, INT_MAX, &value) < 0)
			return refuse(OPTION_VALUES, argument,
				      "here one number from 0 to 2147483647");
		words->request.value = (unsigned int)value;
		return STATUS_DONE;
	}
	if (argument && semaphore_parse_values(text_of(argument), &words->values, &error) < 0) {
		complain_about(argument, "%s", error.text);
		return STATUS_USAGE;
	}
	return words->request.kind == KIND_SEM ? read_array(settings, words) : STATUS_DONE;
}

/* A REF has the whole path. */
static enum exit_status read_path(struct make_words *words, const char *path)
{
	char folder[PATH_MAX];

	if (*path != '/') {
		if (!getcwd(folder, sizeof(folder))) {
			complain_about(path, "%s", strerror(errno));
			return STATUS_FAILED;
		}
		buffer_add_format(&words->path, "%s/", folder);
	}
	buffer_add_string(&words->path, path);
	words->request.name = buffer_string(&words->path);
	return words->request.name ? STATUS_DONE : view_no_memory();
}

static enum exit_status read_name(const struct invocation *invocation, struct make_words *words)
{
	enum kind kind = words->request.kind;
	const char *name = invocation->operand_count > 1 ? invocation->operands[1] : NULL;

	if (KIND_BIT(kind) & KINDS_SYSV) {
		if (!name)
			return STATUS_DONE;
		complain_about(name, "%s has no name; a key is told with --key",
			       kind_info(kind)->word);
		return STATUS_USAGE;
	}
	if (!name || !*name)
		return lack(kind_info(kind)->word, kind == KIND_FIFO ? "a path" : "a name");
	if (kind == KIND_FIFO)
		return read_path(words, name);
	if (*name != '/') {
		complain_about(name, "a name begins with a slash, as /jobs");
		return STATUS_USAGE;
	}
	words->request.name = name;
	return STATUS_DONE;
}

static enum exit_status read_kind(const struct invocation *invocation, enum kind *ret_kind)
{
	const char *word = invocation->operands[0];

	if (kind_find(text_of(word), ret_kind) && KIND_BIT(*ret_kind) & KINDS_MADE)
		return STATUS_DONE;
	complain_about(word, "not a kind that can be made, which are shm, sem, msg, pshm, psem, mq "
			     "and fifo");
	return STATUS_USAGE;
}

static enum exit_status read_sizes(const struct settings *settings, struct make_request *request)
{
	enum exit_status status = read_amount(settings, OPTION_SIZE, &request->size);

	if (status == STATUS_DONE)
		status = read_amount(settings, OPTION_MAX_MESSAGES, &request->max_messages);
	if (status == STATUS_DONE)
		status = read_amount(settings, OPTION_MESSAGE_SIZE, &request->max_message_bytes);
	if (status != STATUS_DONE)
		return status;
	if ((request->kind == KIND_SHM || request->kind == KIND_PSHM) && !request->size)
		return lack(kind_info(request->kind)->word, "--size");
	if (!request->max_messages != !request->max_message_bytes)
		return lack("mq", "both of --max-messages and --message-size, or neither");
	return STATUS_DONE;
}

enum exit_status make_words_read(const struct invocation *invocation, struct make_words *ret_words)
{
	const struct settings *settings = &invocation->settings;
	struct make_request *request = &ret_words->request;
	enum exit_status status = read_kind(invocation, &request->kind);

	if (status == STATUS_DONE)
		status = check_options(settings, request->kind);
	if (status == STATUS_DONE)
		status = read_name(invocation, ret_words);
	if (status == STATUS_DONE)
		status = read_sizes(settings, request);
	if (status == STATUS_DONE)
		status = read_key(settings, &request->key);
	if (status == STATUS_DONE)
		status = read_mode(settings, &request->mode);
	if (status == STATUS_DONE)
		status = read_values(settings, ret_words);
	return status;
}
