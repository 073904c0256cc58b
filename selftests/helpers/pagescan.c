// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-pagescan: count the pages that start with a marker.
 *
 *	pk-pagescan [--plant] FILE MARKER
 *
 * FILE is a memory dump, raw or ELF, or /proc/kcore; MARKER is up to 16
 * characters, padded with zeros. Only page starts are looked at, so copies of
 * the marker in program text or on a command line don't count. With --plant, a
 * page of this program starts with the marker: a control for /proc/kcore.
 * Prints "pages=N" and "hits=N".
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define PAGE	4096UL
#define CHUNK	(256 * PAGE)

static unsigned char marker[16];
static unsigned long pages, hits;

/* @phys: the physical address of @from, in the hits that are printed */
static void scan_range(int fd, unsigned long from, unsigned long size,
		       unsigned long phys)
{
	static unsigned char buf[CHUNK];
	unsigned long at, page;

	for (at = 0; at < size; at += CHUNK) {
		unsigned long want = size - at < CHUNK ? size - at : CHUNK;
		ssize_t got = pread(fd, buf, want, from + at);

		if (got < 0)
			die_errno("read");
		for (page = 0; page + PAGE <= (unsigned long)got; page += PAGE) {
			pages++;
			if (memcmp(buf + page, marker, sizeof(marker)))
				continue;
			hits++;
			printf("hit at %#lx physical %#lx\n", from + at + page,
			       phys + at + page);
		}
		/* what was read must not be found again when memory is read */
		memset(buf, 0, sizeof(buf));
	}
}

/* Segments that stand for RAM have a physical address, mappings have not. */
static void scan_elf(int fd, const Elf64_Ehdr *header)
{
	Elf64_Phdr segment;
	int i;

	for (i = 0; i < header->e_phnum; i++) {
		if (pread(fd, &segment, sizeof(segment), header->e_phoff +
			  i * sizeof(segment)) != sizeof(segment))
			die_errno("program header");
		if (segment.p_type == PT_LOAD && segment.p_paddr != (Elf64_Addr)-1)
			scan_range(fd, segment.p_offset, segment.p_filesz,
				   segment.p_paddr);
	}
}

static void plant(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (page == MAP_FAILED || mlock(page, PAGE))
		die_errno("plant");
	memcpy(page, marker, sizeof(marker));
}

int main(int argc, char **argv)
{
	bool planted = argc > 1 && !strcmp(argv[1], "--plant");
	Elf64_Ehdr header;
	struct stat stat;
	int fd;

	argv += planted;
	argc -= planted;
	if (argc != 3 || strlen(argv[2]) > sizeof(marker))
		die("usage: pk-pagescan [--plant] FILE MARKER");
	memcpy(marker, argv[2], strlen(argv[2]));
	if (planted)
		plant();

	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat))
		die_errno(argv[1]);
	if (pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	    !memcmp(header.e_ident, ELFMAG, SELFMAG))
		scan_elf(fd, &header);
	else
		scan_range(fd, 0, stat.st_size, 0);
	printf("pages=%lu\nhits=%lu\n", pages, hits);
	return 0;
}
