// SPDX-License-Identifier: GPL-2.0-only
/* protkey domain mk part: make or load a part of a new master key. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mk.h"
#include "../fw/digest.h"

struct part {
	const char *name;
	const char *new_file, *load_file, *clear_file;	/* one of them */
	const char *passphrase_file, *officer;
	unsigned int wanted, memory_kib, time_cost;
	struct mk_act act;
	struct protkey_mk_load *load;	/* locked memory */
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

static int write_part(const struct part *p, int fd)
{
	struct mk_part part = { .seal = p->load->seal };
	struct protkey_domain_info info;
	int ret = protkey_domain_info(p->act.on.domain, &info);

	if (ret)
		return fail_domain(ret, p->name, "read");
	memcpy(part.domain, info.name, sizeof(part.domain));
	memcpy(part.domain_uuid, info.uuid, sizeof(part.domain_uuid));
	memcpy(part.pattern, p->load->pattern_part, sizeof(part.pattern));
	memcpy(part.wrapped, p->load->wrapped, sizeof(part.wrapped));
	if (p->officer)
		strcpy(part.officer, p->officer);
	return mk_part_write(fd, p->new_file, &part);
}

/*
 * The file first, with its room: a part that is in NEW but in nobody's keeping
 * could not be brought again.
 */
static int make_in(struct part *p, int fd)
{
	int status;

	if (posix_fallocate(fd, 0, 4096) || fsync(fd))
		return fail(EXIT_IO, "%s: there is no room: nothing was made",
			    p->new_file);
	p->load->source = PROTKEY_MK_GENERATE;
	status = officer_kek(p, true);
	if (!status)
		status = call(p);
	if (status)
		return status;
	status = write_part(p, fd);
	if (status)
		warn("the part is loaded, but in nobody's keeping: `protkey domain mk abort %s`, and begin again",
		     p->name);
	return status;
}

static int part_make(struct part *p)
{
	int ret, status, fd;

	ret = protkey_seal_init(&p->load->seal, p->memory_kib, p->time_cost);
	if (ret)
		return fail_seal_init(ret);
	fd = open(p->new_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(-errno, p->new_file);
	status = make_in(p, fd);
	if (close(fd) && !status)
		status = fail_errno(-errno, p->new_file);
	if (status)
		unlink(p->new_file);
	return status;
}

/* ---- a part that there is ------------------------------------------------- */

static int part_load(struct part *p)
{
	struct protkey_domain_info info;
	struct mk_part part;
	int ret, status = mk_part_load(p->load_file, &part);

	if (status)
		return status;
	ret = protkey_domain_info(p->act.on.domain, &info);
	if (ret)
		return fail_domain(ret, p->name, "read");
	if (memcmp(part.domain_uuid, info.uuid, sizeof(info.uuid)))
		return fail(EXIT_AUTH, "%s is a part of domain '%s', not of this '%s'",
			    p->load_file, part.domain, p->name);
	p->load->source = PROTKEY_MK_SEALED;
	p->load->seal = part.seal;
	memcpy(p->load->wrapped, part.wrapped, sizeof(part.wrapped));
	status = officer_kek(p, false);
	return status ? status : call(p);
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
		printf("%s holds the part: keep it, and its passphrase, where no other officer gets at both\n",
		       p->new_file);
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
	if (p->new_file)
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
		{ "load", 0, OPT_TEXT, &p.load_file, "FILE",
		  "or load one that --new made" },
		{ "clear", 0, OPT_TEXT, &p.clear_file, "FILE",
		  "or one in clear: 32 bytes or 64 hex digits (-: standard input)" },
		{ "passphrase-file", 0, OPT_TEXT, &p.passphrase_file, "FILE",
		  "passphrase of the part (-: standard input)" },
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
	if (!!p.new_file + !!p.load_file + !!p.clear_file != 1)
		return fail(EXIT_USAGE, "say one of --new FILE, --load FILE, --clear FILE");
	if (p.wanted && (p.wanted < PROTKEY_MK_PARTS_MIN ||
			 p.wanted > PROTKEY_MK_PARTS_MAX))
		return fail(EXIT_USAGE, "--of is from %d to %d",
			    PROTKEY_MK_PARTS_MIN, PROTKEY_MK_PARTS_MAX);
	if (p.officer && (strlen(p.officer) >= sizeof(((struct mk_part *)0)->officer)))
		return fail(EXIT_USAGE, "--officer is at most %zu bytes",
			    sizeof(((struct mk_part *)0)->officer) - 1);
	return part_run(&p);
}
