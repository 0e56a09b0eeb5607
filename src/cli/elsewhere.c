/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/elsewhere.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "act/remove.h"
#include "base/cleanup.h"
#include "enter/enter.h"

void elsewhere_close(struct elsewhere *elsewhere)
{
	if (!elsewhere->is_open)
		return;
	close(elsewhere->place.ipc);
	cleanup_close(&elsewhere->place.user);
	elsewhere->is_open = false;
}

bool elsewhere_is(const struct snapshot *snapshot, const struct object *object)
{
	vector_for_each (&snapshot->namespaces, namespace)
		if (object_has(object, OBJECT_NAMESPACE) && namespace->number == object->namespace)
			return !namespace->is_viewers;
	return false;
}

enum exit_status elsewhere_check(const struct settings *settings, const char *operand,
				 uint64_t namespace)
{
	if (settings->has_yes || settings->is_dry_run)
		return STATUS_DONE;
	complain_about(operand, "it is in another IPC namespace, %llu: that takes --yes",
		       (unsigned long long)namespace);
	return STATUS_USAGE;
}

/* The way there, which is kept. 0 or a negative errno with ret_error set. */
static int open_way(struct elsewhere *elsewhere, uint64_t number, struct ipclens_error *ret_error)
{
	int r;

	if (elsewhere->is_open && elsewhere->place.number == number)
		return 0;
	elsewhere_close(elsewhere);
	r = collect_open_namespace(NULL, number, &elsewhere->place, ret_error);
	elsewhere->is_open = r == 0;
	return r;
}

static uint64_t own_number(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_ino : 0;
}

#define OWN_IPC "/proc/self/ns/ipc"
#define OWN_USER "/proc/self/ns/user"

/* One of the acts below, and what it is about. */
struct deed {
	const struct object *object;
	uint64_t user; /* the user namespace that the object was looked at from */
	bool is_forced;
	const char *root; /* as for act_remove() */
	const struct make_request *request;
	bool is_dry_run;
};

/*
 * The number of a namespace that has ended is given to the next one, whose first objects can be
 * like those of the other but for the time. What is gone is told by who removes it.
 */
static bool is_unchanged(const struct object *object)
{
	struct sysv_identity now;

	return !(KIND_BIT(object->kind) & KINDS_SYSV) ||
	       act_sysv_identify(object->kind, (int)object->id, &now, NULL) != 0 ||
	       (object_has(object, OBJECT_CHANGED_AT) && object->changed_at == now.changed_at);
}

static int do_remove(void *context, void *reply, struct ipclens_error *ret_error)
{
	const struct deed *deed = context;
	struct object object = *deed->object;

	(void)reply;
	if (!is_unchanged(&object))
		return error_set(ret_error, -ESTALE,
				 "it was changed, or another object has come in its place, since "
				 "it was looked at");
	/* In another user namespace users have other numbers. */
	if (own_number(OWN_USER) != deed->user) {
		record_unmark(&object.record, OBJECT_CUID);
		record_unmark(&object.record, OBJECT_CGID);
	}
	return act_remove(&object, deed->is_forced, deed->root, ret_error);
}

static int do_identify(void *context, void *reply, struct ipclens_error *ret_error)
{
	const struct deed *deed = context;

	return act_sysv_identify(deed->object->kind, (int)deed->object->id, reply, ret_error);
}

static int do_make(void *context, void *reply, struct ipclens_error *ret_error)
{
	const struct deed *deed = context;

	return deed->is_dry_run ? act_make_check(deed->request, ret_error)
				: act_make(deed->request, reply, ret_error);
}

_Static_assert(sizeof(struct sysv_identity) <= ENTER_REPLY_MAX, "an answer has room");

/* Whether the file is on the file system that is seen in /dev/shm below this root. */
static bool is_in_dev_shm(const struct object *object, const char *root)
{
	char folder[sizeof(((struct elsewhere *)0)->root) + sizeof("/dev/shm")];
	struct stat status;

	snprintf(folder, sizeof(folder), "%s/dev/shm", root);
	return stat(folder, &status) == 0 &&
	       device_number(major(status.st_dev), minor(status.st_dev)) == object->device;
}

/*
 * Files are of mount namespaces, of which processes of one IPC namespace can have several: they are
 * reached through any process that sees them, the one before if it does. Through nobody, they are
 * looked for, and not found, here.
 */
static const char *find_root(struct elsewhere *elsewhere, const struct object *object)
{
	_cleanup_closedir_ DIR *processes = NULL;
	const struct dirent *entry;

	if (is_in_dev_shm(object, ""))
		return "";
	if (elsewhere->root[0] && is_in_dev_shm(object, elsewhere->root))
		return elsewhere->root;
	processes = opendir("/proc");
	while (processes && (entry = readdir(processes))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || strlen(entry->d_name) >= 20)
			continue;
		snprintf(elsewhere->root, sizeof(elsewhere->root), "/proc/%.20s/root",
			 entry->d_name);
		if (is_in_dev_shm(object, elsewhere->root))
			return elsewhere->root;
	}
	elsewhere->root[0] = '\0';
	return "";
}

int elsewhere_remove(struct elsewhere *elsewhere, const struct snapshot *snapshot,
		     const struct object *object, bool is_forced, struct ipclens_error *ret_error)
{
	struct deed deed = {
		.object = object, .user = own_number(OWN_USER), .is_forced = is_forced, .root = ""};
	int r;

	if (!elsewhere_is(snapshot, object))
		return act_remove(object, is_forced, "", ret_error);
	if (object->kind == KIND_PSHM || object->kind == KIND_PSEM) {
		deed.root = find_root(elsewhere, object);
		return do_remove(&deed, NULL, ret_error);
	}
	r = open_way(elsewhere, object->namespace, ret_error);
	return r < 0 ? r : enter_do(&elsewhere->place, do_remove, &deed, NULL, 0, ret_error);
}

int elsewhere_identify(struct elsewhere *elsewhere, const struct snapshot *snapshot,
		       const struct object *object, struct sysv_identity *ret_identity,
		       struct ipclens_error *ret_error)
{
	struct deed deed = {.object = object};
	int r;

	if (!elsewhere_is(snapshot, object))
		return act_sysv_identify(object->kind, (int)object->id, ret_identity, ret_error);
	r = open_way(elsewhere, object->namespace, ret_error);
	return r < 0 ? r
		     : enter_do(&elsewhere->place, do_identify, &deed, ret_identity,
				sizeof(*ret_identity), ret_error);
}

int elsewhere_make(struct elsewhere *elsewhere, const char *word,
		   const struct make_request *request, bool is_dry_run, int *ret_id,
		   struct ipclens_error *ret_error)
{
	struct deed deed = {.request = request, .is_dry_run = is_dry_run};
	int id = -1, r;

	if (!(KIND_BIT(request->kind) & (KINDS_SYSV | KIND_BIT(KIND_MQ))))
		return error_set(ret_error, -EINVAL,
				 "it is a file, which belongs to no IPC namespace: make it where "
				 "its processes see it");
	r = collect_open_namespace(word, 0, &elsewhere->place, ret_error);
	elsewhere->is_open = r == 0;
	if (r == 0)
		r = enter_do(&elsewhere->place, do_make, &deed, &id, sizeof(id), ret_error);
	if (r == 0 && !is_dry_run)
		*ret_id = id;
	return r;
}

/* As if this process had done what the child did. */
static enum exit_status end_as(int status)
{
	if (WIFSIGNALED(status)) {
		sigset_t all;

		signal(WTERMSIG(status), SIG_DFL);
		sigemptyset(&all);
		sigaddset(&all, WTERMSIG(status));
		raise(WTERMSIG(status));
		sigprocmask(SIG_UNBLOCK, &all, NULL);
	}
	return (enum exit_status)(WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_FAILED);
}

/*
 * Until the child ends. Signals that the terminal sends reach it, too; others are passed on: it
 * may have a message in its hands, and decides by itself when to end.
 */
static enum exit_status live_on(pid_t child)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGCHLD};
	siginfo_t info;
	sigset_t set;
	int status;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (waitpid(child, &status, WNOHANG) == 0)
		if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD && info.si_code <= 0)
			kill(child, info.si_signo);
	return end_as(status);
}

/*
 * enter_fork() by a process that is told of its child's end: whoever started it can have had it
 * ignore that, which its child is to inherit, as the command that it may become.
 */
static pid_t split(const struct elsewhere *elsewhere, struct ipclens_error *ret_error)
{
	struct sigaction before, usual = {.sa_handler = SIG_DFL};
	pid_t child;

	sigaction(SIGCHLD, &usual, &before);
	fflush(NULL);
	child = enter_fork(&elsewhere->place, ret_error);
	if (child == 0)
		sigaction(SIGCHLD, &before, NULL);
	return child;
}

static enum exit_status aim_at(struct found *found, struct ref *ref, const char *operand,
			       uint64_t number)
{
	if (ref->has_namespace && ref->namespace != number) {
		complain_about(operand, "--namespace is another one, %llu: leave one of them out",
			       (unsigned long long)number);
		return STATUS_USAGE;
	}
	if (!ref->has_namespace)
		found->namespaces[found->namespace_count++] = number;
	ref->has_namespace = true;
	ref->namespace = number;
	return STATUS_DONE;
}

enum exit_status elsewhere_aim(struct invocation *invocation, int count, struct found *found)
{
	const char **word = &invocation->settings.arguments[OPTION_NAMESPACE];
	_cleanup_elsewhere_ struct elsewhere elsewhere = {.is_open = false};
	enum exit_status status = STATUS_DONE;
	struct ipclens_error error;

	if (!*word)
		return STATUS_DONE;
	if (!**word) {
		complain("--namespace takes a number, a PID or a name");
		return STATUS_USAGE;
	}
	if (collect_open_namespace(*word, 0, &elsewhere.place, &error) < 0) {
		complain("%s", error.text);
		return STATUS_FAILED;
	}
	elsewhere.is_open = true;
	for (int i = 0; status == STATUS_DONE && i < count; i++)
		status = aim_at(found, &found->refs[i], invocation->operands[i],
				elsewhere.place.number);
	*word = NULL;
	return status;
}

enum exit_status elsewhere_go(const struct invocation *invocation, const struct ref *ref,
			      bool is_change, bool *ret_is_over)
{
	_cleanup_elsewhere_ struct elsewhere elsewhere = {.is_open = false};
	struct ipclens_error error;
	enum exit_status status;
	pid_t child;

	*ret_is_over = false;
	if (!ref->has_namespace || ref->namespace == own_number(OWN_IPC))
		return STATUS_DONE;
	status = is_change ? elsewhere_check(&invocation->settings, invocation->operands[0],
					     ref->namespace)
			   : STATUS_DONE;
	*ret_is_over = true;
	if (status != STATUS_DONE)
		return status;
	if (open_way(&elsewhere, ref->namespace, &error) < 0) {
		complain_about(invocation->operands[0], "%s", error.text);
		return STATUS_FAILED;
	}
	child = split(&elsewhere, &error);
	if (child < 0) {
		complain_about(invocation->operands[0], "%s", error.text);
		return STATUS_FAILED;
	}
	*ret_is_over = child;
	return child ? live_on(child) : STATUS_DONE;
}
