/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/option_complaint.h"

#include <getopt.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/complain.h"

/* The options that "--word" may abbreviate; how many there are. */
static size_t add_candidates(struct buffer *list, const char *word, size_t length,
			     const enum option_id *allowed)
{
	size_t count = 0;

	for (; *allowed != OPTION_NONE; allowed++) {
		const char *name = option_info(*allowed)->name;

		if (strncmp(name, word, length) == 0)
			buffer_add_format(list, "%s--%s", count++ ? ", " : "", name);
	}
	return count;
}

/* NULL where no option is only a slip away. */
static const char *nearest_option(const char *word, const enum option_id *allowed)
{
	const char *found = NULL;
	size_t distance = SIZE_MAX;

	for (; *allowed != OPTION_NONE; allowed++) {
		const char *name = option_info(*allowed)->name;

		if (!nearest_is_slip(word, name) || nearest_distance(word, name) >= distance)
			continue;
		found = name;
		distance = nearest_distance(word, name);
	}
	return found;
}

/* word is what was given, with "--" in front and maybe a value behind. */
static void complain_of_name(const char *word, const char *command, const enum option_id *allowed)
{
	_cleanup_buffer_ struct buffer candidates = {0};
	size_t length = strcspn(word + 2, "=");
	char name[64] = "";
	const char *nearest;

	if (length < sizeof(name))
		memcpy(name, word + 2, length);
	if (length && add_candidates(&candidates, word + 2, length, allowed) > 1 &&
	    buffer_string(&candidates)) {
		complain_about(word, "it can be more than one option: %s",
			       buffer_string(&candidates));
		return;
	}
	nearest = nearest_option(name, allowed);
	if (nearest)
		complain_about(word, "no such option; did you mean \"--%s\"?", nearest);
	else
		complain_about(word, "no such option; see \"ipclens help %s\"", command);
}

void option_complain(int found, char **argv, const enum option_id *allowed)
{
	const char *word = argv[optind - 1];
	bool is_long = strncmp(word, "--", 2) == 0;

	if (found == ':')
		complain_about(word, "it needs a value");
	else if (is_long && optopt)
		complain_about(word, "it takes no value");
	else if (is_long)
		complain_of_name(word, argv[0], allowed);
	else
		complain("-%c: no such option; see \"ipclens help %s\"",
			 optopt > ' ' && optopt < 127 ? optopt : '?', argv[0]);
}
