// SPDX-License-Identifier: GPL-2.0-only
/*
 * A master-key part on paper.  Whoever reads it has the part: it belongs in a safe of its
 * own.
 */
#include <stdio.h>
#include <string.h>
#include <uuid/uuid.h>

#include "mk.h"
#include "paper.h"
#include "../fw/digest.h"

#define FIRST	"protkey master key part v1"

void mk_paper_head(const struct mk_part *part, char *head)
{
	char uuid[UUID_ROOM], pattern[HEX_ROOM(PROTKEY_PATTERN_SIZE)];

	snprintf(head, PAPER_HEAD, FIRST "\ndomain: %s %s\npart: %s\nofficer: %s\n",
		 part->domain, uuid_text(part->domain_uuid, uuid),
		 hex_text(part->pattern, sizeof(part->pattern), pattern),
		 *part->officer ? part->officer : "-");
}

static bool parse_head(char **text, struct mk_part *part)
{
	char *first = paper_next_line(text), *domain = paper_next_line(text);
	char *pattern = paper_next_line(text), *officer = paper_next_line(text);
	char uuid[UUID_ROOM], hex[HEX_ROOM(PROTKEY_PATTERN_SIZE)];

	memset(part, 0, sizeof(*part));
	if (!officer || strcmp(first, FIRST) ||
	    sscanf(domain, "domain: %31s %36s", part->domain, uuid) != 2 ||
	    uuid_parse(uuid, part->domain_uuid) ||
	    sscanf(pattern, "part: %32s", hex) != 1 ||
	    !fw_hex_decode(hex, part->pattern, sizeof(part->pattern)) ||
	    strncmp(officer, "officer: ", 9) ||
	    strlen(officer + 9) >= sizeof(part->officer))
		return false;
	if (strcmp(officer + 9, "-"))
		strcpy(part->officer, officer + 9);
	return true;
}

bool mk_paper_is(const char *path)
{
	int status = EXIT_OK;
	char *text = paper_load(path, &status);
	bool is = text && !strncmp(text, FIRST, strlen(FIRST));

	paper_free(text);
	return is;
}

int mk_paper_load(const char *path, struct mk_part *part, uint8_t *secret)
{
	char head[PAPER_HEAD], *text, *at;
	int status = EXIT_OK;

	text = at = paper_load(path, &status);
	if (!text)
		return status;
	if (!parse_head(&at, part)) {
		status = fail(EXIT_DAMAGED, "%s: one of its first four lines is not as it was written",
			      path);
	} else {
		mk_paper_head(part, head);
		status = paper_read(path, head, at, secret);
	}
	paper_free(text);
	return status;
}
