// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-passphrase FIFO COMMAND [ARG]...
 *
 * For the leak tests: makes a random passphrase, tells it to the emulator's
 * debug port as the module's leak-test build tells its secrets, and runs
 * COMMAND, during which every reader of FIFO gets the passphrase. It is in one
 * locked page only, which readers copy from directly (vmsplice), so that no
 * buffer of a pipe or page of a file keeps it; the page is wiped at the end.
 */
#include <errno.h>
#include <fcntl.h>
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

static bool is_running(pid_t child, int *status)
{
	return waitpid(child, status, WNOHANG) == 0;
}

/* A new FIFO each time, so that a reader gets the passphrase once. */
static int renew(const char *fifo)
{
	unlink(fifo);
	return mkfifo(fifo, 0600) ? fail(fifo) : 0;
}

/* Until the reader has taken what is in the pipe, or is gone. */
static void wait_until_read(int fd, pid_t child, int *status)
{
	int left = 0;

	while (!ioctl(fd, FIONREAD, &left) && left && is_running(child, status))
		usleep(1000);
}

static int serve(const char *fifo, char *text, pid_t child)
{
	struct iovec bytes = { .iov_base = text, .iov_len = LENGTH };
	int status = 0;

	while (is_running(child, &status)) {
		int fd = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0) {		/* nobody reads */
			usleep(5000);
			continue;
		}
		if (renew(fifo) || vmsplice(fd, &bytes, 1, 0) != LENGTH)
			return fail("cannot pass the passphrase");
		wait_until_read(fd, child, &status);
		close(fd);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static pid_t start(char **command)
{
	pid_t child = fork();

	if (child)
		return child;
	execvp(command[0], command);
	fail(command[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	char *page;
	pid_t child;
	int status;

	if (argc < 3) {
		fputs("usage: pk-passphrase FIFO COMMAND [ARG]...\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (renew(argv[1]))
		return 1;
	/* forked before there is a secret: no second mapping of its page */
	child = start(argv + 2);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (child < 0 || page == MAP_FAILED || mlock(page, PAGE))
		return fail("cannot start") ? 1 : 0;
	status = make(page) || tell(page) ? -1 : serve(argv[1], page, child);
	explicit_bzero(page, PAGE);
	unlink(argv[1]);
	return status < 0 ? 1 : status;
}
