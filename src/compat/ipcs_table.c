/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of ipcs. One description of columns makes heading and rows; where the two do not line
 * up, they do not in util-linux either.
 */
#include "compat/ipcs_print.h"

#include <time.h>

#include "compat/number.h"

/* Room for any cell but the names, which are somewhere else already. */
#define CELL_MAX 64

struct column {
	const char *heading; /* NULL: nothing above this column */
	unsigned int heading_width;
	unsigned int width; /* cells are filled with spaces up to it */
	unsigned int after; /* more spaces behind the cell, however long it is */
	bool is_right;
	bool is_size; /* "size" with human units, whatever heading says */
	/* The text is borrowed from the object or from bytes. */
	struct text (*cell)(const struct object *object, const struct column *column, char *bytes);
	size_t offset;	    /* of what the cell shows, in struct object */
	size_t name_offset; /* of the name of that id */
	size_t cut;	    /* names are cut to that; 0: they are not */
};

struct table {
	const char *title;
	const struct column *columns;
	size_t count;
};

static uint64_t number_at(const struct object *object, size_t offset)
{
	return *(const uint64_t *)(const void *)((const char *)object + offset);
}

static struct text number_cell(const struct object *object, const struct column *column,
			       char *bytes)
{
	return digits_unsigned(bytes, number_at(object, column->offset));
}

static struct text key_cell(const struct object *object, const struct column *column, char *bytes)
{
	(void)column;
	bytes[0] = '0';
	bytes[1] = 'x';
	for (unsigned int i = 0; i < 8; i++)
		bytes[2 + i] = "0123456789abcdef"[object->key >> (28 - 4 * i) & 15];
	return (struct text){bytes, 10};
}

static struct text mode_cell(const struct object *object, const struct column *column, char *bytes)
{
	size_t first = 3;
	uint64_t mode = object->mode;

	(void)column;
	do {
		bytes[--first] = (char)('0' + (mode & 7));
		mode >>= 3;
	} while (mode);
	return (struct text){bytes + first, 3 - first};
}

/* A name, or the id where it has none. */
static struct text name_cell(const struct object *object, const struct column *column, char *bytes)
{
	struct text name =
		*(const struct text *)(const void *)((const char *)object + column->name_offset);

	if (!name.bytes)
		return number_cell(object, column, bytes);
	if (column->cut && name.length > column->cut)
		name.length = column->cut;
	return name;
}

static struct text dest_cell(const struct object *object, const struct column *column, char *bytes)
{
	(void)column;
	(void)bytes;
	return object->status & SHM_STATUS_DEST ? TEXT_LITERAL("dest") : TEXT_NONE;
}

static struct text locked_cell(const struct object *object, const struct column *column,
			       char *bytes)
{
	(void)column;
	(void)bytes;
	return object->status & SHM_STATUS_LOCKED ? TEXT_LITERAL("locked") : TEXT_NONE;
}

static void write_two(char *place, int number, char fill)
{
	place[0] = fill;
	if (number >= 10)
		place[0] = (char)('0' + number / 10 % 10);
	place[1] = (char)('0' + number % 10);
}

struct text ipcs_time(char bytes[static IPCS_TIME_MAX], int64_t seconds)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char digits[DIGITS_MAX];
	time_t when = (time_t)seconds;
	struct text year;
	struct tm local;

	if (!localtime_r(&when, &local))
		return TEXT_NONE;
	memcpy(bytes, "DDD MMM dd hh:mm:ss ", 20);
	memcpy(bytes, days + (ptrdiff_t)3 * local.tm_wday, 3);
	memcpy(bytes + 4, months + (ptrdiff_t)3 * local.tm_mon, 3);
	write_two(bytes + 8, local.tm_mday, ' ');
	write_two(bytes + 11, local.tm_hour, '0');
	write_two(bytes + 14, local.tm_min, '0');
	write_two(bytes + 17, local.tm_sec, '0');
	year = digits_signed(digits, (int64_t)local.tm_year + 1900);
	memcpy(bytes + 20, year.bytes, year.length);
	return (struct text){bytes, 20 + year.length};
}

/* "Nov 23 16:03:19 ", without the year. */
static struct text time_cell(const struct object *object, const struct column *column, char *bytes)
{
	uint64_t seconds = number_at(object, column->offset);
	struct text time;

	if (!seconds)
		return TEXT_LITERAL("Not set");
	time = ipcs_time(bytes, (int64_t)seconds);
	return time.length < 20 ? time : (struct text){time.bytes + 4, 16};
}

static struct text full_time_cell(const struct object *object, const struct column *column,
				  char *bytes)
{
	uint64_t seconds = number_at(object, column->offset);

	return seconds ? ipcs_time(bytes, (int64_t)seconds) : TEXT_LITERAL("Not set");
}

/* Absent members are 0, which is what util-linux prints for them. */
#define MEMBER(member) .offset = offsetof(struct object, member)
#define LEFT(title, columns) .heading = (title), .heading_width = (columns), .width = (columns)
#define NUMBER(title, columns, member) LEFT(title, columns), .cell = number_cell, MEMBER(member)
#define SIZE(title, columns, member) NUMBER(title, columns, member), .is_size = true
#define TIME(title, member) LEFT(title, 20), .cell = time_cell, MEMBER(member)
#define FULL_TIME(title, member) LEFT(title, 26), .cell = full_time_cell, MEMBER(member)
#define KEY LEFT("key", 10), .cell = key_cell
#define MODE LEFT("perms", 10), .cell = mode_cell
#define NAME(title, name, id) \
	LEFT(title, 10), .cell = name_cell, .name_offset = offsetof(struct object, name), MEMBER(id)
#define OWNER NAME("owner", user, uid), .cut = 10

static const struct column shm_list[] = {
	{KEY},
	{NUMBER("shmid", 10, id)},
	{OWNER},
	{MODE},
	{SIZE("bytes", 10, size)},
	{NUMBER("nattch", 10, shm.nattch)},
	{.heading = "status", .heading_width = 12, .width = 6, .cell = dest_cell},
	{.width = 6, .cell = locked_cell},
};

static const struct column shm_times[] = {
	{NUMBER("shmid", 10, id)},	     {OWNER},
	{TIME("attached", shm.attached_at)}, {TIME("detached", shm.detached_at)},
	{TIME("changed", changed_at)},
};

static const struct column shm_pids[] = {
	{NUMBER("shmid", 10, id)},
	{OWNER},
	{NUMBER("cpid", 10, shm.creator_pid)},
	{NUMBER("lpid", 10, shm.last_pid)},
};

static const struct column sem_list[] = {
	{KEY}, {NUMBER("semid", 10, id)}, {OWNER}, {MODE}, {NUMBER("nsems", 10, sem.nsems)},
};

static const struct column sem_times[] = {
	{NUMBER("semid", 8, id)},
	{OWNER, .after = 1},
	{FULL_TIME("last-op", sem.operated_at)},
	{FULL_TIME("last-changed", changed_at)},
};

static const struct column msg_list[] = {
	{KEY},
	{NUMBER("msqid", 10, id)},
	{OWNER},
	{MODE},
	{SIZE("used-bytes", 12, used_bytes)},
	{NUMBER("messages", 12, messages)},
};

static const struct column msg_times[] = {
	{NUMBER("msqid", 8, id)},     {OWNER},
	{TIME("send", msg.sent_at)},  {TIME("recv", msg.received_at)},
	{TIME("change", changed_at)},
};

#define NARROW(title, columns, member)                                                    \
	.heading = (title), .heading_width = 10, .width = (columns), .cell = number_cell, \
	MEMBER(member)

static const struct column msg_pids[] = {
	{NARROW("msqid", 8, id)},
	{OWNER, .after = 1},
	{NARROW("lspid", 5, msg.last_send_pid), .is_right = true, .after = 4},
	{NARROW("lrpid", 5, msg.last_receive_pid), .is_right = true},
};

#define CREATORS(id_title)                                                       \
	{                                                                        \
		{NUMBER(id_title, 10, id)}, {MODE}, {NAME("cuid", cuser, cuid)}, \
			{NAME("cgid", cgroup, cgid)}, {NAME("uid", user, uid)},  \
			{NAME("gid", group, gid)},                               \
	}

static const struct column shm_creators[] = CREATORS("shmid");
static const struct column sem_creators[] = CREATORS("semid");
static const struct column msg_creators[] = CREATORS("msqid");

#define TABLE(title, columns)                                          \
	{                                                              \
		title, columns, sizeof(columns) / sizeof((columns)[0]) \
	}

/* By kind and view. Arrays have no table of PIDs, not even a title. */
static const struct table tables[KINDS_SYSV_COUNT][IPCS_PIDS + 1] = {
	[KIND_SHM] =
		{
			[IPCS_LIST] = TABLE("Shared Memory Segments", shm_list),
			[IPCS_TIMES] = TABLE("Shared Memory Attach/Detach/Change Times", shm_times),
			[IPCS_CREATORS] =
				TABLE("Shared Memory Segment Creators/Owners", shm_creators),
			[IPCS_PIDS] = TABLE("Shared Memory Creator/Last-op PIDs", shm_pids),
		},
	[KIND_SEM] =
		{
			[IPCS_LIST] = TABLE("Semaphore Arrays", sem_list),
			[IPCS_TIMES] = TABLE("Semaphore Operation/Change Times", sem_times),
			[IPCS_CREATORS] = TABLE("Semaphore Arrays Creators/Owners", sem_creators),
		},
	[KIND_MSG] =
		{
			[IPCS_LIST] = TABLE("Message Queues", msg_list),
			[IPCS_TIMES] = TABLE("Message Queues Send/Recv/Change Times", msg_times),
			[IPCS_CREATORS] = TABLE("Message Queues Creators/Owners", msg_creators),
			[IPCS_PIDS] = TABLE("Message Queues PIDs", msg_pids),
		},
};

static void add_headings(struct buffer *out, const struct table *table, enum ipcs_unit unit)
{
	buffer_add_string(out, "------ ");
	buffer_add_string(out, table->title);
	buffer_add_string(out, " --------\n");
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		bool is_human = column->is_size && unit == IPCS_UNIT_HUMAN;

		if (!column->heading)
			continue;
		if (i)
			buffer_add_char(out, ' ');
		buffer_add_left(out, text_of(is_human ? "size" : column->heading),
				column->heading_width);
	}
	buffer_add_char(out, '\n');
}

/* Aligned to the right in six columns, and then up to the column's width as if it fitted. */
static void add_human_size(struct buffer *out, const struct object *object,
			   const struct column *column)
{
	_cleanup_buffer_ struct buffer size = {0};

	number_add_human(&size, number_at(object, column->offset));
	buffer_add_right(out, buffer_text(&size), 6);
	buffer_add_repeated(out, ' ', column->width - 6);
}

static void add_cell(struct buffer *out, const struct object *object, const struct column *column,
		     enum ipcs_unit unit)
{
	char bytes[CELL_MAX];
	struct text cell;

	if (column->is_size && unit == IPCS_UNIT_HUMAN) {
		add_human_size(out, object, column);
		return;
	}
	cell = column->cell(object, column, bytes);
	if (column->is_right)
		buffer_add_right(out, cell, column->width);
	else
		buffer_add_left(out, cell, column->width);
	if (column->after)
		buffer_add_repeated(out, ' ', column->after);
}

void ipcs_add_table(struct buffer *out, const struct snapshot *snapshot, enum kind kind,
		    enum ipcs_view view, enum ipcs_unit unit)
{
	const struct table *table = &tables[kind][view];

	if (!table->title)
		return;
	add_headings(out, table, unit);
	vector_for_each (&snapshot->objects, object) {
		if (object->kind != kind)
			continue;
		for (size_t i = 0; i < table->count; i++) {
			if (i)
				buffer_add_char(out, ' ');
			add_cell(out, object, &table->columns[i], unit);
		}
		buffer_add_char(out, '\n');
	}
}
