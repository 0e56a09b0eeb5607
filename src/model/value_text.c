/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/value_text.h"

#include <errno.h>

#include "base/parse_number.h"
#include "base/time_text.h"

static void add_flags(struct buffer *buffer, const struct field *field, uint64_t flags)
{
	bool is_first = true;

	for (size_t i = 0; field->names[i]; i++) {
		if (!(flags >> i & 1))
			continue;
		if (!is_first)
			buffer_add_char(buffer, ',');
		is_first = false;
		buffer_add_string(buffer, field->names[i]);
	}
}

static void add_pids(struct buffer *buffer, struct record_list pids)
{
	const int64_t *items = pids.items;

	for (size_t i = 0; i < pids.count; i++) {
		if (i)
			buffer_add_char(buffer, ',');
		buffer_add_signed(buffer, items[i], 0);
	}
}

/* Without zeros at the end: 3, 2.5, 0.042. */
static void add_thousandths(struct buffer *buffer, uint64_t number)
{
	uint64_t rest = number % 1000;

	buffer_add_unsigned(buffer, number / 1000, 0);
	if (!rest)
		return;
	buffer_add_char(buffer, '.');
	for (uint64_t digit = 100; rest; digit /= 10) {
		buffer_add_char(buffer, (char)('0' + rest / digit));
		rest %= digit;
	}
}

void value_add_plain(struct buffer *buffer, const struct field *field, const struct value *value)
{
	switch (value->type) {
	case VALUE_UNSIGNED:
	case VALUE_ID:
	case VALUE_SIZE:
	case VALUE_ADDRESS:
	case VALUE_DURATION:
		buffer_add_unsigned(buffer, value->number, 0);
		break;
	case VALUE_DEVICE:
		buffer_add_unsigned(buffer, value->number >> 32, 0);
		buffer_add_char(buffer, ':');
		buffer_add_unsigned(buffer, value->number & UINT32_MAX, 0);
		break;
	case VALUE_PID:
	case VALUE_SIGNED:
		buffer_add_signed(buffer, value->signed_number, 0);
		break;
	case VALUE_TIME:
		time_add_rfc3339(buffer, value->signed_number);
		break;
	case VALUE_MODE:
		buffer_add_char(buffer, '0');
		buffer_add_octal(buffer, value->number, 3);
		break;
	case VALUE_KEY:
		buffer_add_string(buffer, "0x");
		buffer_add_hex(buffer, value->number, 8);
		break;
	case VALUE_TEXT:
		buffer_add_text(buffer, value->text);
		break;
	case VALUE_FLAGS:
		add_flags(buffer, field, value->number);
		break;
	case VALUE_CHOICE:
		buffer_add_string(buffer, field->names[value->number]);
		break;
	case VALUE_PERCENT:
		buffer_add_unsigned(buffer, value->number / 10, 0);
		buffer_add_char(buffer, '.');
		buffer_add_unsigned(buffer, value->number % 10, 0);
		break;
	case VALUE_RATE:
		add_thousandths(buffer, value->number);
		break;
	case VALUE_BOOL:
		buffer_add_string(buffer, value->number ? "true" : "false");
		break;
	case VALUE_PIDS:
		add_pids(buffer, value->records);
		break;
	case VALUE_RECORDS:
	case VALUE_TEXTS:
		break;
	}
}

int value_parse_device(struct text text, uint64_t *ret_device)
{
	const char *colon = text.length ? memchr(text.bytes, ':', text.length) : NULL;
	size_t length = colon ? (size_t)(colon - text.bytes) : 0;
	struct text minor = {text.bytes + length + 1, text.length - length - 1};
	uint64_t upper, lower;

	if (!colon ||
	    parse_unsigned((struct text){text.bytes, length}, 10, UINT32_MAX, &upper) < 0 ||
	    parse_unsigned(minor, 10, UINT32_MAX, &lower) < 0)
		return -EINVAL;
	*ret_device = device_number(upper, lower);
	return 0;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_signed(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_texts(struct text a, struct text b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter ? memcmp(a.bytes, b.bytes, shorter) : 0;

	return order ? order : compare_numbers(a.length, b.length);
}

int value_compare(const struct value *a, const struct value *b)
{
	if (!a->is_present || !b->is_present)
		return (int)b->is_present - (int)a->is_present;
	switch (a->type) {
	case VALUE_TIME:
	case VALUE_PID:
	case VALUE_SIGNED:
		return compare_signed(a->signed_number, b->signed_number);
	case VALUE_TEXT:
		return compare_texts(a->text, b->text);
	case VALUE_RECORDS:
	case VALUE_PIDS:
	case VALUE_TEXTS:
		return compare_numbers(a->records.count, b->records.count);
	default:
		return compare_numbers(a->number, b->number);
	}
}
