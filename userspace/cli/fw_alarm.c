// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a bad verdict sets off: an entry in the journal, a message on every
 * terminal, the site's own programs, and locks on domains that asked for it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "../fw/signature.h"
#include "domain.h"
#include "fw_check.h"

/* Stable: journalctl MESSAGE_ID=... finds every alarm. */
#define MESSAGE_ID	"6f1d3a0c5c7e4b0a9d0e7c1f2b8a4e63"
#define JOURNAL		"/run/systemd/journal/socket"
#define PROGRAM_LIFE	60	/* seconds */
#define TEXT_ROOM	600

/* ---- the journal: its own datagrams, or syslog where there is none */

static bool journal_send(const char *entry, size_t size)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = JOURNAL };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool sent = fd >= 0 && sendto(fd, entry, size, MSG_NOSIGNAL,
				      (struct sockaddr *)&to, sizeof(to)) ==
			       (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return sent;
}

static void log_alarm(const struct fw_alarm *alarm, const char *text)
{
	char entry[2 * TEXT_ROOM];
	int size = snprintf(entry, sizeof(entry),
			    "MESSAGE=%s\nMESSAGE_ID=" MESSAGE_ID "\nPRIORITY=%d\n"
			    "SYSLOG_IDENTIFIER=protkey\nPROTKEY_VERDICT=%s\n"
			    "PROTKEY_MACHINE=%s\nPROTKEY_STATUS=%d\n",
			    text, LOG_CRIT, alarm->verdict, alarm->machine,
			    alarm->status);

	if (size > 0 && size < (int)sizeof(entry) &&
	    journal_send(entry, (size_t)size))
		return;
	openlog("protkey", LOG_CONS, LOG_AUTHPRIV);
	syslog(LOG_CRIT, "%s", text);
	closelog();
}

/* ---- programs */

static void child(const char *program, char *const argv[], char *const env[],
		  int input)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(input, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);
	/* an alarm outlives exec: a program that hangs is killed by it */
	alarm(PROGRAM_LIFE);
	execve(program, argv, env);
	_exit(127);
}

/* With @input, which fits into a pipe.  Its status or -1. */
static int run(const char *program, char *const env[], const char *input)
{
	char *argv[] = { (char *)program, NULL };
	int in[2], status = -1;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC))
		return -1;
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(program, argv, env, in[0]);
	close(in[0]);
	signal(SIGPIPE, SIG_IGN);
	if (pid > 0 && fd_write(in[1], input, strlen(input)))
		warn("%s did not read its input", program);
	close(in[1]);
	signal(SIGPIPE, SIG_DFL);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void wall(char *const env[], const char *text)
{
	if (!access("/usr/bin/wall", X_OK) &&
	    run("/usr/bin/wall", env, text))
		warn("wall could not tell the people who are logged in");
}

/* ---- hooks: as run-parts chooses them */

static int is_hook(const struct dirent *entry)
{
	return entry->d_name[0] &&
	       !entry->d_name[strspn(entry->d_name,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

static void run_hook(const char *dir, const char *name, char *const env[],
		     const char *text)
{
	char path[PATH_MAX];
	struct stat st;
	int status;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &st) || !S_ISREG(st.st_mode) ||
	    !(st.st_mode & S_IXUSR))
		return;
	if (!fw_guarded(&st)) {
		warn("hook %s is not run: others can write it", name);
		return;
	}
	status = run(path, env, text);
	if (status)
		warn("hook %s ended with status %d", name, status);
}

static void run_hooks(const char *path, char *const env[], const char *text)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **hooks;
	struct stat st;
	int count, i;

	if (dir < 0) {
		if (errno != ENOENT)
			warn("%s: %s", path, strerror(errno));
		return;
	}
	if (fstat(dir, &st) || !fw_guarded(&st)) {
		warn("no hook is run: others can write in %s", path);
		close(dir);
		return;
	}
	count = scandirat(dir, ".", &hooks, is_hook, alphasort);
	for (i = 0; i < count; i++) {
		run_hook(path, hooks[i]->d_name, env, text);
		free(hooks[i]);
	}
	if (count >= 0)
		free(hooks);
	close(dir);
}

/* ---- all of it */

static void lock(const char *name)
{
	if (domain_lock(name, true, false))
		warn("domain '%s' could NOT be locked", name);
}

/* What cannot be undone wants proof: short of that such a domain is locked. */
static void act_on_domains(const struct fw_conf *conf, bool tampered)
{
	size_t i;

	for (i = 0; i < conf->lock_count; i++)
		lock(conf->locks[i]);
	for (i = 0; i < conf->zeroize_count; i++) {
		if (!tampered)
			lock(conf->zeroizes[i]);
		else if (domain_zeroize(conf->zeroizes[i])) {
			warn("domain '%s' could NOT be zeroized: it is locked",
			     conf->zeroizes[i]);
			lock(conf->zeroizes[i]);
		}
	}
}

/* The module may not be loaded: it is not what judges a boot. */
static void note_alarm(const struct fw_alarm *alarm)
{
	struct protkey_audit_note note = { .event = PROTKEY_AUDIT_NOTE };
	int control = protkey_control_open();

	if (control < 0)
		return;
	/* what the module takes: a name may have anything in it */
	snprintf(note.text, sizeof(note.text), "firmware %s", alarm->verdict);
	if (protkey_audit_note(control, &note))
		warn("the verdict could not be noted in the audit log");
	close(control);
}

void fw_alarm_raise(const struct fw_alarm *alarm)
{
	char text[TEXT_ROOM], verdict[64], machine[96], status[32];
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *env[] = { path, verdict, machine, status, NULL };
	snprintf(text, sizeof(text), "boot of %s: %s: %.380s", alarm->machine,
		 alarm->verdict, alarm->why);
	snprintf(verdict, sizeof(verdict), "PROTKEY_VERDICT=%s", alarm->verdict);
	snprintf(machine, sizeof(machine), "PROTKEY_MACHINE=%s", alarm->machine);
	snprintf(status, sizeof(status), "PROTKEY_STATUS=%d", alarm->status);
	/* domains first: the rest can take minutes */
	if (alarm->conf)
		act_on_domains(alarm->conf, alarm->status == EXIT_FW_TAMPERED);
	note_alarm(alarm);
	log_alarm(alarm, text);
	strcat(text, "\n");
	wall(env, text);
	run_hooks(alarm->hooks, env, text);
}
