// SPDX-License-Identifier: GPL-2.0-only
/* What takes more than two seconds says so, on a terminal. */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define QUIET_SECONDS	2

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	const char *what;
	bool running;
	bool stop;
} progress = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.ended = PTHREAD_COND_INITIALIZER,
};

/* Sleeps a second, or less if it is over. */
static bool wait_second(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&progress.lock);
	while (!progress.stop)
		if (pthread_cond_timedwait(&progress.ended, &progress.lock,
					   &until))
			break;
	pthread_mutex_unlock(&progress.lock);
	return !progress.stop;
}

static void *show(void *unused)
{
	bool shown = false;
	int seconds;

	(void)unused;
	for (seconds = 1; wait_second(); seconds++) {
		if (seconds < QUIET_SECONDS)
			continue;
		fprintf(stderr, "\r%s ... %d s", progress.what, seconds);
		fflush(stderr);
		shown = true;
	}
	if (shown)
		fputs("\r\033[K", stderr);
	return NULL;
}

void progress_start(const char *what)
{
	if (!isatty(STDERR_FILENO) || progress.running)
		return;
	progress.what = what;
	progress.stop = false;
	progress.running = !pthread_create(&progress.thread, NULL, show, NULL);
}

void progress_stop(void)
{
	if (!progress.running)
		return;
	pthread_mutex_lock(&progress.lock);
	progress.stop = true;
	pthread_cond_signal(&progress.ended);
	pthread_mutex_unlock(&progress.lock);
	pthread_join(progress.thread, NULL);
	progress.running = false;
}
