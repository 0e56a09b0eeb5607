/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of commands.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "compat/compat.h"

#define LOOK_OPTIONS                                                                              \
	OPTION_ALL_NAMESPACES, OPTION_NAMESPACE, OPTION_JSON, OPTION_FROM, OPTION_ROOT,           \
		OPTION_BACKEND, OPTION_NO_HEADER, OPTION_BYTES, OPTION_TIME_FORMAT, OPTION_COLOR, \
		OPTION_HELP, OPTION_NONE

static const enum option_id look_options[] = {LOOK_OPTIONS};
static const enum option_id list_options[] = {OPTION_COLUMNS, OPTION_SORT,  OPTION_FILTER,
					      OPTION_EVERY,   OPTION_LOOKS, OPTION_OWNER,
					      OPTION_FILL,    LOOK_OPTIONS};
static const enum option_id find_options[] = {OPTION_FILL, LOOK_OPTIONS};
static const enum option_id check_options[] = {
	OPTION_SINCE,	  OPTION_OLDER_THAN,	 OPTION_STUCK,
	OPTION_LONG_WAIT, OPTION_NEAR,		 OPTION_ONLY,
	OPTION_IGNORE,	  OPTION_MIN_SEVERITY,	 OPTION_FORMAT,
	OPTION_JSON,	  OPTION_FROM,		 OPTION_ROOT,
	OPTION_BACKEND,	  OPTION_ALL_NAMESPACES, OPTION_NAMESPACE,
	OPTION_COLOR,	  OPTION_HELP,		 OPTION_NONE};
static const enum option_id graph_options[] = {
	OPTION_AROUND, OPTION_DEPTH,	      OPTION_HISTORY,	OPTION_ALL,  OPTION_NO_AGGREGATE,
	OPTION_FORMAT, OPTION_ALL_NAMESPACES, OPTION_NAMESPACE, OPTION_JSON, OPTION_FROM,
	OPTION_ROOT,   OPTION_BACKEND,	      OPTION_BYTES,	OPTION_HELP, OPTION_NONE};
static const enum option_id save_options[] = {
	OPTION_ALL_NAMESPACES, OPTION_NAMESPACE, OPTION_FROM, OPTION_ROOT,
	OPTION_BACKEND,	       OPTION_HELP,	 OPTION_NONE};
static const enum option_id diff_options[] = {
	OPTION_KIND,	      OPTION_OWNER,	     OPTION_FILTER,    OPTION_ONLY_CHANGES,
	OPTION_FORCE_COMPARE, OPTION_ALL_NAMESPACES, OPTION_NAMESPACE, OPTION_JSON,
	OPTION_ROOT,	      OPTION_BACKEND,	     OPTION_NO_HEADER, OPTION_BYTES,
	OPTION_TIME_FORMAT,   OPTION_COLOR,	     OPTION_HELP,      OPTION_NONE};
static const enum option_id namespaces_options[] = {
	OPTION_COLUMNS, OPTION_NAMESPACE,   OPTION_JSON,  OPTION_FROM, OPTION_NO_HEADER,
	OPTION_BYTES,	OPTION_TIME_FORMAT, OPTION_COLOR, OPTION_HELP, OPTION_NONE};
static const enum option_id explain_options[] = {OPTION_JSON, OPTION_HELP, OPTION_NONE};
static const enum option_id plain_options[] = {OPTION_HELP, OPTION_NONE};

static const enum option_id clean_options[] = {
	OPTION_ALL_NAMESPACES, OPTION_NAMESPACE, OPTION_YES,	 OPTION_INCLUDE_LIKELY,
	OPTION_OLDER_THAN,     OPTION_OWNER,	 OPTION_KIND,	 OPTION_KEY,
	OPTION_KEEP,	       OPTION_LOG,	 OPTION_DRY_RUN, OPTION_JSON,
	OPTION_BACKEND,	       OPTION_HELP,	 OPTION_NONE};

static const enum option_id remove_options[] = {OPTION_NAMESPACE, OPTION_YES,  OPTION_FORCE,
						OPTION_DRY_RUN,	  OPTION_JSON, OPTION_BACKEND,
						OPTION_HELP,	  OPTION_NONE};

static const enum option_id make_options[] = {
	OPTION_NAMESPACE, OPTION_YES,	 OPTION_SIZE,	      OPTION_KEY,	   OPTION_MODE,
	OPTION_NSEMS,	  OPTION_VALUES, OPTION_MAX_MESSAGES, OPTION_MESSAGE_SIZE, OPTION_DRY_RUN,
	OPTION_JSON,	  OPTION_HELP,	 OPTION_NONE};

static const enum option_id peek_options[] = {
	OPTION_NAMESPACE, OPTION_BODY,	OPTION_RAW,   OPTION_JSON, OPTION_BACKEND,
	OPTION_NO_HEADER, OPTION_BYTES, OPTION_COLOR, OPTION_HELP, OPTION_NONE};

static const enum option_id send_options[] = {
	OPTION_NAMESPACE, OPTION_YES,	  OPTION_TYPE, OPTION_PRIORITY, OPTION_TIMEOUT,
	OPTION_FILE,	  OPTION_DRY_RUN, OPTION_JSON, OPTION_HELP,	OPTION_NONE};
static const enum option_id receive_options[] = {OPTION_NAMESPACE, OPTION_YES,	   OPTION_TYPE,
						 OPTION_TIMEOUT,   OPTION_DRY_RUN, OPTION_JSON,
						 OPTION_HELP,	   OPTION_NONE};

static const enum option_id semop_options[] = {OPTION_NAMESPACE, OPTION_YES,  OPTION_TIMEOUT,
					       OPTION_UNDO,	 OPTION_HOLD, OPTION_DRY_RUN,
					       OPTION_JSON,	 OPTION_HELP, OPTION_NONE};

static const enum option_id leaks_options[] = {OPTION_BY,	 OPTION_MIN_GROWTH,    OPTION_KIND,
					       OPTION_OWNER,	 OPTION_FORCE_COMPARE, OPTION_JSON,
					       OPTION_NO_HEADER, OPTION_TIME_FORMAT,   OPTION_BYTES,
					       OPTION_COLOR,	 OPTION_HELP,	       OPTION_NONE};

#define LOOK "look"
#define JUDGE "judge"
#define ACT "act"
#define KEEP "keep"
#define DROP_IN "drop-in"
#define HELP "help"

const struct command commands[] = {
	{"status", LOOK, "", OPERAND_NONE, 0, 0,
	 "one screen: how much there is, how full, what is wrong",
	 "What ipclens does without a command. For each kind: how many objects, what they hold, and of "
	 "the limits of all of them together the one that is closest to being reached. Then what deserves a look, and how far this "
	 "viewer can see.",
	 look_options, cmd_status, NULL, false},
	{"list", LOOK, "[KIND…]", OPERAND_KINDS, 0, OPERANDS_ANY,
	 "the objects, one table for each kind",
	 "Kinds are shm, sem and msg (System V shared memory segments, semaphore arrays and message "
	 "queues), pshm, psem and mq (their POSIX counterparts), and pipe, fifo and map (memory "
	 "without a name that two or more processes share). Without one, the first six are listed, "
	 "and of POSIX objects those that have a name. Of a kind that is named those, too, that have "
	 "lost their name and are still in use: to find them takes a look at every process. In a "
	 "table, - means that there is no such value, and ? that "
	 "there is one which this viewer is not shown (a PID of another PID namespace).",
	 list_options, cmd_list, NULL, false},
	{"show", LOOK, "REF…", OPERAND_REFS, 1, OPERANDS_ANY, "everything about single objects",
	 "A REF is a kind and an id (shm:32768), a key (shm:0x4d2), a name (pshm:/cache, "
	 "mq:/jobs), a path (fifo:/run/x) or an inode (pipe:4711, pshm:#4711). Without a kind an id "
	 "or key is looked for among shm, sem and msg; where more than one object answers, they are "
	 "listed and nothing is shown. An @ and a number at the end name the IPC namespace. Arrays show each of their "
	 "semaphores, every object the limits of its kind.",
	 find_options, cmd_show, NULL, false},
	{"who", LOOK, "REF…", OPERAND_REFS, 1, OPERANDS_ANY,
	 "the processes that use single objects, and how",
	 "For a segment every process that has it mapped, and how many of the attachments that the "
	 "kernel counts were found: only \"4 of 4\" is all of them. What the object remembers of "
	 "past users stands apart: such a process may have ended (dead), its PID may belong to "
	 "another by now (reused), and where it lives (alive) it need not use the object any more. "
	 "Of pipes and FIFOs both ends are shown, and who waits to open one; of POSIX objects who has "
	 "them open or mapped. Their users the kernel does not count, so that these are all of them "
	 "only as far as every process could be looked at. With all attachments found nobody else is "
	 "looked at, so that who shares the memory of one of them (vfork, CLONE_VM) may not be "
	 "named: list -o ref,processes names them, too. Of a semaphore array it is recorded who "
	 "holds it with undo, and who waits; who uses it otherwise, or uses a queue of System V, is "
	 "recorded nowhere.",
	 find_options, cmd_who, NULL, false},
	{"ps", LOOK, "[PID…]", OPERAND_PIDS, 0, OPERANDS_ANY, "the inverse: what each process uses",
	 "Each process that uses something, with how much shared memory it has mapped, in how many "
	 "mappings, how many bytes of its memory they are, how many POSIX queues and pipes it has "
	 "open, and who is at the other ends of the pipes. For each PID that is given, its uses "
	 "follow, one by one.",
	 look_options, cmd_ps, NULL, false},
	{"blocked", LOOK, "", OPERAND_NONE, 0, 0,
	 "every thread that sleeps in IPC, and who could wake it",
	 "Rings of processes that wait for each other come first: a deadlock is one that is proven, "
	 "by what the kernel records of who holds a semaphore (SEM_UNDO), a suspected deadlock is any "
	 "weaker one, with its weakest step named. Then semaphores that were most likely abandoned, "
	 "then all waits, the oldest first, with what each thread wants and who could end its wait: "
	 "? where that is not known, - where nobody is. Then who holds up whom. A thread that was "
	 "stopped does not wait, and one that waits for something else as well is not shown.",
	 look_options, cmd_blocked, NULL, false},
	{"peek", LOOK, "REF", OPERAND_REFS, 1, 1,
	 "the messages in a queue of System V, which stay in it",
	 "Each message with its place, type, size and the start of its body, and how many there are of "
	 "each type. They are copied (MSG_COPY), which takes permission to read the queue and leaves it as "
	 "it was, its times, too. One message is copied after the other: where the queue changed "
	 "meanwhile, that is said. Messages of POSIX queues cannot be read without taking them.",
	 peek_options, cmd_peek, NULL, false},
	{"limits", LOOK, "[KIND…]", OPERAND_KINDS, 0, OPERANDS_ANY,
	 "every limit, its use, and the sysctl that sets it",
	 "What bounds a single object (shmmax, semmsl, msgmnb) is compared with the largest one "
	 "that exists; what bounds all together with their sum.",
	 look_options, cmd_limits, NULL, false},
	{"namespaces", LOOK, "", OPERAND_NONE, 0, 0,
	 "the IPC namespaces of the machine, and what is in each",
	 "Each container mostly has an IPC namespace of its own, with objects that are shown nowhere else. "
	 "Those are found that processes, single threads, mounts or open descriptors keep, as far as you "
	 "may see them, with the process of the lowest PID and the container, pod or unit that its "
	 "control group is named for. With --namespace one of them, and its limits. Other commands look "
	 "into them with --namespace and --all-namespaces, and where a REF names one behind an @. Of a "
	 "namespace that nothing but a mapped segment keeps, /proc does not tell.",
	 namespaces_options, cmd_namespaces, NULL, false},
	{"explain", LOOK, "[TERM…]", OPERAND_TERMS, 0, OPERANDS_ANY,
	 "what a field, limit, state or word means", "Without a term, all of them are listed.",
	 explain_options, cmd_explain, NULL, false},
	{"check", JUDGE, "", OPERAND_NONE, 0, 0, "what is wrong, on what evidence, and what to do",
	 "The worst first, each with how certain it is, the facts on which that rests with their "
	 "source, and what to do. certain is only what the kernel counts, and only where nothing is "
	 "hidden from this viewer; likely is what the record speaks for; unknown is told, but is no "
	 "part of the verdict. Exit status: 0 nothing worse than a note, 1 a warning, 2 something "
	 "critical, 3 usage, failure, or too little could be seen to judge. Findings are deadlock, "
	 "limit-explains, suspected-deadlock, abandoned-sem, full-queue, pipe-stalled, long-wait, "
	 "fifo-no-partner, stuck-queue, near-limit, orphan-shm, orphan-sem, orphan-msg, orphan-posix, "
	 "removed-but-held, open-to-all and foreign-owner; \"ipclens explain\" tells what each is.",
	 check_options, cmd_check, NULL, true},
	{"make", ACT, "KIND [NAME]", OPERAND_KINDS, 1, 2, "makes an object, and prints its REF",
	 "shm takes --size, sem --nsems or --values, msg nothing, and all three --key; pshm takes a name "
	 "and --size, psem a name and --values (one), mq a name, --max-messages and --message-size, "
	 "fifo a path. What exists is never joined, emptied or changed: then nothing is made. A segment "
	 "is not made where kernel.shm_rmid_forced would remove it as soon as this program ends. With "
	 "--namespace and --yes what is of System V, or an mq, is made in another IPC namespace.",
	 make_options, cmd_make, NULL, false},
	{"clean", ACT, "[KIND…]", OPERAND_KINDS, 0, OPERANDS_ANY,
	 "removes what nobody uses any more, if that is certain",
	 "Says what would be removed, and what not and why; --yes does it. It is what check calls "
	 "orphans, of all kinds that have names, keys or ids, or of these alone. Just before its removal "
	 "each object is looked at and judged once more, and left alone if anything has changed; a "
	 "segment is looked at again afterwards. Objects that can be a well-known program's (PostgreSQL, "
	 "Oracle, Zabbix, IBM MQ, SAP, Tuxedo, Db2, Informix, Sybase) are kept while a process of that "
	 "program lives which runs as their owner or creator; its own tool is named. One that fails does "
	 "not stop the others. Exit status: 1 where one was not removed that should have been.",
	 clean_options, cmd_clean, NULL, false},
	{"remove", ACT, "REF…", OPERAND_REFS, 1, OPERANDS_ANY,
	 "removes objects, unless that would hurt somebody",
	 "An object that a process has mapped or open, holds, or waits for is not removed; neither is "
	 "one of which that could not be fully seen. Who it is, and what could not be seen, is said; "
	 "--force removes it all the same. Of segments the kernel counts the attachments; of all "
	 "others the processes are looked at, and who only knows the name is on no record. Just before "
	 "the removal it is made sure that it is still the same object. What has no name any more "
	 "goes with its last user, and cannot be removed. One that fails does not stop the others. What "
	 "an @ in its REF puts into another IPC namespace takes --yes.",
	 remove_options, cmd_remove, NULL, false},
	{"send", ACT, "REF [BODY]", OPERAND_REFS, 1, 2, "puts a message into a queue",
	 "Of System V (msg:0) or POSIX (mq:/name). The body is the word, or what --file or else "
	 "standard input has, byte by byte. Where the queue is full it waits, as long as --timeout "
	 "says.",
	 send_options, cmd_send, NULL, false},
	{"receive", ACT, "REF", OPERAND_REFS, 1, 1,
	 "takes a message out of a queue, and writes its body",
	 "Of System V (msg:0) or POSIX (mq:/name). The body goes to standard output as it is, byte by "
	 "byte, and to a terminal escaped. Where there is no message it waits, as long as --timeout "
	 "says. A message that was taken is never lost: where it cannot be written it is saved in a "
	 "file whose name is said, and the exit status is 1; a signal ends the program only before or "
	 "after.",
	 receive_options, cmd_receive, NULL, false},
	{"semop", ACT, "REF NUM±N…", OPERAND_REFS, 2, OPERANDS_ANY,
	 "raises and lowers semaphores of an array",
	 "0+1 raises semaphore 0 by 1, 3-2 lowers semaphore 3 by 2 and waits until it can, 1=0 waits "
	 "until semaphore 1 is 0; --timeout says how long. Several operations are done at once, or "
	 "none of them. With --hold they are done for the time of a command, and taken back when it "
	 "ends, also where it is killed: ipclens semop sem:5 0-1 --hold make install. Its exit status is "
	 "then the command's.",
	 semop_options, cmd_semop, NULL, false},
	{"save", KEEP, "FILE", OPERAND_FILE, 1, 1, "the whole snapshot as JSON, for --from",
	 "A regular or absent file is written beside and renamed, mode 0600; anything else is "
	 "written to directly; - is standard output. Every look command answers from it with "
	 "--from FILE, here or on another machine, now or years later.",
	 save_options, cmd_save, NULL, false},
	{"diff", KEEP, "A [B]", OPERAND_FILE, 1, 2,
	 "what has changed between two snapshots, or since one",
	 "A and B are files that \"ipclens save\" wrote, the earlier one first; without B, A is compared "
	 "with what there is now. A row for each change: objects that appeared or are gone, and of the "
	 "others every field, with what it was before and is after, and how fast that went for what comes "
	 "and goes (bytes, messages, attachments); each semaphore; processes that began or ceased to use "
	 "it; and threads that began or ceased to wait. Whether it is the same object is not judged by "
	 "its REF alone: where an id, key or name was given out again, one is gone and another one "
	 "appeared. What one of the two does not tell is never a change, and is named on standard error; "
	 "? is where it can have been there unseen. Times stand without their date where that is the "
	 "day of the later snapshot. They are whole seconds, so that rates over a few "
	 "seconds are rough. Kinds are those of list: --kind asks for pipes and the like. Snapshots of "
	 "different machines, starts or namespaces have nothing in common, and are refused.",
	 diff_options, cmd_diff, NULL, false},
	{"leaks", KEEP, "FILE FILE…", OPERAND_FILE, 1, OPERANDS_ANY,
	 "what only accumulates, over several snapshots",
	 "The files are snapshots that \"ipclens save\" wrote, of one machine and in the order of time: "
	 "two at least, and three or more before anything is likely. Told are objects of which there "
	 "are more and more and none goes away, put together by what explains most (the command of "
	 "their creator, its container or unit, how their keys or names begin, or their user), queues that only get longer, "
	 "and files in memory that only get larger; each with its course, and when a limit is hit if "
	 "it goes on at this rate. What has no name is looked at where --kind names its kind. Where the "
	 "machine was started anew in between, counting starts anew. Who still wants an object is "
	 "on record nowhere, so that a leak is likely at most.",
	 leaks_options, cmd_leaks, NULL, false},
	{"graph", KEEP, "[REF|PID…]", OPERAND_REFS, 0, OPERANDS_ANY,
	 "processes and objects and how they are joined, as a picture",
	 "In the language of Graphviz (ipclens graph | dot -Tsvg > ipc.svg), or as a flowchart of Mermaid, "
	 "which forges and wikis draw in their pages. Thick arrows are waits; an arrow out of an object "
	 "leads to who has it, so that a deadlock is a ring, drawn red; what check finds stands in the "
	 "nodes, with an exclamation mark. Processes of the same command and user that use the same "
	 "objects in the same way, as far as is drawn, are one node, and so are objects of one kind that "
	 "the same processes use in the same way, or of which each process has its own (one each); what is "
	 "part of a ring or was named never is. With REFs or PIDs only what is "
	 "near to them is drawn (--depth). A bare number is a PID: objects take their kind, as shm:0. "
	 "How much was left out is said in the picture.",
	 graph_options, cmd_graph, NULL, false},
	{"ipcs", DROP_IN, "[OPTION…]", OPERAND_NONE, 0, OPERANDS_ANY, "as ipcs of util-linux",
	 "The same bytes and exit status as ipcs of util-linux 2.38, but -i takes a key, too, and no "
	 "negative number, and what cannot be read of an array is left out. See \"ipclens ipcs --help\".",
	 NULL, NULL, compat_ipcs_main, false},
	{"ipcrm", DROP_IN, "[OPTION…]", OPERAND_NONE, 0, OPERANDS_ANY, "as ipcrm of util-linux",
	 "The same bytes and exit status as ipcrm of util-linux 2.38, but numbers that do not fit "
	 "are refused. See \"ipclens ipcrm --help\".",
	 NULL, NULL, compat_ipcrm_main, false},
	{"ipcmk", DROP_IN, "[OPTION…]", OPERAND_NONE, 0, OPERANDS_ANY, "as ipcmk of util-linux",
	 "The same bytes and exit status as ipcmk of util-linux 2.38, but numbers that do not fit "
	 "are refused. See \"ipclens ipcmk --help\".",
	 NULL, NULL, compat_ipcmk_main, false},
	{"demo", HELP, "", OPERAND_NONE, 0, 0, "a small world of its own, and a tour of it",
	 "In IPC, PID and mount namespaces of its own (and a user namespace, where you are not root) some "
	 "processes are started that share memory, are stuck on each other, or have died and left things "
	 "behind; then the commands are shown at work on them. Nothing of this machine is touched, and "
	 "however it ends, nothing is left.",
	 plain_options, cmd_demo, NULL, false},
	{"help", HELP, "[COMMAND]", OPERAND_COMMANDS, 0, 1, "the commands, or one of them", "",
	 plain_options, cmd_help, NULL, false},
	{"version", HELP, "", OPERAND_NONE, 0, 0, "the version", "", plain_options, cmd_version,
	 NULL, false},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

const struct option *command_own_options(const struct command *command)
{
	if (command->run_raw == compat_ipcs_main)
		return compat_ipcs_options;
	if (command->run_raw == compat_ipcrm_main)
		return compat_ipcrm_options;
	return command->run_raw == compat_ipcmk_main ? compat_ipcmk_options : NULL;
}

enum exit_status cmd_version(struct invocation *invocation)
{
	(void)invocation;
	puts("ipclens " IPCLENS_VERSION);
	return STATUS_DONE;
}
