/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables of numbers as /proc/sysvipc prints them: a line of column names, then one line of numbers
 * for each object. Parsing is strict: a line that is not exactly what the layout says is refused,
 * never guessed at.
 */
#ifndef IPCLENS_COLLECT_PROC_TABLE_H
#define IPCLENS_COLLECT_PROC_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rooted.h"

#define PROC_TABLE_COLUMNS_MAX 20
/* The longest line that is looked at; real ones have some 250 bytes. */
#define PROC_TABLE_LINE_MAX 4096

struct proc_column {
	const char *name;
	bool is_octal;
	int64_t least; /* a number outside of these is malformed */
	uint64_t greatest;
};

struct proc_table_layout {
	const struct proc_column *columns;
	size_t required; /* columns that each kernel has */
	size_t known;	 /* and those that newer ones add at the end */
	/* Behind the columns, one blank away, the rest of each line is a name; of its own header.
	 */
	const char *name;
};

/* Negative numbers are in two's complement. */
struct proc_row {
	uint64_t values[PROC_TABLE_COLUMNS_MAX];
	size_t count;	  /* columns of the layout that the line has */
	struct text name; /* borrowed from the line; where the layout has one */
};

/*
 * Reads the line of names. *ret_columns is how many columns the lines have, which may be more than
 * the layout knows: a later kernel's additions are passed over. 0 or -EINVAL.
 */
int proc_table_parse_header(const struct proc_table_layout *layout, struct text line,
			    size_t *ret_columns);

/* Reads a line of that many columns, without its newline. 0 or -EINVAL. */
int proc_table_parse_row(const struct proc_table_layout *layout, size_t columns, struct text line,
			 struct proc_row *ret_row);

/* What a parser does with its rows. Returns 0, -EINVAL (the row is malformed), or fatal. */
typedef int proc_row_handler(const struct proc_row *row, void *context);

/* A table that is parsed piece by piece. All zero with a layout and a handler is its start. */
struct proc_table_parser {
	const struct proc_table_layout *layout;
	proc_row_handler *handler;
	void *context;
	size_t columns;		/* 0: the header has not been read */
	size_t lines;		/* complete ones so far, the header included */
	size_t malformed;	/* of them */
	size_t first_malformed; /* its line number, from 1 */
	bool is_skipping;	/* inside of a line that is too long */
};

/*
 * Parses all complete lines of the text; *ret_used is how many bytes they have, the rest belongs in
 * front of the next piece. 0, or what the handler returned if it is fatal (negative, not -EINVAL).
 */
int proc_table_parse(struct proc_table_parser *parser, struct text text, size_t *ret_used);

/* Counts an unfinished last line as malformed: a number in it may have been cut. */
void proc_table_finish(struct proc_table_parser *parser, size_t bytes_left);

/* Reads a file through the parser. Results as of rooted_read(), or the handler's. */
int proc_table_read(struct proc_table_parser *parser, const struct rooted *root, const char *path);

#endif
