// SPDX-License-Identifier: GPL-2.0-only
/* Passphrases: never on the command line, in locked memory, wiped. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t caught;

static void catch(int sig)
{
	caught = sig;
}

/* Read to the end of input or, on a terminal, of the line. */
static int read_bytes(int fd, struct passphrase *pass, bool line)
{
	while (pass->size < PASSPHRASE_ROOM) {
		char *at = pass->data + pass->size;
		ssize_t got = read(fd, at, line ? 1 : PASSPHRASE_ROOM - pass->size);

		if (got < 0 && errno == EINTR && !caught)
			continue;
		if (got < 0)
			return -errno;
		if (!got || (line && *at == '\n'))
			return 0;
		pass->size += (size_t)got;
	}
	return -EFBIG;
}

/* A line with echo off, which is put back also when a signal ends us. */
static int read_hidden(int tty, struct passphrase *pass)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction old[4], act = { .sa_handler = catch };
	struct termios before, hidden;
	int ret;
	size_t i;

	if (tcgetattr(tty, &before))
		return -errno;
	caught = 0;
	for (i = 0; i < 4; i++)
		sigaction(signals[i], &act, &old[i]);
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &hidden);
	ret = read_bytes(tty, pass, true);
	tcsetattr(tty, TCSAFLUSH, &before);
	for (i = 0; i < 4; i++)
		sigaction(signals[i], &old[i], NULL);
	if (caught) {
		explicit_bzero(pass->data, PASSPHRASE_ROOM);
		pass->size = 0;
		raise(caught);
	}
	return ret;
}

static int ask(int tty, struct passphrase *pass, const char *what,
	       const char *again)
{
	int ret;

	dprintf(tty, "%s%s: ", what, again);
	ret = read_hidden(tty, pass);
	dprintf(tty, "\n");
	return ret;
}

static int alloc(struct passphrase *pass)
{
	pass->size = 0;
	pass->data = protkey_secret_alloc(PASSPHRASE_ROOM);
	if (pass->data)
		return EXIT_OK;
	return fail(EXIT_GENERAL, "no locked memory for the passphrase: %s (ulimit -l)",
		    strerror(errno));
}

static int ask_again(int tty, const struct passphrase *pass, const char *what)
{
	struct passphrase second;
	int status = alloc(&second);

	if (status)
		return status;
	if (ask(tty, &second, what, " again"))
		status = fail(EXIT_GENERAL, "no passphrase");
	else if (second.size != pass->size ||
		 memcmp(second.data, pass->data, pass->size))
		status = fail(EXIT_USAGE, "the two passphrases differ");
	passphrase_free(&second);
	return status;
}

static int from_terminal(struct passphrase *pass, const char *what, bool twice)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	int status = EXIT_OK;

	if (tty < 0)
		return fail(EXIT_USAGE, "no terminal to ask for the passphrase: use --passphrase-file FILE (or - for standard input)");
	if (ask(tty, pass, what, ""))
		status = fail(EXIT_GENERAL, "no passphrase");
	else if (twice && pass->size)
		status = ask_again(tty, pass, what);
	close(tty);
	return status;
}

static int from_file(struct passphrase *pass, const char *file)
{
	bool standard = !strcmp(file, "-");
	int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return fail_errno(-errno, file);
	ret = read_bytes(fd, pass, false);
	if (!standard)
		close(fd);
	if (ret)
		return fail_errno(ret, file);
	if (pass->size && pass->data[pass->size - 1] == '\n')
		pass->size--;
	return EXIT_OK;
}

int passphrase_get(struct passphrase *pass, const char *file, const char *what,
		   bool twice)
{
	int status = alloc(pass);

	if (status)
		return status;
	status = file ? from_file(pass, file) : from_terminal(pass, what, twice);
	if (!status && !pass->size)
		status = fail(EXIT_USAGE, "an empty passphrase protects nothing");
	if (status)
		passphrase_free(pass);
	return status;
}

void passphrase_free(struct passphrase *pass)
{
	protkey_secret_free(pass->data, PASSPHRASE_ROOM);
	pass->data = NULL;
	pass->size = 0;
}

bool confirm(const char *question)
{
	char answer[16] = "";
	FILE *tty = fopen("/dev/tty", "r+");

	if (!tty)
		return false;
	fprintf(tty, "%s Type yes to go on: ", question);
	fflush(tty);
	if (!fgets(answer, sizeof(answer), tty))
		answer[0] = '\0';
	fclose(tty);
	return !strcmp(answer, "yes\n");
}
