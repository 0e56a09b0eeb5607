/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#define SINK_LIMIT ((size_t)64 * 1024)

struct text text_take_part(struct text *text, char separator)
{
	const char *end = text->length ? memchr(text->bytes, separator, text->length) : NULL;
	size_t length = end ? (size_t)(end - text->bytes) : text->length;
	size_t skipped = end ? length + 1 : length;
	struct text part = {text->bytes, length};

	if (!text->bytes)
		return TEXT_NONE;
	*text = (struct text){text->bytes + skipped, text->length - skipped};
	return part;
}

void buffer_deinit(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}

static void buffer_write_out(struct buffer *buffer)
{
	if (buffer->error || !buffer->length)
		return;
	errno = 0;
	if (fwrite(buffer->bytes, 1, buffer->length, buffer->sink) != buffer->length)
		buffer->error = errno ? -errno : -EIO;
	buffer->length = 0;
}

char *buffer_reserve(struct buffer *buffer, size_t length)
{
	size_t capacity;
	char *grown;

	if (buffer->error)
		return NULL;
	if (buffer->sink && buffer->length >= SINK_LIMIT)
		buffer_write_out(buffer);
	if (buffer->bytes && buffer->capacity - buffer->length >= length)
		return buffer->bytes + buffer->length;
	if (__builtin_add_overflow(buffer->length, length, &capacity) || capacity > SIZE_MAX / 2) {
		buffer->error = -ENOMEM;
		return NULL;
	}
	capacity = capacity < 256 ? 256 : capacity + capacity / 2;
	grown = realloc(buffer->bytes, capacity);
	if (!grown) {
		buffer->error = -ENOMEM;
		return NULL;
	}
	buffer->bytes = grown;
	buffer->capacity = capacity;
	return buffer->bytes + buffer->length;
}

void buffer_add_growing(struct buffer *buffer, const char *bytes, size_t length)
{
	char *room = buffer_reserve(buffer, length);

	if (!room || !length)
		return;
	memcpy(room, bytes, length);
	buffer->length += length;
}

void buffer_add_text(struct buffer *buffer, struct text text)
{
	buffer_add(buffer, text.bytes, text.length);
}

void buffer_add_repeated(struct buffer *buffer, char byte, size_t count)
{
	char *room = buffer_reserve(buffer, count);

	if (!room)
		return;
	memset(room, byte, count);
	buffer->length += count;
}

void buffer_add_format_list(struct buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	int length;
	char *room;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	room = length < 0 ? NULL : buffer_reserve(buffer, (size_t)length + 1);
	if (!room)
		return;
	vsnprintf(room, (size_t)length + 1, format, arguments);
	buffer->length += (size_t)length;
}

void buffer_add_format(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buffer_add_format_list(buffer, format, arguments);
	va_end(arguments);
}

struct text digits_unsigned(char digits[static DIGITS_MAX], uint64_t number)
{
	char *first = digits + DIGITS_MAX;

	do {
		*--first = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return (struct text){first, (size_t)(digits + DIGITS_MAX - first)};
}

struct text digits_signed(char digits[static DIGITS_MAX], int64_t number)
{
	struct text text =
		digits_unsigned(digits, number < 0 ? -(uint64_t)number : (uint64_t)number);

	if (number < 0) {
		char *sign = digits + DIGITS_MAX - text.length - 1;

		*sign = '-';
		text = (struct text){sign, text.length + 1};
	}
	return text;
}

void buffer_add_left(struct buffer *buffer, struct text text, size_t width)
{
	buffer_add_text(buffer, text);
	if (text.length < width)
		buffer_add_repeated(buffer, ' ', width - text.length);
}

void buffer_add_right(struct buffer *buffer, struct text text, size_t width)
{
	if (text.length < width)
		buffer_add_repeated(buffer, ' ', width - text.length);
	buffer_add_text(buffer, text);
}

void buffer_add_unsigned(struct buffer *buffer, uint64_t number, unsigned int width)
{
	char digits[DIGITS_MAX];

	buffer_add_right(buffer, digits_unsigned(digits, number), width);
}

void buffer_add_signed(struct buffer *buffer, int64_t number, unsigned int width)
{
	char digits[DIGITS_MAX];

	buffer_add_right(buffer, digits_signed(digits, number), width);
}

static void add_power_of_two_base(struct buffer *buffer, uint64_t number, unsigned int bits,
				  unsigned int digits)
{
	char text[32];
	char *first = text + sizeof(text);
	unsigned int length = 0;

	if (digits > sizeof(text) - 8)
		digits = sizeof(text) - 8;
	while (number || length < digits || !length) {
		*--first = "0123456789abcdef"[number & ((1U << bits) - 1)];
		number >>= bits;
		length++;
	}
	buffer_add(buffer, first, length);
}

void buffer_add_octal(struct buffer *buffer, uint64_t number, unsigned int digits)
{
	add_power_of_two_base(buffer, number, 3, digits);
}

void buffer_add_hex(struct buffer *buffer, uint64_t number, unsigned int digits)
{
	add_power_of_two_base(buffer, number, 4, digits);
}

int buffer_flush(struct buffer *buffer)
{
	if (!buffer->sink)
		return buffer->error;
	buffer_write_out(buffer);
	errno = 0;
	if (!buffer->error && fflush(buffer->sink) != 0)
		buffer->error = errno ? -errno : -EIO;
	return buffer->error;
}

const char *buffer_string(struct buffer *buffer)
{
	char *end = buffer_reserve(buffer, 1);

	if (!end)
		return NULL;
	*end = '\0';
	return buffer->bytes;
}
