/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON Schema of all documents, made from the field tables.
 */
#include "base/json_text.h"
#include "cli/command.h"
#include "model/action.h"
#include "model/finding.h"
#include "model/graph.h"
#include "model/leak.h"
#include "model/message.h"
#include "model/wait.h"
#include "query/process_totals.h"
#include "query/totals.h"

static void add_property(struct buffer *schema, const char *name, bool is_first)
{
	buffer_add_string(schema, is_first ? "\n\t\t\t\t" : ",\n\t\t\t\t");
	json_add_string(schema, text_of(name));
	buffer_add_string(schema, ": ");
}

static void add_names(struct buffer *schema, const char *const *names)
{
	for (size_t i = 0; names[i]; i++) {
		if (i)
			buffer_add_string(schema, ", ");
		json_add_string(schema, text_of(names[i]));
	}
}

#define ANY_COUNT \
	"\"type\": [\"integer\", \"null\"], \"minimum\": 0, \"maximum\": 18446744073709551615"
#define ANY_TEXT "\"type\": [\"string\", \"null\"]"
#define ANY_LIST "\"type\": [\"array\", \"null\"], \"items\": "

/* What values of the type look like, for the inside of a schema's braces. */
static void add_type(struct buffer *schema, const struct field *field)
{
	static const char *const types[] = {
		[VALUE_UNSIGNED] = ANY_COUNT,
		[VALUE_ID] = ANY_COUNT,
		[VALUE_SIZE] = ANY_COUNT,
		[VALUE_DURATION] = ANY_COUNT,
		[VALUE_ADDRESS] = ANY_COUNT,
		[VALUE_PID] = "\"type\": [\"integer\", \"null\"], \"minimum\": 1",
		[VALUE_PIDS] = ANY_LIST "{\"type\": \"integer\", \"minimum\": 1}",
		[VALUE_SIGNED] = "\"type\": [\"integer\", \"null\"]",
		[VALUE_PERCENT] = "\"type\": [\"number\", \"null\"], \"minimum\": 0",
		[VALUE_RATE] = "\"type\": [\"number\", \"null\"], \"minimum\": 0",
		[VALUE_BOOL] = "\"type\": [\"boolean\", \"null\"]",
		[VALUE_TEXT] = ANY_TEXT,
		[VALUE_TEXTS] = ANY_LIST "{\"type\": \"string\"}",
		[VALUE_TIME] = ANY_TEXT ", \"format\": \"date-time\"",
		[VALUE_MODE] = ANY_TEXT ", \"pattern\": \"^0[0-7]{3}$\"",
		[VALUE_KEY] = ANY_TEXT ", \"pattern\": \"^0x[0-9a-f]{8}$\"",
		[VALUE_DEVICE] = ANY_TEXT ", \"pattern\": \"^[0-9]+:[0-9]+$\"",
	};

	if (field->type == VALUE_FLAGS) {
		buffer_add_string(schema, ANY_LIST "{\"enum\": [");
		add_names(schema, field->names);
		buffer_add_string(schema, "]}");
	} else if (field->type == VALUE_CHOICE) {
		buffer_add_string(schema, "\"enum\": [null, ");
		add_names(schema, field->names);
		buffer_add_char(schema, ']');
	} else if (field->type == VALUE_RECORDS) {
		buffer_add_format(schema, ANY_LIST "{\"$ref\": \"#/$defs/%s\"}",
				  field->records->name);
	} else {
		buffer_add_string(schema, types[field->type]);
	}
}

static void add_field(struct buffer *schema, const struct field *field, bool is_first)
{
	add_property(schema, field->name, is_first);
	buffer_add_string(schema, "{\"description\": ");
	json_add_string(schema, text_of(field->help));
	buffer_add_string(schema, ", ");
	add_type(schema, field);
	buffer_add_char(schema, '}');
	/* Beside a name that is not UTF-8 stand its bytes. */
	if (field->type == VALUE_TEXT && !field->compute)
		buffer_add_format(schema,
				  ",\n\t\t\t\t\"%s_hex\": {\"type\": \"string\", "
				  "\"pattern\": \"^([0-9a-f]{2})*$\"}",
				  field->name);
}

static void add_required(struct buffer *schema, const struct field_table *table, unsigned int kinds)
{
	bool is_first = true;

	buffer_add_string(schema, "\t\t\t\"required\": [");
	for (size_t i = 0; i < table->count; i++) {
		if (kinds && !field_applies(&table->fields[i], kinds))
			continue;
		if (!is_first)
			buffer_add_string(schema, ", ");
		is_first = false;
		json_add_string(schema, text_of(table->fields[i].name));
	}
	buffer_add_string(schema, table->can_hide ? ", \"hidden\"]\n" : "]\n");
}

/* Of one kind of record the member "kind" is that word and no other. */
static void add_kind(struct buffer *schema, unsigned int kinds, bool is_first)
{
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		if (kinds != KIND_BIT(kind))
			continue;
		add_property(schema, "kind", is_first);
		buffer_add_format(schema, "{\"const\": \"%s\"}", kind_info(kind)->word);
	}
}

/* The definition of the records of a table; of one kind where kinds is not 0. */
static void add_definition(struct buffer *schema, const char *name, const struct field_table *table,
			   unsigned int kinds)
{
	bool is_first = true;

	buffer_add_format(schema,
			  "\t\t\"%s\": {\n\t\t\t\"type\": \"object\",\n\t\t\t\"properties\": {",
			  name);
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		if (kinds && !field_applies(field, kinds))
			continue;
		if (kinds && strcmp(field->name, "kind") == 0)
			add_kind(schema, kinds, is_first);
		else
			add_field(schema, field, is_first);
		is_first = false;
	}
	if (table->can_hide) {
		add_property(schema, "hidden", false);
		buffer_add_string(schema, "{\"description\": \"fields that have a value which this "
					  "viewer is not shown\", \"type\": \"array\", "
					  "\"items\": {\"type\": \"string\"}}");
	}
	buffer_add_string(schema, "\n\t\t\t},\n");
	add_required(schema, table, kinds);
	buffer_add_string(schema, "\t\t}");
}

/* Definitions of a table for each kind, named TABLE-KIND. */
static void add_definitions_of_kinds(struct buffer *schema, const struct field_table *table)
{
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		char name[64];

		snprintf(name, sizeof(name), "%s-%s", table->name, kind_info(kind)->word);
		add_definition(schema, name, table, KIND_BIT(kind));
		buffer_add_string(schema, ",\n");
	}
}

static void add_list_of_kinds(struct buffer *schema, const struct field_table *table)
{
	buffer_add_format(schema, "\t\t\"%s\": {\"type\": \"array\", \"items\": {\"oneOf\": [",
			  table->name);
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		buffer_add_format(schema, "%s{\"$ref\": \"#/$defs/%s-%s\"}", kind ? ", " : "",
				  table->name, kind_info(kind)->word);
	buffer_add_string(schema, "]}},\n");
}

static void add_commands(struct buffer *schema)
{
	bool is_first = true;

	buffer_add_string(schema,
			  "\t\t\"command\": {\"description\": \"whose answer it is; that of "
			  "save is a whole snapshot\", \"enum\": [");
	for (size_t i = 0; i < command_count; i++) {
		bool has_json = strcmp(commands[i].name, "save") == 0;

		for (const enum option_id *id = commands[i].options; id && *id != OPTION_NONE; id++)
			has_json |= *id == OPTION_JSON;
		if (!has_json)
			continue;
		if (!is_first)
			buffer_add_string(schema, ", ");
		is_first = false;
		json_add_string(schema, text_of(commands[i].name));
	}
	buffer_add_string(schema, "]},\n");
}

static const struct field_table *const users[] = {
	&namespace_fields,	&process_fields,      &link_fields,	    &accounting_fields,
	&process_totals_fields, &wait_fields,	      &finding_fields,	    &action_fields,
	&message_fields,	&message_type_fields, &leak_fields,	    &leak_look_fields,
	&graph_node_fields,	&graph_edge_fields,   &graph_cluster_fields};

/* What only diff prints: no records of a table, but made of them. */
static const char diff_properties[] =
	"\t\t\"before\": {\"description\": \"the earlier snapshot, as the document tells of the "
	"later one\", \"type\": \"object\",\n"
	"\t\t\t\"required\": [\"taken_at\", \"host\", \"sight\", \"issues\"],\n"
	"\t\t\t\"properties\": {\"taken_at\": {\"$ref\": \"#/properties/taken_at\"}, "
	"\"host\": {\"$ref\": \"#/$defs/host\"}, \"sight\": {\"$ref\": \"#/$defs/sight\"}, "
	"\"issues\": {\"$ref\": \"#/properties/issues\"}}},\n"
	"\t\t\"seconds\": {\"description\": \"between the two snapshots\", \"type\": \"integer\", "
	"\"minimum\": 0},\n"
	"\t\t\"changes\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/changes\"}},\n"
	"\t\t\"not_compared\": {\"type\": \"array\", "
	"\"items\": {\"$ref\": \"#/$defs/not_compared\"}},\n";

/* What only explain prints: words have no table. */
static const char term_properties[] =
	"\t\t\"terms\": {\"type\": \"array\", \"items\": {\"type\": \"object\",\n"
	"\t\t\t\"required\": [\"name\", \"what\", \"explanation\", \"source\"],\n"
	"\t\t\t\"properties\": {\"name\": {\"type\": \"string\"}, "
	"\"what\": {\"description\": \"of what it is a field, or the like; null: a word\", "
	"\"type\": [\"string\", \"null\"]}, \"explanation\": {\"type\": \"string\"}, "
	"\"source\": {\"description\": \"where the kernel says it\", "
	"\"type\": [\"string\", \"null\"]}}}},\n";

static void add_object_or_null(struct buffer *schema, const char *name)
{
	buffer_add_format(schema, "\t\t\t\t\"%s\": {\"oneOf\": [{\"type\": \"null\"}", name);
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		buffer_add_format(schema, ", {\"$ref\": \"#/$defs/%s-%s\"}", object_fields.name,
				  kind_info(kind)->word);
	buffer_add_string(schema, "]}");
}

/* A record of the table that came, went or became another one. */
static void add_use(struct buffer *schema, const char *name, const struct field_table *table)
{
	buffer_add_format(schema,
			  "\t\t\t\t\"%s\": {\"type\": \"array\", \"items\": {\"type\": "
			  "\"object\", \"required\": [\"proven\", \"process\", \"before\", "
			  "\"after\"], \"properties\": {\"proven\": {\"type\": \"boolean\"}",
			  name);
	buffer_add_string(schema, ", \"process\": {\"oneOf\": [{\"type\": \"null\"}, "
				  "{\"$ref\": \"#/$defs/processes\"}]}");
	for (int i = 0; i < 2; i++)
		buffer_add_format(schema,
				  ", \"%s\": {\"oneOf\": [{\"type\": \"null\"}, "
				  "{\"$ref\": \"#/$defs/%s\"}]}",
				  i ? "after" : "before", table->name);
	buffer_add_string(schema, "}}},\n");
}

static void add_diff_definitions(struct buffer *schema)
{
	buffer_add_string(
		schema,
		"\t\t\"changes\": {\n\t\t\t\"type\": \"object\",\n"
		"\t\t\t\"required\": [\"change\", \"object\", \"proven\", \"given_again\", "
		"\"other\", \"fields\", \"users\", \"waits\", \"before\", \"after\"],\n"
		"\t\t\t\"properties\": {\n"
		"\t\t\t\t\"change\": {\"enum\": [\"gone\", \"appeared\", \"changed\"]},\n"
		"\t\t\t\t\"object\": {\"description\": \"its REF, the later one\", \"type\": "
		"\"string\"},\n"
		"\t\t\t\t\"proven\": {\"description\": \"false: it can have been there "
		"unseen\", \"type\": \"boolean\"},\n"
		"\t\t\t\t\"given_again\": {\"description\": \"what another object had, or "
		"got\", \"enum\": [null, \"id\", \"key\", \"name\"]},\n"
		"\t\t\t\t\"other\": {\"description\": \"REF of that object\", \"type\": "
		"[\"string\", \"null\"]},\n"
		"\t\t\t\t\"fields\": {\"type\": \"array\", \"items\": {\"type\": \"object\", "
		"\"required\": [\"name\", \"before\", \"after\", \"delta\", \"rate\"], "
		"\"properties\": {\"name\": {\"description\": \"a field, or semaphores[NUM].FIELD\", "
		"\"type\": \"string\"}, \"before\": {}, \"after\": {}, \"delta\": {\"type\": "
		"[\"integer\", \"null\"]}, \"rate\": {\"description\": \"delta in a second\", "
		"\"type\": [\"number\", \"null\"]}}}},\n");
	add_use(schema, "users", &link_fields);
	add_use(schema, "waits", &wait_fields);
	add_object_or_null(schema, "before");
	buffer_add_string(schema, ",\n");
	add_object_or_null(schema, "after");
	buffer_add_string(
		schema,
		"\n\t\t\t}\n\t\t},\n"
		"\t\t\"not_compared\": {\n\t\t\t\"type\": \"object\",\n"
		"\t\t\t\"required\": [\"what\", \"missing_before\", \"missing_after\", "
		"\"objects\"],\n"
		"\t\t\t\"properties\": {\n"
		"\t\t\t\t\"what\": {\"description\": \"a field, semaphores.FIELD, users, holders, presence or "
		"waits\", \"type\": \"string\"},\n"
		"\t\t\t\t\"missing_before\": {\"type\": \"boolean\"},\n"
		"\t\t\t\t\"missing_after\": {\"type\": \"boolean\"},\n"
		"\t\t\t\t\"objects\": {\"description\": \"of how many\", \"type\": \"integer\", "
		"\"minimum\": 1}\n\t\t\t}\n\t\t},\n");
}

static void add_properties(struct buffer *schema)
{
	buffer_add_string(schema,
			  "\t\"properties\": {\n\t\t\"schema\": {\"const\": \"" SNAPSHOT_SCHEMA
			  "\"},\n");
	add_commands(schema);
	buffer_add_string(schema,
			  "\t\t\"taken_at\": {\"type\": \"string\", \"format\": \"date-time\"},\n"
			  "\t\t\"host\": {\"$ref\": \"#/$defs/host\"},\n"
			  "\t\t\"sight\": {\"$ref\": \"#/$defs/sight\"},\n"
			  "\t\t\"graph\": {\"$ref\": \"#/$defs/graph\"},\n");
	add_list_of_kinds(schema, &object_fields);
	add_list_of_kinds(schema, &totals_fields);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		buffer_add_format(schema,
				  "\t\t\"%s\": {\"type\": \"array\", "
				  "\"items\": {\"$ref\": \"#/$defs/%s\"}},\n",
				  users[i]->name, users[i]->name);
	buffer_add_string(schema, diff_properties);
	buffer_add_string(schema, term_properties);
	buffer_add_string(schema, "\t\t\"limits\": {\"type\": \"array\", "
				  "\"items\": {\"$ref\": \"#/$defs/limits\"}},\n"
				  "\t\t\"issues\": {\"type\": \"array\", "
				  "\"items\": {\"$ref\": \"#/$defs/issues\"}}\n\t},\n");
}

int schema_print(void)
{
	_cleanup_buffer_ struct buffer schema = {.sink = stdout};

	buffer_add_string(&schema,
			  "{\n\t\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
			  "\t\"title\": \"Documents of ipclens\",\n"
			  "\t\"description\": \"Within ipclens/1 members are only added. Absent is "
			  "null. Text that is not UTF-8 has its invalid bytes as \\\\xNN, every "
			  "backslash doubled, and its bytes in NAME_hex.\",\n"
			  "\t\"type\": \"object\",\n"
			  "\t\"required\": [\"schema\", \"command\", \"taken_at\", \"host\", "
			  "\"sight\", \"issues\"],\n");
	add_properties(&schema);
	buffer_add_string(&schema, "\t\"$defs\": {\n");
	add_definitions_of_kinds(&schema, &object_fields);
	add_definitions_of_kinds(&schema, &totals_fields);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		add_definition(&schema, users[i]->name, users[i], 0);
		buffer_add_string(&schema, ",\n");
	}
	add_diff_definitions(&schema);
	add_definition(&schema, semaphore_fields.name, &semaphore_fields, 0);
	buffer_add_string(&schema, ",\n");
	add_definition(&schema, leak_point_fields.name, &leak_point_fields, 0);
	buffer_add_string(&schema, ",\n");
	add_definition(&schema, host_fields.name, &host_fields, 0);
	buffer_add_string(&schema, ",\n");
	add_definition(&schema, sight_fields.name, &sight_fields, 0);
	buffer_add_string(&schema, ",\n");
	add_definition(&schema, graph_summary_fields.name, &graph_summary_fields, 0);
	buffer_add_string(&schema, ",\n");
	add_definition(&schema, limit_fields.name, &limit_fields, 0);
	buffer_add_string(&schema, ",\n");
	add_definition(&schema, issue_fields.name, &issue_fields, 0);
	buffer_add_string(&schema, "\n\t}\n}\n");
	return buffer_flush(&schema);
}
