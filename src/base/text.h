/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that is read (struct text: bytes that somebody else owns) and text that is built (struct
 * buffer: grows, or is flushed to a stream). Formatting of numbers is done here and not by printf,
 * because a table of thousands of rows spends most of its time in it.
 */
#ifndef IPCLENS_BASE_TEXT_H
#define IPCLENS_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Borrowed bytes; bytes is NULL only for the empty text that TEXT_NONE is. */
struct text {
	const char *bytes;
	size_t length;
};

#define TEXT_NONE ((struct text){NULL, 0})
#define TEXT_LITERAL(literal) ((struct text){(literal), sizeof(literal) - 1})

static inline struct text text_of(const char *string)
{
	return (struct text){string, string ? strlen(string) : 0};
}

static inline bool text_equals(struct text a, struct text b)
{
	return a.length == b.length && (!a.length || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/*
 * What stands in front of the separator, which is dropped; all of it where there is none. *text
 * loses both, and is empty behind the last part.
 */
struct text text_take_part(struct text *text, char separator);

/*
 * Text under construction. All zero is an empty buffer that grows. With a sink, what has gathered
 * is written to it whenever it exceeds a few pages; buffer_flush() writes the rest.
 * The first failure (-ENOMEM, or the stream's error) sticks in .error and later calls do nothing,
 * so that callers look once, at the end.
 */
struct buffer {
	char *bytes;
	size_t length, capacity;
	FILE *sink; /* borrowed; NULL: keep everything */
	int error;
};

void buffer_deinit(struct buffer *buffer);

/* Room for length more bytes: where to write them, or NULL on failure. See buffer_advance(). */
char *buffer_reserve(struct buffer *buffer, size_t length);

/* Counts length bytes, written where buffer_reserve() pointed, as part of the text. */
static inline void buffer_advance(struct buffer *buffer, size_t length)
{
	buffer->length += length;
}

/* buffer_add() where there may be no room. */
void buffer_add_growing(struct buffer *buffer, const char *bytes, size_t length);

/* Inline, as is the case that there is room, and so that the length of a literal is known when it
 * is compiled. */
static inline void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
	if (!length || buffer->error || length > buffer->capacity - buffer->length) {
		buffer_add_growing(buffer, bytes, length);
		return;
	}
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
}

void buffer_add_text(struct buffer *buffer, struct text text);

static inline void buffer_add_string(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, string, strlen(string));
}

/* Inline, as is the case that there is room: in JSON every other call adds one byte. */
static inline void buffer_add_char(struct buffer *buffer, char byte)
{
	if (buffer->length < buffer->capacity && !buffer->error)
		buffer->bytes[buffer->length++] = byte;
	else
		buffer_add(buffer, &byte, 1);
}

void buffer_add_repeated(struct buffer *buffer, char byte, size_t count);
__attribute__((format(printf, 2, 3))) void buffer_add_format(struct buffer *buffer,
							     const char *format, ...);

void buffer_add_format_list(struct buffer *buffer, const char *format, va_list arguments);

/* Numbers; width is the least width, filled on the left with spaces (0: none). */
void buffer_add_unsigned(struct buffer *buffer, uint64_t number, unsigned int width);
void buffer_add_signed(struct buffer *buffer, int64_t number, unsigned int width);
/* Octal or hexadecimal, filled on the left with zeros up to digits. */
void buffer_add_octal(struct buffer *buffer, uint64_t number, unsigned int digits);
void buffer_add_hex(struct buffer *buffer, uint64_t number, unsigned int digits);

/* Text in a field of width bytes, filled with spaces on the right (left-aligned) or left. */
void buffer_add_left(struct buffer *buffer, struct text text, size_t width);
void buffer_add_right(struct buffer *buffer, struct text text, size_t width);

/* Writes what has gathered to the sink and to the kernel; 0 or the negative errno that stuck. */
int buffer_flush(struct buffer *buffer);

/* The text as a NUL-terminated string owned by the buffer; NULL when an error stuck. */
const char *buffer_string(struct buffer *buffer);

static inline struct text buffer_text(const struct buffer *buffer)
{
	return (struct text){buffer->bytes, buffer->length};
}

#define _cleanup_buffer_ __attribute__((cleanup(buffer_deinit)))

/*
 * Room for the decimal digits of any 64-bit number and its sign. digits_unsigned() and
 * digits_signed() write at the end of the array and return the text inside of it.
 */
#define DIGITS_MAX 21
struct text digits_unsigned(char digits[static DIGITS_MAX], uint64_t number);
struct text digits_signed(char digits[static DIGITS_MAX], int64_t number);

#endif
