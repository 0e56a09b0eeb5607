/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/filter.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/parse_number.h"
#include "base/time_text.h"
#include "model/value_text.h"

struct spelling {
	const char *text;
	enum filter_operator comparison;
};

/* The longer ones first. */
static const struct spelling spellings[] = {
	{"!=", FILTER_NOT_EQUAL}, {"<=", FILTER_AT_MOST}, {">=", FILTER_AT_LEAST},
	{"=", FILTER_EQUAL},	  {"<", FILTER_LESS},	  {">", FILTER_GREATER},
	{"~", FILTER_MATCHES},
};

static struct text rest_from(struct text text, size_t start)
{
	return (struct text){text.bytes + start, text.length - start};
}

/* Splits at the first operator; what stands before and behind it. */
static int split(struct text text, struct text *ret_name, enum filter_operator *ret_operator,
		 struct text *ret_operand)
{
	for (size_t i = 0; i < text.length; i++) {
		for (size_t j = 0; j < sizeof(spellings) / sizeof(spellings[0]); j++) {
			struct text spelling = text_of(spellings[j].text);

			if (text.length - i < spelling.length ||
			    memcmp(text.bytes + i, spelling.bytes, spelling.length) != 0)
				continue;
			*ret_name = (struct text){text.bytes, i};
			*ret_operator = spellings[j].comparison;
			*ret_operand = rest_from(text, i + spelling.length);
			return 0;
		}
	}
	return -EINVAL;
}

/* "2026-01-31T12:00:00Z", or as much of its beginning as a date; always UTC. Or seconds. */
static int parse_time(struct text text, int64_t *ret_seconds)
{
	static const char *const ends[] = {"", "Z", ":00Z", "T00:00:00Z"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		_cleanup_buffer_ struct buffer whole = {0};

		buffer_add_text(&whole, text);
		buffer_add_string(&whole, ends[i]);
		if (time_parse_rfc3339(buffer_text(&whole), ret_seconds) == 0)
			return 0;
	}
	return parse_signed(text, ret_seconds);
}

/* "80", "80.5", "80%": tenths. */
static int parse_percent(struct text text, uint64_t *ret_tenths)
{
	uint64_t whole, tenth = 0;
	const char *point;

	if (text.length && text.bytes[text.length - 1] == '%')
		text.length--;
	point = text.length ? memchr(text.bytes, '.', text.length) : NULL;
	if (point) {
		struct text behind = rest_from(text, (size_t)(point - text.bytes) + 1);

		if (behind.length != 1 || parse_unsigned(behind, 10, 9, &tenth) < 0)
			return -EINVAL;
		text.length = (size_t)(point - text.bytes);
	}
	if (parse_unsigned(text, 10, UINT32_MAX, &whole) < 0)
		return -EINVAL;
	*ret_tenths = whole * 10 + tenth;
	return 0;
}

static int parse_name(struct text text, const char *const *names, uint64_t *ret_number)
{
	for (uint64_t i = 0; names[i]; i++) {
		if (text_equals(text, text_of(names[i]))) {
			*ret_number = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_bool(struct text text, uint64_t *ret_number)
{
	static const char *const names[] = {"false", "true", NULL};

	return parse_name(text, names, ret_number);
}

/*
 * Between two whole numbers, "at least" is above the lower one, and "less" is that one or less; and
 * nothing is equal to it.
 */
static int parse_amount_compared(struct text text, struct filter *filter)
{
	bool is_more;
	int r = parse_amount_between(text, &filter->operand.number, &is_more);

	if (r < 0 || !is_more)
		return r;
	if (filter->comparison == FILTER_AT_LEAST)
		filter->comparison = FILTER_GREATER;
	else if (filter->comparison == FILTER_LESS)
		filter->comparison = FILTER_AT_MOST;
	return filter->comparison <= FILTER_NOT_EQUAL ? -EDOM : 0;
}

static int parse_operand(const struct field *field, struct text text, struct filter *filter)
{
	struct value *value = &filter->operand;
	int r;

	switch (field->type) {
	case VALUE_UNSIGNED:
	case VALUE_SIZE:
		return parse_amount_compared(text, filter);
	case VALUE_ID:
	case VALUE_KEY:
	case VALUE_ADDRESS:
	case VALUE_DURATION:
		return parse_unsigned_prefixed(text, UINT64_MAX, &value->number);
	case VALUE_DEVICE:
		return value_parse_device(text, &value->number);
	case VALUE_PID:
	case VALUE_SIGNED:
		return parse_signed(text, &value->signed_number);
	case VALUE_MODE:
		return parse_unsigned(text, 8, 07777, &value->number);
	case VALUE_TIME:
		return parse_time(text, &value->signed_number);
	case VALUE_TEXT:
		value->text = text;
		return 0;
	case VALUE_FLAGS:
		r = parse_name(text, field->names, &value->number);
		value->number = r < 0 ? 0 : UINT64_C(1) << value->number;
		return r;
	case VALUE_CHOICE:
		return parse_name(text, field->names, &value->number);
	case VALUE_PERCENT:
		return parse_percent(text, &value->number);
	case VALUE_BOOL:
		return parse_bool(text, &value->number);
	case VALUE_RATE: /* no object has one */
	case VALUE_RECORDS:
	case VALUE_PIDS:
	case VALUE_TEXTS:
		break;
	}
	return -EINVAL;
}

static const char *what_is_right(enum value_type type)
{
	switch (type) {
	case VALUE_UNSIGNED:
	case VALUE_SIZE:
		return "a number like 4096 or 1.5K, where K, M, G and T are powers of 1024";
	case VALUE_KEY:
		return "a key like 0x4d2";
	case VALUE_DEVICE:
		return "a device like 0:25";
	case VALUE_MODE:
		return "octal digits like 0644";
	case VALUE_TIME:
		return "a time in UTC like 2026-01-31 or 2026-01-31T12:00:00Z, or seconds since 1970";
	case VALUE_FLAGS:
	case VALUE_CHOICE:
		return "one of its names";
	case VALUE_PERCENT:
		return "a percentage like 80 or 80.5";
	case VALUE_BOOL:
		return "true or false";
	default:
		return "a number";
	}
}

static bool is_amount(enum value_type type)
{
	return type == VALUE_UNSIGNED || type == VALUE_SIZE;
}

static bool has_order(enum value_type type)
{
	return type != VALUE_TEXT && type != VALUE_FLAGS && type != VALUE_CHOICE &&
	       type != VALUE_BOOL;
}

static int compile(struct filter *filter, struct text text, struct ipclens_error *ret_error)
{
	_cleanup_buffer_ struct buffer expression = {0};
	const char *string;
	char why[160];
	int code;

	buffer_add_text(&expression, text);
	string = buffer_string(&expression);
	if (!string)
		return error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
	code = regcomp(&filter->expression, string, REG_EXTENDED | REG_NOSUB);
	if (code) {
		regerror(code, &filter->expression, why, sizeof(why));
		return error_set(ret_error, -EINVAL, "not a regular expression: %s", why);
	}
	filter->has_expression = true;
	return 0;
}

static void add_names(struct buffer *buffer, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		buffer_add_format(buffer, "%s%s", i ? ", " : "", names[i]);
}

static int refuse_operand(const struct field *field, struct ipclens_error *ret_error)
{
	_cleanup_buffer_ struct buffer names = {0};
	const char *list = NULL;

	if (field->type == VALUE_FLAGS || field->type == VALUE_CHOICE) {
		add_names(&names, field->names);
		list = buffer_string(&names);
	}
	return error_set(ret_error, -EINVAL, "%s is compared with %s%s%s", field->name,
			 what_is_right(field->type), list ? ": " : "", list ? list : "");
}

/* What the field is compared with. 0, or -EINVAL or -ENOMEM with ret_error set. */
static int read_operand(const struct field *field, struct text text, struct filter *filter,
			struct ipclens_error *ret_error)
{
	int r;

	if (!text.length)
		return error_set(ret_error, -EINVAL, "the value is missing");
	if (filter->comparison == FILTER_MATCHES)
		return compile(filter, text, ret_error);
	if (filter->comparison > FILTER_NOT_EQUAL && !has_order(field->type))
		return error_set(ret_error, -EINVAL, "%s has no order: use = != or ~", field->name);
	r = parse_operand(field, text, filter);
	if (r == -EDOM)
		return error_set(
			ret_error, -EINVAL,
			"the value is no whole number, so no %s is equal to it: use < or >",
			field->name);
	if (r == -ERANGE && is_amount(field->type))
		return error_set(ret_error, -EINVAL,
				 "the number is larger than any, which are at most "
				 "18446744073709551615");
	return r < 0 ? refuse_operand(field, ret_error) : 0;
}

int filter_parse(const struct field_table *table, struct text text, struct filter *ret_filter,
		 struct ipclens_error *ret_error)
{
	struct filter filter = {0};
	struct text name, operand;
	const struct field *field;
	int r;

	if (split(text, &name, &filter.comparison, &operand) < 0)
		return error_set(ret_error, -EINVAL,
				 "a condition is a field, one of = != < <= > >= ~, and a value, "
				 "as size>=1M");
	if (field_look_up(table, name, &filter.field, ret_error) < 0)
		return -EINVAL;
	field = &table->fields[filter.field];
	if (field->type == VALUE_RECORDS)
		return error_set(ret_error, -EINVAL, "%s is a table of its own", field->name);
	r = read_operand(field, operand, &filter, ret_error);
	if (r < 0)
		return r;
	filter.operand.type = field->type;
	filter.operand.is_present = true;
	*ret_filter = filter;
	return 0;
}

void filter_deinit(struct filter *filter)
{
	if (filter->has_expression)
		regfree(&filter->expression);
	*filter = (struct filter){0};
}

static int matches_expression(const struct filter *filter, const struct field *field,
			      const struct value *value)
{
	_cleanup_buffer_ struct buffer plain = {0};
	const char *string;

	value_add_plain(&plain, field, value);
	string = buffer_string(&plain);
	if (!string)
		return -ENOMEM;
	return regexec(&filter->expression, string, 0, NULL, 0) == 0;
}

static int compare(const struct value *value, const struct value *operand)
{
	if (value->type == VALUE_FLAGS)
		return (value->number & operand->number) == operand->number ? 0 : 1;
	return value_compare(value, operand);
}

int filter_matches(const struct filter *filter, const struct field_table *table, const void *record)
{
	struct value_scratch scratch;
	struct value value = field_value(table, filter->field, record, &scratch);
	int order;

	if (!value.is_present)
		return 0;
	if (filter->comparison == FILTER_MATCHES)
		return matches_expression(filter, &table->fields[filter->field], &value);
	order = compare(&value, &filter->operand);
	switch (filter->comparison) {
	case FILTER_EQUAL:
		return order == 0;
	case FILTER_NOT_EQUAL:
		return order != 0;
	case FILTER_LESS:
		return order < 0;
	case FILTER_AT_MOST:
		return order <= 0;
	case FILTER_GREATER:
		return order > 0;
	default:
		return order >= 0;
	}
}
