/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 32 secret bytes as text that can be printed, kept in a safe and typed in again: some
 * lines that say what it is, then four of hex digits.  Each of these has a check of its
 * own, so that a slip is found where it is.
 */
#ifndef PROTKEY_CLI_PAPER_H
#define PROTKEY_CLI_PAPER_H

#include "cli.h"

#define PAPER_SECRET	32
#define PAPER_MAX	2048	/* a whole text */
#define PAPER_HEAD	320

/* The next line of @text, which it cuts off; NULL at the end. */
char *paper_next_line(char **text);

/* @head, then the lines of @secret; @text has PAPER_MAX bytes.  Its length. */
size_t paper_write(const char *head, const uint8_t *secret, char *text);

/*
 * The rest of @text, whose first lines said what @head says.  EXIT_OK or a status,
 * and said why, of the file @path.
 */
int paper_read(const char *path, const char *head, char *text, uint8_t *secret);

/* A text in locked memory, with a NUL; NULL, and *@status.  Frees: paper_free(). */
char *paper_load(const char *path, int *status);
void paper_free(char *text);

#endif
