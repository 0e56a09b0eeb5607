/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/glossary_words.h"

/* What /proc/PID/wchan tells: functions of the kernel, by the names that they have had over time.
 */
static const char in_semop[] =
	"Kernel function in which semop() and semtimedop() sleep: until the semaphores of the call "
	"allow all of its operations. \"ipclens blocked\" tells which one does not.";
static const char in_msgsnd[] =
	"Kernel function in which msgsnd() sleeps: the queue has no room for the message.";
static const char in_msgrcv[] =
	"Kernel function in which msgrcv() sleeps: the queue has no message of the type that is "
	"wanted.";
static const char in_mq[] =
	"Kernel function in which mq_send() and mq_receive() sleep: the POSIX queue is full, or empty.";
static const char in_pipe_read[] =
	"Kernel function in which a reader of a pipe or FIFO sleeps: it is empty, and somebody still "
	"has it open for writing.";
static const char in_pipe_write[] =
	"Kernel function in which a writer of a pipe or FIFO sleeps: it is full, and somebody still "
	"has it open for reading.";
static const char in_pipe[] =
	"Kernel function (Linux 5.4 and older) in which readers and writers of a pipe or FIFO sleep, "
	"and those who open one.";
static const char in_open[] =
	"Kernel function in which open() of a FIFO sleeps: nobody has the other end open.";
static const char in_futex[] =
	"Kernel function in which a futex sleeps: a lock, a condition or a POSIX semaphore. Threads of "
	"one process use it far more often than processes do; only where the memory is shared with "
	"others does \"ipclens blocked\" list it.";
static const char in_poll[] =
	"Kernel function in which poll(), select() or epoll_wait() sleep: on any one of the "
	"descriptors that they watch.";

static const char to_read[] =
	"Reads from a descriptor. Of a pipe or FIFO it sleeps while that is empty and somebody has it "
	"open for writing.";
static const char to_write[] =
	"Writes to a descriptor. Of a pipe or FIFO it sleeps while that is full and somebody has it "
	"open for reading.";
static const char to_open[] =
	"Opens a file. Of a FIFO it sleeps until somebody opens the other end.";
static const char to_splice[] =
	"splice() moves data to or from a pipe without copying it, and tee() copies from pipe to "
	"pipe: they sleep while one has nothing, or the other one no room.";
static const char to_vmsplice[] =
	"Moves memory into a pipe, or what is in a pipe to memory: it sleeps while the pipe has no "
	"room, or nothing.";
static const char to_sendfile[] =
	"Copies from a file to a descriptor. Into a pipe or FIFO it sleeps while that is full and "
	"somebody has it open for reading.";
static const char in_any[] =
	"Sleeps until any one of several descriptors can be read or written, or a time is over. It "
	"counts as a wait in IPC where all of them are pipes, FIFOs or queues, and then each is an "
	"alternative.";

const struct glossary_word glossary_words[] = {
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
	{"leak",
	 "Objects leak where a program makes more and more of them and removes none: they stay when it "
	 "ends, until a limit is reached and all others fail, too. One look cannot tell a leak from a "
	 "large program; \"ipclens leaks\" compares several that were saved."},
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
	{"other-end",
	 "In the table of one process, of a pipe or FIFO: who has the end that is opposite to this one. "
	 "A process that has both ends is at the other end, too. ? means that there may be others, "
	 "which this viewer is not shown."},
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
	{"unlinked",
	 "A named POSIX object or a file with the status unlinked has lost its name, and lives on "
	 "while somebody has it open or mapped. Nobody else can find it any more; it goes away with "
	 "its last user."},
	{"elsewhere",
	 "An object with the status elsewhere was seen in use by a process, and is not in the "
	 "viewer's own namespace or file system: its number or name means nothing here, and may be "
	 "another object's."},
	{"memfd",
	 "Memory that memfd_create() made, and that has no name by which others could open it: a "
	 "descriptor of it is handed over. What it is called is for people only, and need not be "
	 "true."},
	{"private",
	 "A private mapping shows a file's memory but keeps what the process writes to itself: who has "
	 "it so communicates with nobody through it."},
	{"opening",
	 "A process is opening a FIFO and sleeps in that until somebody opens the other end. It has no "
	 "descriptor yet."},
	{"holds",
	 "A process holds a semaphore when the kernel has an undo record by which it will be given "
	 "back as the process ends: it took it with SEM_UNDO. All processes that share the record "
	 "hold it together. Who took one without SEM_UNDO is on record nowhere."},
	{"takes-back",
	 "The undo record of a process lowers the semaphore when the process ends, because it raised "
	 "it with SEM_UNDO. That process holds nothing; its end can make others wait."},
	{"holder",
	 "See holds. Holders are read inside of the kernel (bpf), for which root is needed; without "
	 "that the answer is not that there are none, but that they are unknown."},
	{"wait",
	 "A thread waits when it sleeps in a system call on an object. poll, select and epoll count "
	 "only where everything that they watch is IPC. Who is stopped or traced does not wait."},
	{"stopped",
	 "A process that is stopped (SIGSTOP, Ctrl-Z) or traced by a debugger runs no more until it is "
	 "continued. What it holds, it keeps; what others wait to read from it does not come."},
	{"open",
	 "A process has an object open when one of its descriptors leads to it. That is proof of use, "
	 "as mapped is; objects of System V are never open."},
	{"created",
	 "Who made the object, as it remembers. That is history and no proof of use: see alive, dead "
	 "and reused."},
	{"last-op",
	 "Who attached or detached, sent, received or changed a semaphore last, as the object remembers. "
	 "That is history and no proof of use: the others before it are on record nowhere."},
	{"unknown",
	 "It could not be seen, and so it is neither yes nor no: whether a process on record still "
	 "lives where /proc hides processes, or whether what a finding says is true."},
	{"certain",
	 "Of what is certain the kernel itself keeps count, and nothing was hidden from this viewer that "
	 "could change it. It was so when it was looked at; the next moment may differ."},
	{"likely",
	 "The record speaks for it, and no more: who will use a queue, an array or a name is recorded "
	 "nowhere."},
	{"note", "A finding of the least severity: good to know, and nothing has to be done."},
	{"warning",
	 "A finding that somebody should look at. Where it is the worst one, \"ipclens check\" ends "
	 "with 1."},
	{"critical",
	 "A finding that should not wait: programs are stuck, or their next call fails. \"ipclens "
	 "check\" ends with 2."},
	{"nested-pid-namespace",
	 "The viewer is in a PID namespace of its own, as in a container: processes outside of it are "
	 "not shown, and PIDs of them are hidden. Look from the host for full sight."},
	{"nested-user-namespace",
	 "The viewer is in a user namespace of its own, as in a rootless container: its capabilities "
	 "count in there, and not for processes outside."},
	{"hidepid",
	 "/proc is mounted with the option hidepid, which hides the processes of other users from "
	 "whoever may not trace them. Root sees them all the same."},
	{"missing-capabilities",
	 "The viewer has not all of the rights that it takes to inspect every process and to read "
	 "every object. Root has them."},
	{"recorded-tree",
	 "A recorded tree was looked at (--root). It has what somebody recorded, which need not be all "
	 "that there was."},
	{"denied",
	 "Something could not be seen for lack of permission; what that was stands in front of it. The "
	 "answer is incomplete: try as root."},
	{"gone",
	 "Something was there at the first look and had vanished at the next one. That is usual on a "
	 "busy machine; the rest of the answer holds."},
	{"unsupported",
	 "Something could not be seen because this kernel, this build or this recorded tree does not "
	 "have it. The answer is incomplete, and more rights do not help."},
	{"malformed",
	 "Something was read and not understood: a line that the kernel would not write, or a file "
	 "that was damaged. What could be understood is in the answer."},
	{"unlimited",
	 "A limit that is set so high that the kernel can never reach it, or to the value that stands "
	 "for none. What is used of it is told all the same."},
	{"OBJECTS",
	 "In status, how many objects of the kind there are. + behind it means that there can be more, "
	 "which this viewer is not shown."},
	{"FULLEST",
	 "In status, of the limits of all objects of the kind together the one that is nearest to being "
	 "reached, and how much of it is used. Those of single objects are in \"ipclens limits\"."},
	{"CONTENTS",
	 "In status, what the objects of the kind have in all: bytes, semaphores, messages, attachments."},
	{"CHANGE",
	 "In diff, what became of an object between the two snapshots: it appeared, is gone, or a field, "
	 "a semaphore, a user or a wait of it changed."},
	{"FIELD",
	 "In diff, which field of the object has changed; \"ipclens explain\" and its name tell more. - "
	 "where the object as a whole appeared or is gone."},
	{"BEFORE",
	 "In diff, the value in the earlier snapshot. - is absent, ? is not known there."},
	{"AFTER", "In diff, the value in the later snapshot. - is absent, ? is not known there."},
	{"RATE",
	 "In diff, by how much it changed in a second, for what comes and goes: bytes, messages, "
	 "attachments. Times are whole seconds, so that over a few of them it is rough."},
	{"HELD-BY",
	 "Who holds the semaphore by an undo record, and how much of it (see holds). - means that nobody "
	 "does, ? that holders could not be seen."},
	{"EAGAIN",
	 "The call would have had to sleep and was asked not to (IPC_NOWAIT, O_NONBLOCK), or its "
	 "timeout ran out."},
	{"EDEADLK",
	 "A robust or error-checking lock says it when a thread locks what it has locked already. "
	 "System V semaphores never say it: nobody looks for rings of waiters in the kernel."},
	{"futex",
	 "Sleeps until somebody wakes those at an address: what locks, conditions and POSIX semaphores "
	 "are made of. Only where the memory is shared with other processes is it IPC, and listed by "
	 "\"ipclens blocked\"."},
	{"futex_waitv",
	 "Sleeps until somebody wakes those at any of several addresses. It counts as a wait in IPC "
	 "where all of them are in memory that processes share, and then each is an alternative."},
	{"io_uring_enter",
	 "Waits until something is done of what a program has asked for through memory that it "
	 "shares with the kernel. That can be to read a pipe; but nothing tells so, and \"ipclens "
	 "blocked\" says only how many threads that concerns."},
	{"mq_timedsend",
	 "The system call behind mq_send(): it puts a message into a POSIX queue, and sleeps while it "
	 "is full."},
	{"mq_timedreceive",
	 "The system call behind mq_receive(): it takes the oldest message of the highest priority out "
	 "of a POSIX queue, and sleeps while it is empty."},
	{"poll", in_any},
	{"ppoll", in_any},
	{"select", in_any},
	{"pselect6", in_any},
	{"epoll_wait", in_any},
	{"epoll_pwait", in_any},
	{"epoll_pwait2", in_any},
	{"read", to_read},
	{"readv", to_read},
	{"preadv2", to_read},
	{"write", to_write},
	{"writev", to_write},
	{"pwritev2", to_write},
	{"vmsplice", to_vmsplice},
	{"sendfile", to_sendfile},
	{"openat", to_open},
	{"openat2", to_open},
	{"creat", to_open},
	{"tee", to_splice},
	{"splice", to_splice},
	{"restart_syscall",
	 "A call that a signal interrupted, as a stop and a continuation do, and that goes on: poll, "
	 "futex or a sleep for a time. Which one, its wchan tells."},
	{"do_semtimedop", in_semop},
	{"ksys_semtimedop", in_semop},
	{"SyS_semtimedop", in_semop},
	{"SYSC_semtimedop", in_semop},
	{"sys_semtimedop", in_semop},
	{"__do_semtimedop", in_semop},
	{"do_msgsnd", in_msgsnd},
	{"do_msgrcv", in_msgrcv},
	{"wq_sleep", in_mq},
	{"pipe_read", in_pipe_read},
	{"anon_pipe_read", in_pipe_read},
	{"pipe_write", in_pipe_write},
	{"anon_pipe_write", in_pipe_write},
	{"pipe_wait", in_pipe},
	{"pipe_wait_readable", in_pipe_read},
	{"pipe_wait_writable", in_pipe_write},
	{"wait_for_partner", in_open},
	{"futex_wait", in_futex},
	{"futex_wait_queue", in_futex},
	{"futex_wait_queue_me", in_futex},
	{"futex_do_wait", in_futex},
	{"futex_wait_multiple", in_futex},
	{"futex_sleep_multiple", in_futex},
	{"io_cqring_wait",
	 "Kernel function in which io_uring_enter() sleeps: nothing that was asked for is done yet."},
	{"do_poll", in_poll},
	{"do_sys_poll", in_poll},
	{"poll_schedule_timeout", in_poll},
	{"do_select", in_poll},
	{"ep_poll", in_poll},
	{"do_epoll_wait", in_poll},
};

const size_t glossary_word_count = sizeof(glossary_words) / sizeof(glossary_words[0]);
