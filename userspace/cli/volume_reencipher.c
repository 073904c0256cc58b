// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey volume reencipher: wrap a volume's key under the current master key.
 * Not a byte of the volume's data changes, and it may be open meanwhile.
 *
 * In steps, each of which leaves a header that opens: a keyslot with the new blob
 * that belongs to nothing (unbound); the segment goes over to it; what the old one
 * had goes.  Run again it goes on wherever it was cut off.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "volume.h"

struct reencipher {
	struct volume volume;
	bool drop;
	uint8_t blob[PROTKEY_BLOB_SIZE];	/* under the current master key */
	bool done;		/* the volume's key is */
	int target;		/* keyslot with @blob, or -1 */
	int others[32];		/* keyslots of the volume's key, other than volume.keyslot */
	unsigned int other_count;
	int stale[32];		/* unbound ones that we left */
	unsigned int stale_count;
};

static int fail_luks(const struct reencipher *r, const char *doing, int ret)
{
	return fail(EXIT_IO, "%s: %s: %s; run the command again to go on",
		    r->volume.device, doing,
		    *luks_message() ? luks_message() : strerror(-ret));
}

static int check(struct volume *volume)
{
	const struct volume_step *step;
	int status;

	for (step = volume_steps; step->name; step++) {
		status = step->check(volume);
		if (status)
			return fail((enum exit_code)status, "%s is not re-enciphered: %s",
				    volume->device, volume->why);
	}
	return EXIT_OK;
}

static int make_blob(struct reencipher *r)
{
	struct volume *volume = &r->volume;
	int ret;

	memcpy(r->blob, volume->blob, sizeof(r->blob));
	ret = protkey_key_reencipher(volume->domain, r->blob,
				     PROTKEY_MK_CURRENT, NULL);
	r->done = ret == -EALREADY;
	if (ret && !r->done)
		return fail_domain(ret, volume->domain_name, "use");
	return EXIT_OK;
}

/* Does the unbound @slot hold this volume's key, from an attempt before? */
static bool left_by_us(struct reencipher *r, int slot, uint8_t *blob)
{
	const struct volume *volume = &r->volume;
	struct protkey_key_info key;
	size_t size = PROTKEY_BLOB_SIZE;

	return crypt_volume_key_get(volume->cd, slot, (char *)blob, &size,
				    volume->pass.data, volume->pass.size) == slot &&
	       !protkey_key_parse(blob, size, &key) &&
	       !memcmp(key.pattern, volume->key.pattern, sizeof(key.pattern)) &&
	       !memcmp(key.domain, volume->key.domain, sizeof(key.domain));
}

static void look_at(struct reencipher *r, int slot)
{
	crypt_keyslot_info info = crypt_keyslot_status(r->volume.cd, slot);
	uint8_t blob[PROTKEY_BLOB_SIZE];
	struct protkey_key_verify result;

	if (info == CRYPT_SLOT_ACTIVE || info == CRYPT_SLOT_ACTIVE_LAST) {
		if (slot != r->volume.keyslot)
			r->others[r->other_count++] = slot;
		return;
	}
	if (info != CRYPT_SLOT_UNBOUND)
		return;
	if (r->volume.token.wiping & 1U << slot) {
		r->stale[r->stale_count++] = slot;
		return;
	}
	if (!left_by_us(r, slot, blob)) {
		warn("%s: keyslot %d belongs to nothing and does not open with this passphrase: if you do not know it, `cryptsetup luksKillSlot` removes it",
		     r->volume.device, slot);
		return;
	}
	/* the last step but one may have been reached: go on with it */
	if (!r->done && r->target < 0 &&
	    !protkey_key_verify(r->volume.domain, blob, sizeof(blob), &result) &&
	    result.mk_register == PROTKEY_MK_CURRENT) {
		memcpy(r->blob, blob, sizeof(blob));
		r->target = slot;
	} else {
		r->stale[r->stale_count++] = slot;
	}
}

static void look(struct reencipher *r)
{
	int slot, slots = crypt_keyslot_max(CRYPT_LUKS2);

	r->target = -1;
	for (slot = 0; slot < slots && slot < 32; slot++)
		look_at(r, slot);
}

static int mark(struct reencipher *r, int keyslot, uint32_t wiping)
{
	int ret;

	r->volume.token.wiping = wiping;
	ret = token_write(r->volume.cd, keyslot, &r->volume.token);
	return ret ? fail_luks(r, "the token could not be written", ret) : EXIT_OK;
}

/*
 * Remove keyslots of ours; the token is @keyslot's.  It names them meanwhile: one that
 * is half wiped opens no more, and could not be told from somebody else's.
 */
static int destroy(struct reencipher *r, int keyslot, const int *slots, unsigned int count)
{
	uint32_t wiping = 0;
	unsigned int i;
	int ret, status;

	for (i = 0; i < count; i++)
		wiping |= 1U << slots[i];
	if (!wiping && !r->volume.token.wiping)
		return EXIT_OK;
	status = mark(r, keyslot, wiping);
	if (status)
		return status;
	for (i = 0; i < count; i++) {
		ret = crypt_keyslot_destroy(r->volume.cd, slots[i]);
		if (ret < 0)
			return fail_luks(r, "a keyslot could not be removed", ret);
	}
	return mark(r, keyslot, 0);
}

static int write_token(struct reencipher *r, int keyslot)
{
	struct volume *volume = &r->volume;
	int ret = protkey_key_parse(r->blob, sizeof(r->blob), &volume->key);

	if (!ret)
		ret = volume_write_token(volume->cd, keyslot, volume->domain_name,
					 &volume->key, &volume->pin);
	if (ret >= 0)
		ret = token_read(volume->cd, &volume->token);
	return ret < 0 ? fail_luks(r, "the token could not be written", ret) :
			 EXIT_OK;
}

/* To the new blob; the volume's other keyslots cannot follow. */
static int go_over(struct reencipher *r)
{
	struct volume *volume = &r->volume;
	int old = volume->keyslot, ret, status;

	if (r->target < 0) {
		ret = luks_add_unbound(volume->cd, r->blob, &volume->pass);
		if (ret < 0)
			return fail_luks(r, "a new keyslot could not be made", ret);
		r->target = ret;
	}
	status = destroy(r, old, r->others, r->other_count);
	if (status)
		return status;
	ret = luks_go_over(volume->cd, r->target, r->blob, &volume->pass);
	if (ret < 0)
		return fail_luks(r, "the header could not be changed", ret);
	status = write_token(r, r->target);
	return status ? status : destroy(r, r->target, &old, 1);
}

/* Another passphrase's keyslot holds the old blob, and only it opens it. */
static int fail_others(const struct reencipher *r)
{
	return fail(EXIT_REFUSED, "%s has %u more keyslots (other passphrases, or the same one again), whose passphrases would be needed: with --drop-keyslots they are removed; `cryptsetup luksAddKey` adds them again",
		    r->volume.device, r->other_count);
}

static int run(struct reencipher *r)
{
	struct volume *volume = &r->volume;
	bool stale;
	int status = check(volume);

	if (!status)
		status = make_blob(r);
	if (status)
		return status;
	look(r);
	stale = r->stale_count;
	/* what is left of an attempt that was cut off */
	status = destroy(r, volume->keyslot, r->stale, r->stale_count);
	if (status)
		return status;
	if (!r->done && r->other_count && !r->drop)
		return fail_others(r);
	progress_start("re-enciphering the volume's key");
	if (!r->done)
		status = go_over(r);
	else if (memcmp(volume->token.mk_pattern, volume->key.mk_pattern,
			sizeof(volume->token.mk_pattern)) || stale)
		status = write_token(r, volume->keyslot);
	progress_stop();
	if (!status)
		printf(r->done ? "%s: its key is under the current master key of domain '%s' already\n" :
		       "%s: its key is under the current master key of domain '%s'\n",
		       volume->device, volume->domain_name);
	return status;
}

int cmd_volume_reencipher(const struct command *cmd, int argc, char **argv)
{
	struct reencipher r = { 0 };
	const char *domain = NULL, *file = NULL;
	const struct opt opts[] = {
		{ "domain", 'd', OPT_TEXT, &domain, "NAME",
		  "domain of the volume (default: the one it names)" },
		{ "passphrase-file", 0, OPT_TEXT, &file, "FILE",
		  "passphrase of the keyslot (-: standard input)" },
		{ "drop-keyslots", 0, OPT_FLAG, &r.drop, NULL,
		  "remove the keyslots of other passphrases" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	status = device_check(argv[0], NULL);
	if (status)
		return status;
	volume_init(&r.volume, argv[0]);
	r.volume.want_domain = domain;
	r.volume.passphrase_file = file;
	r.volume.keep_passphrase = true;
	status = run(&r);
	volume_release(&r.volume);
	return status;
}
