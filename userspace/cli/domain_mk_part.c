// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain mk part: make or load a part of a new master key. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "mk.h"
#include "paper.h"
#include "../fw/digest.h"

struct part {
	const char *name;
	const char *new_file, *load_file, *paper_file, *clear_file;	/* one of them */
	const char *passphrase_file, *officer;
	const char *to, *key, *kek_file;	/* CMS: certificate, or what opens it */
	unsigned int wanted, memory_kib, time_cost;
	struct mk_act act;
	struct protkey_mk_load *load;	/* locked memory */
	bool loaded;
};

/* The KEK of a sealed part, from its officer's passphrase. */
static int officer_kek(struct part *p, bool twice)
{
	struct passphrase pass;
	int status = passphrase_get(&pass, p->passphrase_file,
				    twice ? "New passphrase of this part" :
				    "Passphrase of this part", twice);

	if (status)
		return status;
	status = domain_kek(&p->load->seal, &pass, p->load->kek);
	passphrase_free(&pass);
	return status;
}

/* As `openssl cms -decrypt` gave it, which asks a card. */
static int read_kek(const struct part *p)
{
	char *bytes = protkey_secret_alloc(PROTKEY_KEK_SIZE + 1);
	size_t size = 0;
	int ret;

	if (!bytes)
		return fail_errno(-errno, "locked memory");
	ret = strcmp(p->kek_file, "-") ?
	      file_read(p->kek_file, bytes, PROTKEY_KEK_SIZE + 1, &size) :
	      fd_read(STDIN_FILENO, bytes, PROTKEY_KEK_SIZE + 1, &size);
	memcpy(p->load->kek, bytes, PROTKEY_KEK_SIZE);
	protkey_secret_free(bytes, PROTKEY_KEK_SIZE + 1);
	if (!ret && size != PROTKEY_KEK_SIZE)
		return fail(EXIT_DAMAGED, "%s: a KEK has %d bytes", p->kek_file,
			    PROTKEY_KEK_SIZE);
	return ret ? fail_errno(ret, p->kek_file) : EXIT_OK;
}

static int open_kek(struct part *p, const struct mk_part *part)
{
	if (part->seal.kind != PROTKEY_SEAL_CMS)
		return officer_kek(p, false);
	if (p->kek_file)
		return read_kek(p);
	if (!p->key)
		return fail(EXIT_USAGE, "%s is encrypted to a certificate: say --key, or --kek-file with what `openssl cms -decrypt` gives of its \"cms\"",
			    p->load_file);
	return mk_cms_decrypt(p->load_file, part->cms, p->key, p->load->kek);
}

static int call(struct part *p)
{
	int ret = protkey_mk_load(p->act.on.domain, p->load);

	if (ret == -EINVAL)
		return fail(EXIT_REFUSED, "a master key has %d to %d parts, and --of is the same for each of them (now %u)",
			    PROTKEY_MK_PARTS_MIN, PROTKEY_MK_PARTS_MAX,
			    p->act.new.wanted);
	return ret ? fail_mk(ret, p->name) : EXIT_OK;
}

/* ---- a new part ----------------------------------------------------------- */

/* What was loaded, as its file says it. */
static int fill_part(const struct part *p, struct mk_part *part)
{
	struct protkey_domain_info info;
	int ret = protkey_domain_info(p->act.on.domain, &info);

	if (ret)
		return fail_domain(ret, p->name, "read");
	memcpy(part->domain, info.name, sizeof(part->domain));
	memcpy(part->domain_uuid, info.uuid, sizeof(part->domain_uuid));
	memcpy(part->pattern, p->load->pattern_part, sizeof(part->pattern));
	memcpy(part->wrapped, p->load->wrapped, sizeof(part->wrapped));
	if (p->officer)
		strcpy(part->officer, p->officer);
	return EXIT_OK;
}

/* A KEK that a passphrase gives, or one that only a certificate's key gets back. */
static int new_kek(struct part *p, struct mk_part *part)
{
	int ret;

	if (!p->to) {
		ret = protkey_seal_init(&p->load->seal, p->memory_kib, p->time_cost);
		return ret ? fail_seal_init(ret) : officer_kek(p, true);
	}
	ret = protkey_seal_init_random(&p->load->seal, PROTKEY_SEAL_CMS, p->load->kek);
	if (ret)
		return fail_errno(ret, "random bytes");
	return mk_cms_encrypt(p->to, p->load->kek, part->cms);
}

static int make_sealed(struct part *p, int fd)
{
	struct mk_part *part = calloc(1, sizeof(*part));
	int status = part ? new_kek(p, part) : fail_errno(-ENOMEM, p->new_file);

	p->load->source = PROTKEY_MK_GENERATE;
	if (!status)
		status = call(p);
	if (!status) {
		part->seal = p->load->seal;
		status = fill_part(p, part);
		if (!status)
			status = mk_part_write(fd, p->new_file, part);
		p->loaded = true;
	}
	free(part);
	return status;
}

static int write_paper(const struct part *p, int fd, const uint8_t *secret)
{
	char head[PAPER_HEAD], *text = protkey_secret_alloc(PAPER_MAX);
	struct mk_part *part = calloc(1, sizeof(*part));
	int status = part && text ? fill_part(p, part) :
		     fail_errno(-ENOMEM, p->paper_file);
	size_t size;
	int ret;

	if (!status) {
		mk_paper_head(part, head);
		size = paper_write(head, secret, text);
		ret = fd_write(fd, text, size);
		if (!ret && (ftruncate(fd, (off_t)size) || fsync(fd)))
			ret = -errno;
		if (ret)
			status = fail_errno(ret, p->paper_file);
	}
	protkey_secret_free(text, PAPER_MAX);
	free(part);
	return status;
}

/* For a safe: it is in clear here, as it will be when it is typed in. */
static int make_paper(struct part *p, int fd)
{
	uint8_t *secret = protkey_secret_alloc(PROTKEY_MK_PART_SIZE);
	int status = EXIT_OK;

	if (!secret)
		return fail_errno(-errno, "locked memory");
	if (getrandom(secret, PROTKEY_MK_PART_SIZE, 0) != PROTKEY_MK_PART_SIZE)
		status = fail_errno(-EIO, "random bytes");
	p->load->source = PROTKEY_MK_CLEAR;
	/* which the module wipes */
	memcpy(p->load->clear, secret, PROTKEY_MK_PART_SIZE);
	if (!status)
		status = call(p);
	if (!status) {
		p->loaded = true;
		status = write_paper(p, fd, secret);
	}
	protkey_secret_free(secret, PROTKEY_MK_PART_SIZE);
	return status;
}

/*
 * The file first, with its room: a part that is in NEW but in nobody's keeping
 * could not be brought again.
 */
static int part_make(struct part *p)
{
	const char *path = p->new_file ? p->new_file : p->paper_file;
	int status, fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(-errno, path);
	if (posix_fallocate(fd, 0, MK_PART_FILE_MAX) || fsync(fd))
		status = fail(EXIT_IO, "%s: there is no room: nothing was made", path);
	else
		status = p->new_file ? make_sealed(p, fd) : make_paper(p, fd);
	if (close(fd) && !status)
		status = fail_errno(-errno, path);
	if (status && p->loaded)
		warn("the part is loaded, but in nobody's keeping: `protkey domain mk abort %s`, and begin again",
		     p->name);
	if (status)
		unlink(path);
	return status;
}

/* ---- a part that there is ------------------------------------------------- */

static int check_domain(const struct part *p, const struct mk_part *part)
{
	struct protkey_domain_info info;
	int ret = protkey_domain_info(p->act.on.domain, &info);

	if (ret)
		return fail_domain(ret, p->name, "read");
	if (memcmp(part->domain_uuid, info.uuid, sizeof(info.uuid)))
		return fail(EXIT_AUTH, "%s is a part of domain '%s', not of this '%s'",
			    p->load_file, part->domain, p->name);
	return EXIT_OK;
}

static int load_sealed(struct part *p, struct mk_part *part)
{
	int status = mk_part_load(p->load_file, part);

	if (!status)
		status = check_domain(p, part);
	if (status)
		return status;
	p->load->source = PROTKEY_MK_SEALED;
	p->load->seal = part->seal;
	memcpy(p->load->wrapped, part->wrapped, sizeof(part->wrapped));
	status = open_kek(p, part);
	return status ? status : call(p);
}

static int load_paper(struct part *p, struct mk_part *part)
{
	int status = mk_paper_load(p->load_file, part, p->load->clear);

	if (!status)
		status = check_domain(p, part);
	p->load->source = PROTKEY_MK_CLEAR;
	return status ? status : call(p);
}

static int part_load(struct part *p)
{
	struct mk_part *part = calloc(1, sizeof(*part));
	int status;

	if (!part)
		return fail_errno(-ENOMEM, p->load_file);
	status = mk_paper_is(p->load_file) ? load_paper(p, part) :
		 load_sealed(p, part);
	free(part);
	return status;
}

/* Capitals too: people type it. */
static bool unhex(char *text, uint8_t *bytes, size_t size)
{
	char *at;

	for (at = text; at < text + 2 * size; at++)
		*at = (char)tolower((unsigned char)*at);
	return fw_hex_bytes(text, bytes, size);
}

/* 32 bytes, or 64 hex digits and perhaps a newline. */
static int part_clear(struct part *p)
{
	const size_t room = 2 * PROTKEY_MK_PART_SIZE + 2;
	char *text = protkey_secret_alloc(room);
	size_t size = 0;
	int ret;

	if (!text)
		return fail_errno(-errno, "locked memory");
	ret = strcmp(p->clear_file, "-") ?
	      file_read(p->clear_file, text, room, &size) :
	      fd_read(STDIN_FILENO, text, room, &size);
	if (!ret && size == PROTKEY_MK_PART_SIZE) {
		memcpy(p->load->clear, text, size);
	} else if (!ret) {
		if (size && text[size - 1] == '\n')
			size--;
		if (size != 2 * PROTKEY_MK_PART_SIZE ||
		    !unhex(text, p->load->clear, PROTKEY_MK_PART_SIZE))
			ret = -EFBIG;
	}
	protkey_secret_free(text, room);
	if (ret == -EFBIG)
		return fail(EXIT_DAMAGED, "%s: a part in clear has 32 bytes, or 64 hex digits",
			    p->clear_file);
	if (ret)
		return fail_errno(ret, p->clear_file);
	p->load->source = PROTKEY_MK_CLEAR;
	return call(p);
}

/* ---- the command ---------------------------------------------------------- */

static void say_loaded(const struct part *p)
{
	char part[HEX_ROOM(PROTKEY_PATTERN_SIZE)];
	char new[HEX_ROOM(PROTKEY_PATTERN_SIZE)];

	printf("part %u of %u is loaded: %s\n", p->load->loaded, p->load->wanted,
	       hex_text(p->load->pattern_part, PROTKEY_PATTERN_SIZE, part));
	printf("new master key %s: %s\n", p->load->loaded == p->load->wanted ?
	       "is complete" : "so far",
	       hex_text(p->load->pattern, PROTKEY_PATTERN_SIZE, new));
	if (p->load->loaded == p->load->wanted)
		printf("when all officers have compared it: protkey domain mk commit %s --pattern %s\n",
		       p->name, new);
	if (p->new_file)
		printf("%s holds the part: keep it, and %s, where no other officer gets at both\n",
		       p->new_file, p->to ? "the certificate's key" :
		       "its passphrase");
	if (p->paper_file)
		printf("%s is the part, in clear: print it, seal the paper, and remove the file (shred)\n",
		       p->paper_file);
}

static int part_act(struct part *p)
{
	int status;

	if (!p->wanted)
		p->wanted = p->act.new.wanted;
	if (!p->wanted)
		return fail(EXIT_USAGE, "this is the first part: say --of N, how many there will be");
	/* refused at once, not after a passphrase was asked */
	if (p->act.new.wanted && p->act.new.loaded == p->act.new.wanted)
		return fail_mk(-EALREADY, p->name);
	p->load->wanted = (__u16)p->wanted;
	if (p->new_file || p->paper_file)
		status = part_make(p);
	else
		status = p->load_file ? part_load(p) : part_clear(p);
	if (!status)
		status = domain_save(&p->act.on);
	if (!status)
		say_loaded(p);
	return status;
}

static int part_run(struct part *p)
{
	int status = mk_begin(&p->act, p->name);

	if (status)
		return status;
	p->load = protkey_secret_alloc(sizeof(*p->load));
	status = p->load ? part_act(p) : fail_errno(-errno, "locked memory");
	protkey_secret_free(p->load, sizeof(*p->load));
	domain_end(&p->act.on);
	return status;
}

int cmd_mk_part(const struct command *cmd, int argc, char **argv)
{
	struct part p = { 0 };
	const struct opt opts[] = {
		{ "of", 0, OPT_NUMBER, &p.wanted, "N",
		  "how many parts there will be, from 2 to 8 (with the first)" },
		{ "new", 0, OPT_TEXT, &p.new_file, "FILE",
		  "make the part in registers; FILE gets it, sealed" },
		{ "paper", 0, OPT_TEXT, &p.paper_file, "FILE",
		  "make one as text for a safe, in clear" },
		{ "load", 0, OPT_TEXT, &p.load_file, "FILE",
		  "or load one that --new or --paper made" },
		{ "clear", 0, OPT_TEXT, &p.clear_file, "FILE",
		  "or one in clear: 32 bytes or 64 hex digits (-: standard input)" },
		{ "passphrase-file", 0, OPT_TEXT, &p.passphrase_file, "FILE",
		  "passphrase of the part (-: standard input)" },
		{ "to", 0, OPT_TEXT, &p.to, "CERTIFICATE",
		  "--new: for who has its private key, in place of a passphrase" },
		{ "key", 0, OPT_TEXT, &p.key, "FILE",
		  "--load: that private key (PEM)" },
		{ "kek-file", 0, OPT_TEXT, &p.kek_file, "FILE",
		  "or what openssl cms -decrypt gave (-: standard input)" },
		{ "officer", 0, OPT_TEXT, &p.officer, "NAME",
		  "who keeps it, for the file" },
		{ "memory-kib", 0, OPT_NUMBER, &p.memory_kib, "KIB",
		  "argon2id memory (default 256 MiB, at most 1/4 of RAM)" },
		{ "time", 0, OPT_NUMBER, &p.time_cost, "N",
		  "argon2id passes (default 3)" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	p.name = argv[0];
	if (!!p.new_file + !!p.paper_file + !!p.load_file + !!p.clear_file != 1)
		return fail(EXIT_USAGE, "say one of --new FILE, --paper FILE, --load FILE, --clear FILE");
	if ((p.to && !p.new_file) || ((p.key || p.kek_file) && !p.load_file) ||
	    (p.key && p.kek_file))
		return fail(EXIT_USAGE, "--to belongs to --new; --key or --kek-file to --load");
	if (p.wanted && (p.wanted < PROTKEY_MK_PARTS_MIN ||
			 p.wanted > PROTKEY_MK_PARTS_MAX))
		return fail(EXIT_USAGE, "--of is from %d to %d",
			    PROTKEY_MK_PARTS_MIN, PROTKEY_MK_PARTS_MAX);
	if (p.officer && (strlen(p.officer) >= sizeof(((struct mk_part *)0)->officer)))
		return fail(EXIT_USAGE, "--officer is at most %zu bytes",
			    sizeof(((struct mk_part *)0)->officer) - 1);
	if (p.officer && strpbrk(p.officer, "\r\n"))
		return fail(EXIT_USAGE, "--officer is one line");
	return part_run(&p);
}
