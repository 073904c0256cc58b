// SPDX-License-Identifier: GPL-2.0-only
/* A KEK in the hands of several: shares, on paper. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uuid/uuid.h>

#include "paper.h"
#include "seal.h"
#include "shamir.h"
#include "../fw/digest.h"

#define SPLIT_BYTES	4	/* of the slot's salt: which split it is */

/* What a share says of itself, and the share. */
struct share {
	char domain[PROTKEY_NAME_SIZE], uuid[UUID_ROOM];
	unsigned int number, threshold, count;
	uint8_t split[SPLIT_BYTES];
	uint8_t bytes[SHAMIR_SECRET];
};

static void head_text(const struct share *share, char *text, size_t room)
{
	char hex[HEX_ROOM(SPLIT_BYTES)];

	snprintf(text, room, "protkey share v1\ndomain: %s %s\nshare: %u of %u, any %u open\nsplit: %s\n",
		 share->domain, share->uuid, share->number, share->count,
		 share->threshold, hex_text(share->split, SPLIT_BYTES, hex));
}

/* ---- writing -------------------------------------------------------------- */

static void share_path(const char *dir, const struct share *share, char *path,
		       size_t room)
{
	snprintf(path, room, "%s/%s-share-%u.txt", dir, share->domain,
		 share->number);
}

static int write_share(const char *dir, const struct share *share)
{
	char *text = protkey_secret_alloc(PAPER_MAX), path[4096], head[PAPER_HEAD];
	size_t size;
	int ret;

	if (!text)
		return fail_errno(-errno, "locked memory");
	head_text(share, head, sizeof(head));
	size = paper_write(head, share->bytes, text);
	share_path(dir, share, path, sizeof(path));
	ret = file_write_new(path, text, size);
	protkey_secret_free(text, PAPER_MAX);
	return ret ? fail_errno(ret, path) : EXIT_OK;
}

void seal_shares_remove(const struct seal_shares *new, const char *name)
{
	struct share share = { 0 };
	char path[4096];

	snprintf(share.domain, sizeof(share.domain), "%s", name);
	for (share.number = 1; share.number <= new->written; share.number++) {
		share_path(new->dir, &share, path, sizeof(path));
		unlink(path);
	}
}

static int write_all(struct seal_shares *new, struct share *share,
		     const uint8_t (*bytes)[SHAMIR_SECRET])
{
	int status = EXIT_OK;
	unsigned int i;

	for (i = 0; i < new->count && !status; i++) {
		share->number = i + 1;
		memcpy(share->bytes, bytes[i], SHAMIR_SECRET);
		status = write_share(new->dir, share);
		new->written += !status;
	}
	return status;
}

int seal_shares_make(struct seal_shares *new, const char *name,
		     const uint8_t *domain_uuid,
		     const struct protkey_seal_params *params, const __u8 *kek)
{
	const size_t size = sizeof(uint8_t[SHAMIR_MAX][SHAMIR_SECRET]) +
			    sizeof(struct share);
	uint8_t (*bytes)[SHAMIR_SECRET] = protkey_secret_alloc(size);
	struct share *share = (void *)(bytes + SHAMIR_MAX);
	int ret, status;

	if (!bytes)
		return fail_errno(-errno, "locked memory");
	snprintf(share->domain, sizeof(share->domain), "%s", name);
	uuid_text(domain_uuid, share->uuid);
	share->threshold = new->threshold;
	share->count = new->count;
	memcpy(share->split, params->salt, SPLIT_BYTES);
	ret = shamir_split(kek, new->threshold, new->count, bytes);
	status = ret ? fail_errno(ret, "random bytes in locked memory") :
		 write_all(new, share, (const uint8_t (*)[SHAMIR_SECRET])bytes);
	protkey_secret_free(bytes, size);
	return status;
}

/* ---- reading -------------------------------------------------------------- */

static bool parse_head(char **text, struct share *share)
{
	char *first = paper_next_line(text), *domain = paper_next_line(text);
	char *share_line = paper_next_line(text), *split = paper_next_line(text);
	char hex[HEX_ROOM(SPLIT_BYTES)];

	return split && !strcmp(first, "protkey share v1") &&
	       sscanf(domain, "domain: %31s %36s", share->domain, share->uuid) == 2 &&
	       sscanf(share_line, "share: %u of %u, any %u open", &share->number,
		      &share->count, &share->threshold) == 3 &&
	       sscanf(split, "split: %8s", hex) == 1 &&
	       fw_hex_decode(hex, share->split, SPLIT_BYTES) &&
	       share->number && share->number <= share->count &&
	       share->count <= SHAMIR_MAX && share->threshold > 1 &&
	       share->threshold <= share->count;
}

static int parse_share(const char *path, char *text, struct share *share)
{
	char head[PAPER_HEAD];

	if (!parse_head(&text, share))
		return fail(EXIT_DAMAGED, "%s: not a share, or one of its first four lines is not as it was written",
			    path);
	head_text(share, head, sizeof(head));
	return paper_read(path, head, text, share->bytes);
}

static int read_share(const char *path, struct share *share)
{
	int status = EXIT_OK;
	char *text = paper_load(path, &status);

	if (!text)
		return status;
	status = parse_share(path, text, share);
	paper_free(text);
	return status;
}

static int check_share(const struct share *share, const char *path,
		       const struct share *first, const char *domain_uuid,
		       const struct protkey_seal_params *params)
{
	if (strcmp(share->uuid, domain_uuid))
		return fail(EXIT_AUTH, "%s is of domain '%s', not of this one",
			    path, share->domain);
	if (memcmp(share->split, params->salt, SPLIT_BYTES) ||
	    share->threshold != params->time_cost ||
	    share->count != params->parallelism)
		return fail(EXIT_AUTH, "%s belongs to another seal slot of domain '%s', perhaps one that was removed",
			    path, share->domain);
	for (; first < share; first++)
		if (first->number == share->number)
			return fail(EXIT_AUTH, "%s is share %u, as another one that was given",
				    path, share->number);
	return EXIT_OK;
}

/* @all: as many as the threshold; more than that are not looked at. */
static int combine(struct share *all, char *const *paths, const char *domain_uuid,
		   const struct protkey_seal_params *params, __u8 *kek)
{
	const uint8_t *shares[SHAMIR_MAX];
	uint8_t numbers[SHAMIR_MAX];
	unsigned int i;
	int status = EXIT_OK;

	for (i = 0; i < params->time_cost && !status; i++) {
		status = read_share(paths[i], &all[i]);
		if (!status)
			status = check_share(&all[i], paths[i], all, domain_uuid,
					     params);
		numbers[i] = (uint8_t)all[i].number;
		shares[i] = all[i].bytes;
	}
	if (!status)
		shamir_combine(numbers, shares, params->time_cost, kek);
	return status;
}

int seal_shares_open(unsigned int slot, const struct protkey_seal_params *params,
		     const uint8_t *domain_uuid, char *const *paths,
		     unsigned int count, __u8 *kek)
{
	const size_t size = SHAMIR_MAX * sizeof(struct share);
	struct share *all;
	char uuid[UUID_ROOM];
	int status;

	if (count < params->time_cost)
		return fail(EXIT_AUTH, "slot %u opens with %u shares, not with %u",
			    slot, params->time_cost, count);
	all = protkey_secret_alloc(size);
	if (!all)
		return fail_errno(-errno, "locked memory");
	status = combine(all, paths, uuid_text(domain_uuid, uuid), params, kek);
	protkey_secret_free(all, size);
	return status;
}

/* "3-of-5" */
bool seal_shares_parse(const char *text, struct seal_shares *new)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	new->threshold = (unsigned int)strtoul(text, &end, 10);
	if (strncmp(end, "-of-", 4) || !isdigit((unsigned char)end[4]))
		return false;
	new->count = (unsigned int)strtoul(end + 4, &end, 10);
	return !*end && new->threshold > 1 && new->threshold <= new->count &&
	       new->count <= SHAMIR_MAX;
}
