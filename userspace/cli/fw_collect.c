// SPDX-License-Identifier: GPL-2.0-only
/* Evidence of this machine: logs, quote, host checks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "fw.h"
#include "fw_check.h"
#include "fw_measure.h"
#include "fw_quote.h"

#define SECURITYFS	"/sys/kernel/security"
#define EVENT_LOG	SECURITYFS "/tpm0/binary_bios_measurements"
#define IMA_LOG		SECURITYFS "/ima/binary_runtime_measurements"

static void note_missing(struct fw_evidence *ev, const char *what,
			 const char *why)
{
	size_t used = strlen(ev->missing);

	snprintf(ev->missing + used, sizeof(ev->missing) - used, "%s%s: %s",
		 used ? "; " : "", what, why);
}

/* The newline does not have to fit into @text. */
static void read_line(const char *path, char *text, size_t room)
{
	char line[128];
	size_t size = 0;

	if (file_read(path, line, sizeof(line) - 1, &size))
		size = 0;
	line[size] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (strlen(line) < room)
		strcpy(text, line);
}

static void collect_machine(struct fw_evidence *ev)
{
	struct utsname uts;

	read_line("/etc/machine-id", ev->machine_id, sizeof(ev->machine_id));
	read_line("/proc/sys/kernel/random/boot_id", ev->boot_id,
		  sizeof(ev->boot_id));
	if (!uname(&uts)) {
		snprintf(ev->host, sizeof(ev->host), "%.64s", uts.nodename);
		snprintf(ev->kernel, sizeof(ev->kernel), "%.64s", uts.release);
	}
	ev->time = (uint64_t)time(NULL);
}

static void collect_log(struct fw_evidence *ev, struct fw_buffer *log,
			const char *what, const char *path, size_t max)
{
	int ret = fw_buffer_load(path, max, log);

	if (log->size)
		return;
	free(log->data);
	log->data = NULL;
	if (ret == -ENOENT && access(SECURITYFS "/integrity", F_OK) &&
	    access(SECURITYFS "/lsm", F_OK))
		note_missing(ev, what, "securityfs is not mounted");
	else
		note_missing(ev, what, ret == -ENOENT ? "the kernel has none" :
			     ret ? strerror(-ret) : "it is empty");
}

static int collect_host(struct fw_evidence *ev)
{
	struct host host;
	int ret = host_open(&host, "/");

	if (ret)
		return fail_errno(ret, "/");
	ev->host_checks = json_object_new_object();
	host_json_all(&host, ev->host_checks);
	host_close(&host);
	return EXIT_OK;
}

/* The quote before IMA's list, which only grows. */
int fw_measure(struct fw_evidence *ev, const uint8_t *nonce, size_t nonce_size)
{
	int status = EXIT_OK;

	memset(ev, 0, sizeof(*ev));
	collect_machine(ev);
	collect_log(ev, &ev->event_log, "event log", EVENT_LOG, FW_EVENTLOG_MAX);
	if (!nonce)
		note_missing(ev, "quote", "left out by --no-tpm");
	else if (secure_getenv("PROTKEY_TCTI") || !access("/dev/tpmrm0", F_OK))
		status = fw_quote_take(ev, nonce, nonce_size);
	else
		note_missing(ev, "quote", "there is no TPM 2.0 (/dev/tpmrm0)");
	collect_log(ev, &ev->ima_log, "IMA's list", IMA_LOG, FW_IMA_MAX);
	return status ? status : collect_host(ev);
}
