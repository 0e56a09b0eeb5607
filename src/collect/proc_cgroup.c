/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/proc_cgroup.h"

#include <string.h>

#include "base/cleanup.h"

/* The ids of containers are shown with so many digits, as their own tools do. */
#define ID_SHOWN 12
#define ID_LENGTH 64
#define CGROUP_MAX ((size_t)64 * 1024)

/* A name under construction; what does not fit is left out. */
struct name {
	char *room;
	size_t length;
};

static void add(struct name *name, struct text text)
{
	size_t left = PROC_CGROUP_NAME_MAX - name->length;
	size_t length = text.length < left ? text.length : left;

	if (length)
		memcpy(name->room + name->length, text.bytes, length);
	name->length += length;
}

static bool take_start(struct text *text, struct text start)
{
	if (text->length < start.length || memcmp(text->bytes, start.bytes, start.length) != 0)
		return false;
	*text = (struct text){text->bytes + start.length, text->length - start.length};
	return true;
}

static bool take_end(struct text *text, struct text end)
{
	if (text->length < end.length ||
	    memcmp(text->bytes + text->length - end.length, end.bytes, end.length) != 0)
		return false;
	text->length -= end.length;
	return true;
}

static bool is_hex(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!memchr("0123456789abcdef", text.bytes[i], 16))
			return false;
	return text.length;
}

static bool is_id(struct text text)
{
	return text.length == ID_LENGTH && is_hex(text);
}

/* Of a group that is named for its container: what stands before the id says who made it. */
static bool name_by_prefix(struct text part, struct name *name)
{
	static const struct {
		struct text prefix, word;
	} makers[] = {
		{{"docker-", 7}, {"docker:", 7}},
		{{"cri-containerd-", 15}, {"containerd:", 11}},
		{{"nerdctl-", 8}, {"containerd:", 11}},
		{{"crio-", 5}, {"cri-o:", 6}},
		{{"libpod-", 7}, {"podman:", 7}},
		/* Below the service that runs it (podman --cgroups=split, quadlets). */
		{{"libpod-payload-", 15}, {"podman:", 7}},
		/* "SLICE:cri-containerd:ID", where only the caller counted on systemd. */
		{{"cri-containerd:", 15}, {"containerd:", 11}},
		{{"crio:", 5}, {"cri-o:", 6}},
		{{"docker:", 7}, {"docker:", 7}},
	};

	take_end(&part, TEXT_LITERAL(".scope"));
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct text id = part;

		if (!take_start(&id, makers[i].prefix) || !is_id(id))
			continue;
		add(name, makers[i].word);
		add(name, (struct text){id.bytes, ID_SHOWN});
		return true;
	}
	return false;
}

/*
 * Without systemd the group above can say who made it: "/docker/ID". Where it does not, what is
 * named by such an id is a container all the same: "/kubepods/podUID/ID", "/ecs/TASK/ID",
 * "/default/ID".
 */
static bool name_by_parent(struct text parent, struct text part, struct name *name)
{
	if (!is_id(part))
		return false;
	add(name, text_equals(parent, TEXT_LITERAL("docker")) ? TEXT_LITERAL("docker:")
							      : TEXT_LITERAL("container:"));
	add(name, (struct text){part.bytes, ID_SHOWN});
	return true;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Names in units have bytes that would mean something else written as \x2d (man 5 systemd.unit). */
static void add_unescaped(struct name *name, struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.bytes[i];

		if (byte == '\\' && i + 3 < text.length && text.bytes[i + 1] == 'x' &&
		    hex_digit(text.bytes[i + 2]) >= 0 && hex_digit(text.bytes[i + 3]) >= 0) {
			byte = (char)(hex_digit(text.bytes[i + 2]) << 4 |
				      hex_digit(text.bytes[i + 3]));
			i += 3;
		}
		add(name, (struct text){&byte, 1});
	}
}

/* Whole systems in containers, and machines. */
static bool name_of_machine(struct text parent, struct text part, struct name *name)
{
	struct text left = part;

	if (take_start(&left, TEXT_LITERAL("lxc.payload.")) ||
	    ((text_equals(parent, TEXT_LITERAL("lxc")) ||
	      text_equals(parent, TEXT_LITERAL("lxc.payload"))) &&
	     left.length)) {
		add(name, TEXT_LITERAL("lxc:"));
		add(name, left);
		return true;
	}
	if (take_start(&left, TEXT_LITERAL("systemd-nspawn@")) &&
	    take_end(&left, TEXT_LITERAL(".service"))) {
		add(name, TEXT_LITERAL("nspawn:"));
		add_unescaped(name, left);
		return true;
	}
	left = part;
	if (take_start(&left, TEXT_LITERAL("machine-")) &&
	    take_end(&left, TEXT_LITERAL(".scope"))) {
		add(name, TEXT_LITERAL("machine:"));
		add_unescaped(name, left);
		return true;
	}
	return false;
}

/* Of a pod; podman.service is none. */
static bool is_uid(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!memchr("0123456789abcdef-_", text.bytes[i], 18))
			return false;
	return text.length >= 8;
}

/*
 * "kubepods-burstable-pod1234_5678.slice", behind "kubelet-" where that has a root of its own, or
 * "pod1234-5678" without systemd.
 */
static bool find_pod(struct text part, struct text *ret_uid)
{
	const char *last;

	if (take_end(&part, TEXT_LITERAL(".slice"))) {
		if (!memmem(part.bytes, part.length, "kubepods-", 9))
			return false;
		last = memrchr(part.bytes, '-', part.length);
		if (last)
			part = (struct text){last + 1,
					     part.length - (size_t)(last + 1 - part.bytes)};
	}
	if (!take_start(&part, TEXT_LITERAL("pod")) || !is_uid(part))
		return false;
	*ret_uid = part;
	return true;
}

static void add_pod(struct name *name, struct text uid)
{
	add(name, TEXT_LITERAL("pod:"));
	for (size_t i = 0; i < uid.length; i++)
		add(name,
		    uid.bytes[i] == '_' ? TEXT_LITERAL("-") : (struct text){&uid.bytes[i], 1});
}

static bool is_unit(struct text part)
{
	static const struct text ends[] = {
		{".service", 8}, {".scope", 6}, {".socket", 7}, {".mount", 6}, {".swap", 5}};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct text left = part;

		if (take_end(&left, ends[i]))
			return left.length;
	}
	return false;
}

/* "SLICE:MAKER:ID" is the slice of the pod, and in it the container. */
static struct text take_group(struct text *path)
{
	struct text rest = *path, part = text_take_part(path, '/'), slice = rest;

	slice.length = part.length;
	slice = text_take_part(&slice, ':');
	if (slice.length == part.length || !find_pod(slice, &(struct text){0}))
		return part;
	*path = (struct text){rest.bytes + slice.length + 1, rest.length - slice.length - 1};
	return slice;
}

/* The outermost container or machine, or else the pod. */
static void name_container(struct text path, struct name *name)
{
	struct text parent = TEXT_NONE, pod = TEXT_NONE;

	while (path.length) {
		struct text part = take_group(&path);
		struct name found = {name->room, 0};

		if (pod.length || !find_pod(part, &pod)) {
			if (pod.length)
				add_pod(&found, pod), add(&found, TEXT_LITERAL("/"));
			if (name_by_prefix(part, &found) || name_by_parent(parent, part, &found) ||
			    (!pod.length && name_of_machine(parent, part, &found))) {
				*name = found;
				return;
			}
		}
		parent = part;
	}
	if (pod.length)
		add_pod(name, pod);
}

/* The innermost unit. */
static void name_unit(struct text path, struct name *name)
{
	struct text unit = TEXT_NONE;

	while (path.length) {
		struct text part = text_take_part(&path, '/');

		if (is_unit(part))
			unit = part;
	}
	add_unescaped(name, unit);
}

/*
 * Lines "0::/PATH" of the one tree of version 2, "4:memory:/PATH" of the trees of version 1, of
 * which the one that systemd keeps for itself is as good as that of version 2.
 */
static struct text take_path(struct text *text)
{
	struct text line = text_take_part(text, '\n');

	text_take_part(&line, ':');
	text_take_part(&line, ':');
	/* It was removed, and the process ends. */
	take_end(&line, TEXT_LITERAL(" (deleted)"));
	return line;
}

/* A tree of version 1 can have a container where another one has but the unit that started it. */
struct text proc_cgroup_parse(struct text text, char room[static PROC_CGROUP_NAME_MAX])
{
	struct name name = {room, 0};
	struct text left = text;

	while (left.length && !name.length)
		name_container(take_path(&left), &name);
	while (text.length && !name.length)
		name_unit(take_path(&text), &name);
	return (struct text){room, name.length};
}

struct text proc_cgroup_read(const struct rooted *root, const char *path,
			     char room[static PROC_CGROUP_NAME_MAX])
{
	_cleanup_buffer_ struct buffer text = {0};

	if (rooted_read(root, path, CGROUP_MAX, &text) != 0)
		return TEXT_NONE;
	return proc_cgroup_parse(buffer_text(&text), room);
}
