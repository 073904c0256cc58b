// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel lets root do. */
#include <errno.h>
#include <string.h>

#include "host_read.h"

#define TAINT_FORCED	(1L << 1)
#define TAINT_UNSIGNED	(1L << 13)

static bool is_locked_down(const struct host *host)
{
	char word[32];

	return !host_lockdown(host, word) && strcmp(word, "none");
}

static int any(const struct host *host, const char *name, void *arg)
{
	(void)host, (void)name, (void)arg;
	return 1;
}

void host_read_lockdown(const struct host *host, struct host_fact *fact)
{
	char word[32];
	int ret = host_lockdown(host, word);

	if (ret == -ENOENT &&
	    host_list(host, "sys/kernel/security", "", any, NULL) == 1)
		return host_say(fact, HOST_BAD, "not in this kernel");
	if (ret)
		return host_unread(fact, ret, "/sys/kernel/security/lockdown");
	if (!strcmp(word, "confidentiality"))
		return host_say(fact, HOST_OK, "%s", word);
	host_say(fact, HOST_BAD, "%s%s", word, strcmp(word, "none") ?
		 ": root can still read the kernel's memory" : "");
}

void host_read_signatures(const struct host *host, struct host_fact *fact)
{
	char text[8];
	long off;
	int ret;

	if (!host_number(host, &off, "proc/sys/kernel/modules_disabled") &&
	    off == 1)
		return host_say(fact, HOST_OK, "no module can be loaded any more");
	if (is_locked_down(host))
		return host_say(fact, HOST_OK, "enforced by lockdown");
	ret = host_text(host, text, sizeof(text),
			"sys/module/module/parameters/sig_enforce");
	if (ret == -ENOENT && host_exists(host, "sys/module") == 1)
		return host_say(fact, HOST_BAD, "not in this kernel");
	if (!ret && strcmp(text, "Y") && strcmp(text, "N"))
		ret = -EBADMSG;
	if (ret)
		return host_unread(fact, ret, "sig_enforce");
	host_say(fact, text[0] == 'Y' ? HOST_OK : HOST_BAD, "%s",
		 text[0] == 'Y' ? "enforced" : "not enforced");
}

void host_read_taint(const struct host *host, struct host_fact *fact)
{
	long taint;
	int ret = host_number(host, &taint, "proc/sys/kernel/tainted");

	if (!ret && taint < 0)
		ret = -EBADMSG;
	if (ret)
		return host_unread(fact, ret, "/proc/sys/kernel/tainted");
	if (taint & (TAINT_FORCED | TAINT_UNSIGNED))
		return host_say(fact, HOST_BAD, "%s", taint & TAINT_UNSIGNED ?
				"an unsigned module was loaded" :
				"a module was loaded by force");
	host_say(fact, HOST_OK, "no module was unsigned or forced");
}

void host_read_kexec(const struct host *host, struct host_fact *fact)
{
	long off;
	int ret = host_number(host, &off,
			      "proc/sys/kernel/kexec_load_disabled");

	if (ret == -ENOENT && host_exists(host, "proc/sys/kernel") == 1)
		return host_say(fact, HOST_NA, "not in this kernel");
	if (!ret && off != 0 && off != 1)
		ret = -EBADMSG;
	if (ret)
		return host_unread(fact, ret, "kexec_load_disabled");
	if (off)
		return host_say(fact, HOST_OK, "disabled");
	if (is_locked_down(host))
		return host_say(fact, HOST_OK, "signed kernels only, by lockdown");
	host_say(fact, HOST_BAD, "root may load another kernel");
}

void host_read_perf(const struct host *host, struct host_fact *fact)
{
	long paranoid;
	int ret = host_number(host, &paranoid,
			      "proc/sys/kernel/perf_event_paranoid");

	if (ret == -ENOENT && host_exists(host, "proc/sys/kernel") == 1)
		return host_say(fact, HOST_NA, "not in this kernel");
	if (ret)
		return host_unread(fact, ret, "perf_event_paranoid");
	host_say(fact, paranoid >= 2 ? HOST_OK : HOST_BAD,
		 "perf_event_paranoid %ld%s", paranoid,
		 paranoid < 2 ? ": users may sample the kernel" : "");
}
