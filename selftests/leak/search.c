// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "search.h"

#define BLOCK	4096	/* blocks of zeros, most of a fresh machine, are skipped */

/* Where the last match of a pattern was, to count a run of windows once. */
struct progress {
	size_t whole_end;	/* end of the last whole match */
	size_t run_at;		/* position and offset of the last window of a run */
	size_t run_offset;
	size_t run_length;
	struct hit *listed;	/* the run's entry in the list of hits */
};

struct scan {
	struct search *search;
	const uint8_t *data;
	size_t size;
	struct progress *progress;	/* one per pattern */
};

static struct hit *list(struct finding *finding, size_t at, size_t size,
			enum form form, bool fragment)
{
	if (finding->listed == MAX_LISTED)
		return NULL;
	finding->hits[finding->listed] = (struct hit){ at, size, form, fragment };
	return &finding->hits[finding->listed++];
}

static void hit_fragment(struct scan *scan, const struct window *window, size_t at)
{
	const struct pattern *pattern = &scan->search->patterns->list[window->pattern - 1];
	struct finding *finding = &scan->search->findings[pattern->secret];
	struct progress *progress = &scan->progress[window->pattern - 1];

	if (at + WINDOW <= progress->whole_end)
		return;
	if (progress->run_length && progress->run_at + 1 == at &&
	    progress->run_offset + 1 == window->offset) {
		progress->run_length++;
		if (progress->listed)
			progress->listed->size++;
	} else {
		progress->run_length = WINDOW;
		progress->listed = list(finding, at, WINDOW, pattern->form, true);
		if (pattern->form == FORM_ENCRYPT || pattern->form == FORM_DECRYPT)
			finding->schedule_fragments++;
		else
			finding->fragments++;
	}
	progress->run_at = at;
	progress->run_offset = window->offset;
	if (progress->run_length > finding->longest)
		finding->longest = progress->run_length;
}

static void hit(struct scan *scan, const struct window *window, size_t at)
{
	const struct pattern *pattern = &scan->search->patterns->list[window->pattern - 1];
	struct finding *finding = &scan->search->findings[pattern->secret];
	struct progress *progress = &scan->progress[window->pattern - 1];
	size_t start = at - window->offset;

	if (window->offset == pattern->anchor && at >= window->offset &&
	    scan->size - start >= pattern->size &&
	    !memcmp(scan->data + start, pattern->bytes, pattern->size)) {
		finding->whole[pattern->form]++;
		list(finding, start, pattern->size, pattern->form, false);
		progress->whole_end = start + pattern->size;
	} else if (pattern->form != FORM_PART && pattern->form != FORM_SPREAD) {
		hit_fragment(scan, window, at);
	}
}

static void look_up(struct scan *scan, uint64_t value, uint64_t hash, size_t at)
{
	const struct patterns *patterns = scan->search->patterns;
	const struct window *window;

	for (size_t slot = hash & patterns->mask;; slot = (slot + 1) & patterns->mask) {
		window = &patterns->table[slot];
		if (!window->pattern)
			return;
		if (window->value == value)
			hit(scan, window, at);
	}
}

static void find_windows(struct scan *scan, size_t from, size_t to)
{
	const struct patterns *patterns = scan->search->patterns;

	if (to + WINDOW > scan->size + 1)
		to = scan->size + 1 - WINDOW;
	for (size_t at = from; at < to; at++) {
		uint64_t value = window_at(scan->data + at);
		uint64_t hash = window_hash(value);

		if (window_maybe(patterns, hash))
			look_up(scan, value, hash, at);
	}
}

static int find_schedules(struct scan *scan, size_t from, size_t to)
{
	struct search *search = scan->search;
	struct schedule found, *larger;

	for (size_t at = from; at < to; at++) {
		if (!schedule_at(scan->data, scan->size, at, &found))
			continue;
		larger = reallocarray(search->schedules, search->schedule_count + 1,
				      sizeof(found));
		if (!larger)
			return -ENOMEM;
		search->schedules = larger;
		search->schedules[search->schedule_count++] = found;
	}
	return 0;
}

/* All zeros from @from to @to, and so is what a pattern there would reach. */
static bool is_zero(const struct scan *scan, size_t from, size_t to)
{
	if (to + BLOCK > scan->size)
		return false;
	to += 256;
	return !scan->data[from] &&
	       !memcmp(scan->data + from, scan->data + from + 1, to - from - 1);
}

static int scan_all(struct scan *scan)
{
	if (scan->size < WINDOW)
		return 0;
	for (size_t from = 0; from < scan->size; from += BLOCK) {
		size_t to = from + BLOCK;
		int err;

		if (to > scan->size)
			to = scan->size;
		if (is_zero(scan, from, to))
			continue;
		find_windows(scan, from, to);
		err = find_schedules(scan, from, to);
		if (err)
			return err;
	}
	return 0;
}

static int map(struct scan *scan, const char *file)
{
	struct stat st;
	void *data = NULL;
	int fd = open(file, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || fstat(fd, &st))
		err = -errno;
	else if (st.st_size == 0)
		err = -ENODATA;
	else
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!err && data == MAP_FAILED)
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err)
		return err;
	madvise(data, (size_t)st.st_size, MADV_SEQUENTIAL);
	scan->data = data;
	scan->size = scan->search->size = (size_t)st.st_size;
	return 0;
}

int search_file(struct search *search, const char *file)
{
	struct scan scan = { .search = search };
	int err = map(&scan, file);

	if (err)
		return err;
	search->findings = calloc(search->secrets->count + 1, sizeof(*search->findings));
	scan.progress = calloc(search->patterns->count + 1, sizeof(*scan.progress));
	err = search->findings && scan.progress ? scan_all(&scan) : -ENOMEM;
	free(scan.progress);
	munmap((void *)scan.data, scan.size);
	return err;
}

void search_free(struct search *search)
{
	free(search->findings);
	free(search->schedules);
	search->findings = NULL;
	search->schedules = NULL;
	search->schedule_count = 0;
}

const struct secret *search_owner(const struct search *search,
				  const struct schedule *schedule)
{
	for (size_t i = 0; i < search->secrets->count; i++) {
		const struct secret *secret = &search->secrets->list[i];

		for (size_t at = 0; at + schedule->key_size <= secret->size; at += 8)
			if (!memcmp(secret->bytes + at, schedule->key, schedule->key_size))
				return secret;
	}
	return NULL;
}
