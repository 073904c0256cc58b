// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-passphrase [--pipe | --file | --terminal] PATH COMMAND [ARG]...
 *
 * For the leak tests: makes a random passphrase, tells it to the emulator's
 * debug port as the module's leak-test build tells its secrets, and runs
 * COMMAND, during which every reader of the FIFO at PATH gets the passphrase.
 * It is in one locked page only, which readers copy from directly (vmsplice),
 * so that no buffer of a pipe keeps it; the page is wiped at the end.
 *
 * The other ways, to see what each leaves behind: written to the FIFO as by any
 * program, a file at PATH, which stays, and typed at a terminal, letter
 * by letter, whenever COMMAND has asked with ": ".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEBUG_PORT	0xe9
#define PAGE		4096
#define LENGTH		40	/* of 6 bits each */

static int fail(const char *what)
{
	fprintf(stderr, "pk-passphrase: %s: %s\n", what, strerror(errno));
	return -1;
}

static int make(char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	if (getrandom(text, LENGTH, 0) != LENGTH)
		return fail("getrandom");
	for (int i = 0; i < LENGTH; i++)
		text[i] = digits[text[i] & 63];
	return 0;
}

/* As kmod/x86/slot.S: mark, tag, length, bytes. */
static int tell(const char *text)
{
	if (ioperm(DEBUG_PORT, 1, 1))
		return fail("ioperm");
	outb(0xa5, DEBUG_PORT);
	outb('X', DEBUG_PORT);
	outb(LENGTH, DEBUG_PORT);
	for (int i = 0; i < LENGTH; i++)
		outb((unsigned char)text[i], DEBUG_PORT);
	return 0;
}

enum way { SPLICE, PIPE, FILE_, TERMINAL };

struct feed {
	enum way way;
	const char *path;
	char *text;
	pid_t child;
	int terminal;	/* its master side */
	int status;	/* of the child, once it has ended */
};

static bool is_running(struct feed *feed)
{
	return waitpid(feed->child, &feed->status, WNOHANG) == 0;
}

/* A new FIFO each time, so that a reader gets the passphrase once. */
static int renew(const char *fifo)
{
	unlink(fifo);
	return mkfifo(fifo, 0600) ? fail(fifo) : 0;
}

static ssize_t put(struct feed *feed, int fd)
{
	struct iovec bytes = { .iov_base = feed->text, .iov_len = LENGTH };

	return feed->way == SPLICE ? vmsplice(fd, &bytes, 1, 0) :
				     write(fd, feed->text, LENGTH);
}

/* Until the reader has taken what is in the pipe, or is gone. */
static void wait_until_read(struct feed *feed, int fd)
{
	int left = 0;

	while (!ioctl(fd, FIONREAD, &left) && left && is_running(feed))
		usleep(1000);
}

static int serve_fifo(struct feed *feed)
{
	while (is_running(feed)) {
		int fd = open(feed->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0) {		/* nobody reads */
			usleep(5000);
			continue;
		}
		if (renew(feed->path) || put(feed, fd) != LENGTH)
			return fail("cannot pass the passphrase");
		wait_until_read(feed, fd);
		close(fd);
	}
	return 0;
}

/* The child waits for the file to be whole: it is renamed into place. */
static int serve_file(struct feed *feed)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "%s.new", feed->path);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, feed->text, LENGTH) != LENGTH ||
	    rename(name, feed->path))
		return fail(feed->path);
	close(fd);
	while (is_running(feed))
		usleep(5000);
	return 0;
}

static int type(struct feed *feed)
{
	for (int i = 0; i < LENGTH; i++)
		if (write(feed->terminal, feed->text + i, 1) != 1)
			return fail("terminal");
	return write(feed->terminal, "\n", 1) == 1 ? 0 : fail("terminal");
}

static int serve_terminal(struct feed *feed)
{
	struct pollfd ready = { .fd = feed->terminal, .events = POLLIN };
	char seen[256];

	while (is_running(feed)) {
		ssize_t got;

		if (poll(&ready, 1, 50) != 1)
			continue;
		got = read(feed->terminal, seen, sizeof(seen));
		if (got > 0 && write(STDOUT_FILENO, seen, (size_t)got) < 0)
			return fail("output");
		/* it asks after switching the echo off, or a moment before */
		usleep(200000);
		if (got > 1 && !memcmp(seen + got - 2, ": ", 2) && type(feed))
			return -1;
	}
	return 0;
}

static int serve(struct feed *feed)
{
	int err = feed->way == FILE_ ? serve_file(feed) :
		  feed->way == TERMINAL ? serve_terminal(feed) : serve_fifo(feed);

	if (err)
		return err;
	return WIFEXITED(feed->status) ? WEXITSTATUS(feed->status) : 1;
}

static int start(struct feed *feed, char **command)
{
	feed->child = feed->way == TERMINAL ?
		forkpty(&feed->terminal, NULL, NULL, NULL) : fork();
	if (feed->child < 0)
		return fail("fork");
	if (feed->child)
		return 0;
	execvp(command[0], command);
	fail(command[0]);
	_exit(127);
}

static enum way parse_way(const char *option)
{
	return !strcmp(option, "--pipe") ? PIPE :
	       !strcmp(option, "--file") ? FILE_ :
	       !strcmp(option, "--terminal") ? TERMINAL : SPLICE;
}

int main(int argc, char **argv)
{
	struct feed feed = { .way = argc > 1 ? parse_way(argv[1]) : SPLICE };
	int status;

	if (feed.way != SPLICE) {
		argv++;
		argc--;
	}
	if (argc < 3) {
		fputs("usage: pk-passphrase [--pipe | --file | --terminal] PATH COMMAND [ARG]...\n",
		      stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	feed.path = argv[1];
	if (feed.way <= PIPE && renew(feed.path))
		return 1;
	/* forked before there is a secret: no second mapping of its page */
	if (start(&feed, argv + 2))
		return 1;
	feed.text = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (feed.text == MAP_FAILED || mlock(feed.text, PAGE))
		return fail("no locked memory") ? 1 : 0;
	status = make(feed.text) || tell(feed.text) ? -1 : serve(&feed);
	explicit_bzero(feed.text, PAGE);
	if (feed.way != FILE_)
		unlink(feed.path);
	return status < 0 ? 1 : status;
}
