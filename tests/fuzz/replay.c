/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target without a fuzzer: over each file of its corpus, and over a fixed number of
 * mutations of them that are the same each time. Prints TAP.
 *
 *	fuzz-NAME CORPUS           all of it
 *	fuzz-NAME CORPUS NUMBER    that mutation alone, in this process, for a debugger
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/vector.h"

#define MUTATIONS 20000
#define INPUT_MAX ((size_t)64 * 1024)

struct input {
	char *name;
	struct buffer text;
};

struct corpus {
	VECTOR(struct input) inputs;
};

static void read_input(const char *folder, const char *name, struct input *input)
{
	_cleanup_buffer_ struct buffer path = {0};
	_cleanup_fclose_ FILE *file = NULL;
	size_t length;

	buffer_add_format(&path, "%s/%s", folder, name);
	file = fopen(buffer_string(&path), "r");
	REQUIRE(file);
	input->name = strdup(name);
	length = fread(buffer_reserve(&input->text, INPUT_MAX), 1, INPUT_MAX, file);
	buffer_advance(&input->text, length);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In the order of their names, so that a mutation's number means the same everywhere. */
static void read_corpus(const char *folder, struct corpus *corpus)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		struct input *input = vector_add(&corpus->inputs);

		REQUIRE(input);
		read_input(folder, entries[i]->d_name, input);
		free(entries[i]);
	}
	free(entries);
}

static void free_corpus(struct corpus *corpus)
{
	vector_for_each (&corpus->inputs, input) {
		free(input->name);
		buffer_deinit(&input->text);
	}
	vector_deinit(&corpus->inputs);
}

/* xorshift64: the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t below(uint64_t *state, size_t bound)
{
	return bound ? (size_t)(next_random(state) % bound) : 0;
}

/* Replaces length bytes at start. */
static void splice(struct buffer *text, size_t start, size_t length, struct text piece)
{
	_cleanup_buffer_ struct buffer tail = {0};

	buffer_add(&tail, text->bytes + start + length, text->length - start - length);
	text->length = start;
	buffer_add_text(text, piece);
	buffer_add_text(text, buffer_text(&tail));
}

static struct text any_piece(uint64_t *state, struct text text)
{
	size_t start = below(state, text.length + 1);
	size_t length = below(state, text.length - start + 1);

	return (struct text){text.bytes + start, length < 200 ? length : 200};
}

/* What parsers trip over. */
static struct text any_token(uint64_t *state)
{
	static const char *const tokens[] = {"0",
					     "-1",
					     "-",
					     "+1",
					     "2147483647",
					     "2147483648",
					     "4294967296",
					     "9223372036854775808",
					     "18446744073709551615",
					     "18446744073709551616",
					     "0x",
					     "0xffffffff",
					     "@",
					     ":",
					     ",",
					     "=",
					     "%",
					     ".",
					     "\n",
					     "\r",
					     "\t",
					     " ",
					     "\\",
					     "\"",
					     "[",
					     "]",
					     "{",
					     "}",
					     "null",
					     "\xff",
					     "\xc2\x9b",
					     "\xe2\x80\xae",
					     "\xed\xa0\x80"};

	return text_of(tokens[below(state, sizeof(tokens) / sizeof(tokens[0]))]);
}

static void mutate_once(uint64_t *state, struct buffer *text, struct text other)
{
	size_t place = below(state, text->length + 1);
	size_t length = below(state, text->length - place + 1);
	char byte = (char)below(state, 256);

	switch (below(state, 7)) {
	case 0:
		if (place < text->length)
			text->bytes[place] ^= (char)(1 << below(state, 8));
		break;
	case 1:
		splice(text, place, place < text->length, (struct text){&byte, 1});
		break;
	case 2:
		splice(text, place, length < 16 ? length : 16, TEXT_LITERAL(""));
		break;
	case 3:
		splice(text, place, 0, any_token(state));
		break;
	case 4:
		splice(text, place, length < 8 ? length : 8, any_token(state));
		break;
	case 5:
		splice(text, place, 0, any_piece(state, other));
		break;
	default:
		text->length = below(state, 4) ? text->length : place;
		break;
	}
}

static void run(struct text text)
{
	/* A copy of exactly that size, so that a sanitizer sees each byte read too many. */
	_cleanup_free_ uint8_t *bytes = malloc(text.length ? text.length : 1);

	REQUIRE(bytes);
	if (text.length)
		memcpy(bytes, text.bytes, text.length);
	LLVMFuzzerTestOneInput(bytes, text.length);
}

static const struct input *any_input(uint64_t *state, const struct corpus *corpus)
{
	return &corpus->inputs.items[below(state, corpus->inputs.count)];
}

static void run_mutation(const struct corpus *corpus, uint64_t number)
{
	uint64_t state = (number + 1) * 0x9e3779b97f4a7c15ULL;
	_cleanup_buffer_ struct buffer text = {0};
	size_t count;

	for (int i = 0; i < 4; i++)
		next_random(&state);
	buffer_add_text(&text, buffer_text(&any_input(&state, corpus)->text));
	count = 1 + below(&state, 5);
	for (size_t i = 0; i < count && text.length < INPUT_MAX; i++) {
		const struct input *other = any_input(&state, corpus);

		/* A buffer that has nothing yet has no bytes to point into. */
		REQUIRE(buffer_reserve(&text, 1));
		mutate_once(&state, &text, buffer_text(&other->text));
	}
	run(buffer_text(&text));
}

/* Runs the inputs and then the mutations; *progress is how many have been begun. */
static void run_all(const struct corpus *corpus, volatile uint64_t *progress)
{
	vector_for_each (&corpus->inputs, input) {
		(*progress)++;
		run(buffer_text(&input->text));
	}
	for (uint64_t number = 0; number < MUTATIONS; number++) {
		(*progress)++;
		run_mutation(corpus, number);
	}
}

/* Says which input the child did not survive. */
static void report_failure(const struct corpus *corpus, uint64_t begun)
{
	size_t count = corpus->inputs.count;

	printf("not ok 1 - ");
	if (!begun || begun > count + MUTATIONS)
		printf("the target does not run\n");
	else if (begun <= count)
		printf("corpus file %s\n", corpus->inputs.items[begun - 1].name);
	else
		printf("mutation %ju\n", (uintmax_t)(begun - count - 1));
}

static int run_in_child(const struct corpus *corpus)
{
	volatile uint64_t *progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;

	REQUIRE(progress != MAP_FAILED);
	printf("1..1\n");
	fflush(stdout);
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		run_all(corpus, progress);
		/* And not _exit(): a leak checker looks then. */
		exit(0);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	if (status) {
		report_failure(corpus, *progress);
		return 1;
	}
	printf("ok 1 - %zu corpus files and %d mutations\n", corpus->inputs.count, MUTATIONS);
	return 0;
}

int main(int argc, char **argv)
{
	struct corpus corpus = {0};
	int status = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: %s CORPUS [NUMBER]\n", argv[0]);
		return 2;
	}
	read_corpus(argv[1], &corpus);
	if (!corpus.inputs.count) {
		printf("1..1\nnot ok 1 - %s has no files\n", argv[1]);
		return 1;
	}
	if (argc > 2)
		run_mutation(&corpus, strtoull(argv[2], NULL, 10));
	else
		status = run_in_child(&corpus);
	free_corpus(&corpus);
	return status;
}
