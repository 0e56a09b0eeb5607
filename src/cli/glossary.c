/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/glossary.h"

#include <stdio.h>

#include "model/machine.h"
#include "model/object.h"
#include "model/process.h"

struct word {
	const char *name;
	const char *explanation;
};

static const struct word words[] = {
	{"attach",
	 "To attach a segment (shmat) is to map it into a process's memory. The kernel counts the "
	 "mappings in nattch; it keeps no list of who made them."},
	{"dest",
	 "A segment with the status dest was removed while somebody had it attached. It has lost "
	 "its key, its memory stays until the last process detaches, and then it goes away by "
	 "itself: nothing needs to be done, unless that process never ends."},
	{"locked",
	 "A segment with the status locked is kept in memory (SHM_LOCK): its pages are never "
	 "swapped out. Databases do this for speed."},
	{"hugetlb",
	 "A segment with the status hugetlb is made of huge pages (SHM_HUGETLB), which are "
	 "reserved when it is created."},
	{"noreserve",
	 "A segment with the status noreserve was created without reserving swap space for it "
	 "(SHM_NORESERVE): touching a page can fail when memory is short."},
	{"IPC_PRIVATE",
	 "An object that is created with the key IPC_PRIVATE (0) has no key by which others could "
	 "find it. Its id must be handed over, for example to children of fork. Private does not "
	 "mean protected: whoever knows the id and has permission can use it."},
	{"ftok",
	 "ftok() makes a key of a file's device and inode and a letter. Two files can give the "
	 "same key, and a file that was replaced gives another one: then programs that belong "
	 "together no longer find each other's objects."},
	{"undo",
	 "An operation with SEM_UNDO is noted by the kernel, and taken back when the process ends: "
	 "so a lock is given back also after a crash. What would be given back tells who holds a "
	 "semaphore."},
	{"mapped",
	 "A process has a segment mapped when the kernel shows it in the process's memory: that is "
	 "proof of use. What an object remembers of the past, its creator and who operated last, is "
	 "history, and proves nothing about now."},
	{"alive",
	 "A process with the PID that an object remembers has lived since before the event: it can be "
	 "the one, and need not use the object any more."},
	{"dead",
	 "There is no process now with the PID that an object remembers. What it made may still be in "
	 "use by others."},
	{"reused",
	 "The PID that an object remembers belongs to another process now, which started after the "
	 "event and has nothing to do with it."},
	{"sight",
	 "How far this viewer can see. Less than full sight means that processes or PIDs can be "
	 "missing from the answer: because of another PID namespace (a container), a /proc that "
	 "hides processes (hidepid), missing capabilities (root has them), or because a recorded "
	 "tree was looked at. What cannot be seen is never reported as not existing."},
	{"hidden",
	 "A value that exists and that this viewer is not shown, ? in a table: the kernel prints "
	 "PID 0 for a process that lives outside of the viewer's PID namespace. An absent value, "
	 "- in a table, does not exist: nobody did that yet."},
	{"incomplete",
	 "An answer is incomplete when something could not be looked at: permission was denied, "
	 "the object was removed meanwhile, the kernel does not have it, or what it said cannot be "
	 "read. Each case is told on standard error and in JSON under issues."},
	{"ENOSPC",
	 "From shmget, semget or msgget it does not mean that a disk is full, but that a limit is "
	 "reached: shmmni or shmall, semmni or semmns, msgmni. \"ipclens limits\" shows which."},
	{"EIDRM",
	 "The object was removed while the call waited or worked on it. A program that gets it "
	 "must create or look up the object again."},
	{"semop",
	 "semop() takes from semaphores (a negative number), gives back (a positive one) or waits "
	 "until one is zero (0). All operations of one call happen together, or the caller sleeps "
	 "until they can. One that succeeded leaves its PID and moves operated_at."},
	{"semtimedop",
	 "semtimedop() is semop() that stops waiting after a time, with EAGAIN. On success it leaves "
	 "the same traces as semop; who gave up leaves none."},
	{"SETVAL",
	 "semctl(SETVAL) gives a semaphore a value, whatever it had; it is how programs begin with a "
	 "new array, and SETALL does it for all of its semaphores. It leaves its PID and moves "
	 "changed_at; operated_at only where it lets somebody through who waited."},
	{"msgsnd",
	 "msgsnd() puts a message into a queue. While there is no room for it the sender sleeps, or "
	 "gets EAGAIN if it asked not to (IPC_NOWAIT). Who succeeded last is last_send_pid; who "
	 "sleeps is noted nowhere."},
	{"msgrcv",
	 "msgrcv() takes the first message, or the first of a type, out of a queue, and sleeps while "
	 "there is none. A message that was taken is gone for all others. Who succeeded last is "
	 "last_receive_pid."},
	{"shmat",
	 "shmat() attaches a segment: maps it into the memory of the calling process. Each call counts "
	 "one more in nattch, also a second one of the same process, and children of fork inherit "
	 "what is attached."},
	{"shmdt",
	 "shmdt() detaches a segment: takes it out of the memory of the calling process. Exit and exec "
	 "detach everything. The segment stays, with what is in it, until it is removed."},
	{"IPC_RMID",
	 "shmctl, semctl or msgctl with IPC_RMID removes an object; ipcrm does it. Arrays and queues are "
	 "gone at once, and who sleeps on them wakes up with EIDRM. A segment that is still attached "
	 "stays until the last detach (see dest)."},
};

/* Fields that objects of many kinds have are not named after all of them. */
static void name_field(struct term *term, const struct field *field)
{
	const char *between = "";
	size_t length = (size_t)snprintf(term->what, sizeof(term->what), "field of");

	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		if (!field_applies(field, KIND_BIT(kind)))
			continue;
		length += (size_t)snprintf(term->what + length, sizeof(term->what) - length,
					   "%s %s", between, kind_info(kind)->word);
		between = ",";
	}
	snprintf(term->what + length, sizeof(term->what) - length, " (column %s)", field->heading);
}

static void fill_from_object(struct term *term, const struct field *field)
{
	*term = (struct term){
		.name = field->name, .explanation = field->explain, .source = field->source};
	name_field(term, field);
}

/* Records beside objects. */
static const struct {
	const struct field_table *fields;
	const char *owner;
} others[] = {
	{&semaphore_fields, "each semaphore of an array"},
	{&process_fields, "each process that uses objects"},
	{&link_fields, "each use of an object by a process"},
	{&accounting_fields, "the count of an object's users"},
};

static void fill_from_other(struct term *term, const struct field *field, const char *owner)
{
	*term = (struct term){
		.name = field->name, .explanation = field->explain, .source = field->source};
	snprintf(term->what, sizeof(term->what), "field of %s (column %s)", owner, field->heading);
}

static void fill_from_limit(struct term *term, enum limit_id id)
{
	const struct limit_info *info = limit_info(id);

	*term = (struct term){.name = info->name, .explanation = info->explain};
	snprintf(term->what, sizeof(term->what), "limit, set by the sysctl %s", info->sysctl);
}

static void fill_from_kind(struct term *term, enum kind kind)
{
	*term = (struct term){.name = kind_info(kind)->word,
			      .explanation = kind_info(kind)->explain};
	snprintf(term->what, sizeof(term->what), "kind, %s", kind_info(kind)->singular);
}

/* The tables stand one behind the other: number is the place in the next one, if it has so many. */
static bool is_within(size_t *number, size_t count)
{
	if (*number < count)
		return true;
	*number -= count;
	return false;
}

bool glossary_term(size_t number, struct term *ret_term)
{
	if (is_within(&number, KIND_COUNT)) {
		fill_from_kind(ret_term, (enum kind)number);
		return true;
	}
	if (is_within(&number, object_fields.count)) {
		fill_from_object(ret_term, &object_fields.fields[number]);
		return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!is_within(&number, others[i].fields->count))
			continue;
		fill_from_other(ret_term, &others[i].fields->fields[number], others[i].owner);
		return true;
	}
	if (is_within(&number, LIMIT_COUNT)) {
		fill_from_limit(ret_term, (enum limit_id)number);
	} else if (is_within(&number, sizeof(words) / sizeof(words[0]))) {
		*ret_term = (struct term){.name = words[number].name,
					  .explanation = words[number].explanation};
	} else {
		return false;
	}
	return true;
}
