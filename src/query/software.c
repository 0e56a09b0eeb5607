/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/software.h"

#define COMMANDS(...)             \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static const struct software all[] = {
	{"PostgreSQL", COMMANDS("postgres", "postmaster"),
	 "a server that is started removes what a crash has left; stop it with pg_ctl"},
	{"Oracle", COMMANDS("ora_*", "oracle*", "asm_*", "tnslsnr"),
	 "sysresv tells which segments are an instance's, and removes them"},
	{"Zabbix", COMMANDS("zabbix_*"), "stop the daemon, which removes its own"},
	{"IBM MQ", COMMANDS("amq*", "runmqlsr", "runmqchi"), "amqiclen removes what is left"},
	{"SAP", COMMANDS("disp+work", "sapstart*", "icman", "gwrd", "enserver", "enq_server"),
	 "cleanipc removes those of one system"},
	{"Tuxedo", COMMANDS("BBL", "DBBL"), "tmipcrm removes those of one domain"},
	{"Db2", COMMANDS("db2*"), "ipclean removes those of one instance"},
	{"Informix", COMMANDS("oninit"), "onclean removes those of one server"},
	{"Sybase", COMMANDS("dataserver", "backupserver"), "the server removes its own"},
};

static bool is_command(struct text command, const char *pattern)
{
	size_t length = strlen(pattern);

	if (pattern[length - 1] != '*')
		return text_equals(command, text_of(pattern));
	length--;
	return command.length >= length && memcmp(command.bytes, pattern, length) == 0;
}

static bool is_of(const struct software *software, const struct process *process)
{
	for (const char *const *pattern = software->commands; *pattern; pattern++)
		if (is_command(process->command, *pattern))
			return true;
	return false;
}

static bool is_same_user(const struct process *process, const struct object *object)
{
	return record_has(&process->record, PROCESS_UID) &&
	       ((object_has(object, OBJECT_UID) && process->uid == object->uid) ||
		(object_has(object, OBJECT_CUID) && process->uid == object->cuid));
}

const struct software *software_of(const struct snapshot *snapshot, const struct object *object,
				   const struct process **ret_process)
{
	vector_for_each (&snapshot->processes, process) {
		if (!is_same_user(process, object))
			continue;
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			if (is_of(&all[i], process)) {
				*ret_process = process;
				return &all[i];
			}
		}
	}
	return NULL;
}
