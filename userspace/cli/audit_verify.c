// SPDX-License-Identifier: GPL-2.0-only
/*
 * protkey audit verify, protkey audit checkpoint.
 *
 * Four things hold the log together: the chain of hashes in each segment, the tags
 * that the module made with keys that are gone, the module's own word on how far the
 * present segment is, and checkpoints: a counter in the TPM, or files kept elsewhere.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "../fw/field.h"

#define CHECKPOINT_KIND	"audit checkpoint"
#define CHECKPOINT_MAX	4096

struct segment {
	const struct protkey_audit_entry *first;
	size_t count;
	size_t tagged;		/* whose tags the module found right */
	size_t covered;		/* those and what is before them: in the chain */
	bool keyed;		/* some domain could verify it */
	bool live;
};

struct verify {
	const char *path;
	struct audit_log log;
	struct segment *segments;
	size_t count;
	struct protkey_audit_read now;	/* of the module; .last 0: no module */
	unsigned int faults;
	struct json_object *said;
	bool json, unknown;
	bool copy;		/* of this machine or another, at some time */
};

__attribute__((format(printf, 3, 4)))
static void say(struct verify *v, bool fault, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	v->faults += fault;
	if (v->json)
		json_object_array_add(v->said, json_object_new_string(text));
	else
		printf("%s%s\n", fault ? "NOT INTACT: " : "", text);
}

static const char *where(const struct protkey_audit_entry *e, char text[96])
{
	char when[TIME_ROOM], segment[HEX_ROOM(4)];

	snprintf(text, 96, "segment %s, entry %" PRIu64 " (%s)",
		 hex_text(e->segment, 4, segment), (uint64_t)e->sequence,
		 time_text(e->time / 1000000000, when));
	return text;
}

/* ---- segments and their chains -------------------------------------------- */

static bool same_segment(const struct protkey_audit_entry *a,
			 const struct protkey_audit_entry *b)
{
	return !memcmp(a->segment, b->segment, sizeof(a->segment));
}

static int split(struct verify *v)
{
	const struct protkey_audit_entry *e = v->log.entries;
	size_t i;

	v->segments = calloc(v->log.count + 1, sizeof(*v->segments));
	if (!v->segments)
		return fail_errno(-ENOMEM, v->path);
	for (i = 0; i < v->log.count; i++) {
		if (!i || !same_segment(&e[i], &e[i - 1]))
			v->segments[v->count++].first = &e[i];
		v->segments[v->count - 1].count++;
	}
	return EXIT_OK;
}

static void check_chain(struct verify *v, const struct segment *s)
{
	uint8_t hash[PROTKEY_AUDIT_HASH_SIZE];
	char text[96];
	size_t i;

	if (s->first->sequence != 1)
		say(v, true, "%s: %" PRIu64 " entries before it are missing",
		    where(s->first, text), (uint64_t)s->first->sequence - 1);
	else if (!all_zero(s->first->previous, sizeof(s->first->previous)))
		say(v, true, "%s: changed", where(s->first, text));
	for (i = 1; i < s->count; i++) {
		const struct protkey_audit_entry *e = &s->first[i];

		audit_hash(e - 1, hash);
		if (e->sequence != e[-1].sequence + 1)
			say(v, true, "%s: entries before it are missing or were moved",
			    where(e, text));
		else if (memcmp(hash, e->previous, sizeof(hash)))
			say(v, true, "%s: the entry before it was changed",
			    where(e, text));
	}
}

/* What the module has is what it wrote: the file must say the same. */
static void check_live(struct verify *v, struct segment *s)
{
	const struct protkey_audit_entry *last = &s->first[s->count - 1];
	uint8_t hash[PROTKEY_AUDIT_HASH_SIZE];
	char text[96];

	s->live = v->now.last && !memcmp(s->first->segment, v->now.segment,
					 sizeof(v->now.segment));
	if (!s->live)
		return;
	audit_hash(last, hash);
	if (last->sequence != v->now.last || memcmp(hash, v->now.head, sizeof(hash)))
		say(v, true, "%s: the module has another end of this segment",
		    where(last, text));
	else
		s->covered = s->count;
}

/* ---- tags ----------------------------------------------------------------- */

/* The entry's own word on what its key is wrapped under is true of the domain now. */
static bool of_present_key(int domain, const struct protkey_audit_entry *e)
{
	char current[sizeof(e->text)] = "master key ", old[sizeof(e->text)];
	struct protkey_domain_info info;
	size_t at = strlen(current);

	if (protkey_domain_info(domain, &info))
		return false;
	memcpy(old, current, at);
	hex_text(info.pattern_current, sizeof(info.pattern_current), current + at);
	hex_text(info.pattern_old, sizeof(info.pattern_old), old + at);
	return !strncmp(e->text, current, sizeof(e->text)) ||
	       !strncmp(e->text, old, sizeof(e->text));
}

/* From entry @at on, which has the key for the domain of its name. */
static bool check_tags(struct verify *v, struct segment *s, size_t at)
{
	const struct protkey_audit_entry *e = &s->first[at];
	char name[sizeof(e->domain)], text[96];
	__u64 verified = 0;
	int domain, ret;

	memcpy(name, e->domain, sizeof(name));
	if (!memchr(name, 0, sizeof(name)) || !protkey_domain_name_valid(name))
		return false;
	domain = domain_node(name);
	if (domain < 0)
		return false;
	ret = protkey_audit_verify(domain, e, s->count - at, &verified);
	if (ret == -EKEYREJECTED && of_present_key(domain, e))
		say(v, true, "%s: the key in it, or what it is bound to, was changed",
		    where(e, text));
	close(domain);
	if (ret == -EBADMSG)
		say(v, true, "%s: changed, or not written by the module",
		    where(&e[verified], text));
	if (ret && ret != -EBADMSG)
		return false;
	s->tagged += verified;
	if (verified && s->covered < at + verified)
		s->covered = at + verified;
	return true;
}

static void check_segment_tags(struct verify *v, struct segment *s)
{
	size_t at, done = 0;

	for (at = 0; at < s->count; at++) {
		const struct protkey_audit_entry *e = &s->first[at];

		if (!(e->flags & PROTKEY_AUDIT_KEY) || !(e->flags & PROTKEY_AUDIT_TAGGED))
			continue;
		s->keyed = true;
		/* one key opens all that follow, up to one without tag */
		if (at >= done && check_tags(v, s, at))
			done = at + 1 > s->covered ? at + 1 : s->covered;
	}
}

/* ---- between segments ----------------------------------------------------- */

/* @s: of this @number. */
static void check_link(struct verify *v, const struct segment *s, size_t number)
{
	struct audit_link want = { 0 }, link;
	char text[96];
	size_t i;

	if (number)
		audit_link_of(s->first - 1, &want);
	for (i = 0; i < s->count; i++) {
		if (!audit_link_read(&s->first[i], &link))
			continue;
		if (memcmp(&link, &want, sizeof(link)))
			say(v, true, "%s: the log ended otherwise before this segment: entries before it were cut off, changed or moved",
			    where(s->first, text));
		return;
	}
	if (!number)
		return;
	say(v, true, "%s: nothing says what was before this segment",
	    where(s->first, text));
}

static void check_twice(struct verify *v)
{
	char text[96];
	size_t i, j;

	for (i = 0; i < v->count; i++)
		for (j = 0; j < i; j++)
			if (same_segment(v->segments[i].first, v->segments[j].first))
				say(v, true, "%s: parts of this segment are in two places",
				    where(v->segments[i].first, text));
}

/* ---- checkpoints ---------------------------------------------------------- */

static bool checkpoint_parse(struct json_object *obj, struct audit_link *link,
			     uint8_t *hash)
{
	const char *kind, *segment, *text;

	return !fw_json_string(obj, "protkey", &kind) &&
	       !strcmp(kind, CHECKPOINT_KIND) &&
	       !fw_json_string(obj, "segment", &segment) &&
	       fw_hex_decode(segment, link->segment, sizeof(link->segment)) &&
	       !fw_json_number(obj, "sequence", &link->sequence) &&
	       !fw_json_string(obj, "hash", &text) &&
	       fw_hex_decode(text, hash, PROTKEY_AUDIT_HASH_SIZE);
}

static void find_checkpoint(struct verify *v, const char *path,
			    const struct audit_link *link, const uint8_t *wanted)
{
	uint8_t hash[PROTKEY_AUDIT_HASH_SIZE];
	size_t i;

	for (i = 0; i < v->log.count; i++) {
		const struct protkey_audit_entry *e = &v->log.entries[i];

		if (e->sequence != link->sequence ||
		    memcmp(e->segment, link->segment, sizeof(e->segment)))
			continue;
		audit_hash(e, hash);
		if (memcmp(hash, wanted, sizeof(hash)))
			break;
		say(v, false, "checkpoint %s: as it was", path);
		return;
	}
	say(v, true, "checkpoint %s: its entry is not in the log, or was changed",
	    path);
}

static int check_file(struct verify *v, const char *path)
{
	uint8_t hash[PROTKEY_AUDIT_HASH_SIZE];
	struct json_object *obj;
	struct audit_link link;
	const char *why;
	bool good;
	size_t size;
	void *data;
	int ret = file_load(path, CHECKPOINT_MAX, &data, &size);

	if (ret)
		return fail_errno(ret, path);
	obj = fw_json_parse(data, size, &why);
	free(data);
	good = obj && checkpoint_parse(obj, &link, hash);
	json_object_put(obj);
	if (!good)
		return fail(EXIT_DAMAGED, "%s is no checkpoint of an audit log", path);
	find_checkpoint(v, path, &link, hash);
	return EXIT_OK;
}

/* One step at a time, or somebody noted steps that the counter did not make. */
static uint64_t last_step(struct verify *v)
{
	uint64_t value, last = 0;
	char text[96];
	size_t i;

	for (i = 0; i < v->log.count; i++) {
		if (!audit_tpm_text(&v->log.entries[i], &value))
			continue;
		/* the counter may not have come to the one before */
		if (last && value != last + 1 && value != last)
			say(v, true, "%s: checkpoint %" PRIu64 " follows on %" PRIu64,
			    where(&v->log.entries[i], text), value, last);
		last = value;
	}
	return last;
}

static void check_tpm(struct verify *v)
{
	uint64_t last = last_step(v), value = 0;
	int ret;

	if (v->copy)
		return;
	/* no TPM was ever asked, and none is here */
	if (!last && access("/dev/tpmrm0", F_OK) && !secure_getenv("PROTKEY_TCTI"))
		return;
	ret = audit_tpm_read(&value);
	if (!last && (ret == -ENOENT || ret == -ENODEV))
		return;
	if (ret) {
		v->unknown |= ret == -ENODEV;
		say(v, ret != -ENODEV, ret == -ENODEV ?
		    "the TPM could not be asked: not known whether the log goes up to the last checkpoint" :
		    "the TPM's counter is gone: whoever is its owner took it away");
		return;
	}
	/* a step is noted before it is made */
	if (last != value && last != value + 1)
		say(v, true, "the TPM is at checkpoint %" PRIu64 ", the log ends after %" PRIu64 ": it was cut off, or is an old copy",
		    value, last);
	else
		say(v, false, "the TPM's checkpoint %" PRIu64 ": the log goes up to it",
		    value);
}

/* ---- all of it ------------------------------------------------------------ */

static void say_segment(struct verify *v, const struct segment *s)
{
	const struct protkey_audit_entry *last = &s->first[s->count - 1];
	char segment[HEX_ROOM(4)], from[TIME_ROOM], to[TIME_ROOM];

	if (s->covered < s->count && s->keyed)
		v->unknown = true;
	say(v, false, "segment %s  %s to %s  %zu entries, %zu authenticated%s",
	    hex_text(s->first->segment, 4, segment),
	    time_text(s->first->time / 1000000000, from),
	    time_text(last->time / 1000000000, to), s->count, s->covered,
	    s->live ? ", the module's present one" :
	    s->covered == s->count ? "" :
	    s->keyed ? ": unlock the domains that were in use then" :
	    ": no domain was unlocked in it");
}

static void check_all(struct verify *v)
{
	size_t i;

	if (v->log.rest)
		say(v, true, "%zu bytes at the end are no entry", v->log.rest);
	for (i = 0; i < v->count; i++) {
		check_chain(v, &v->segments[i]);
		check_live(v, &v->segments[i]);
		check_segment_tags(v, &v->segments[i]);
		check_link(v, &v->segments[i], i);
		say_segment(v, &v->segments[i]);
	}
	check_twice(v);
	check_tpm(v);
	if (!v->log.count)
		say(v, true, "the log is empty");
	else if (v->now.last && !v->segments[v->count - 1].live)
		say(v, true, "the module's present segment is not in it");
}

static int verdict(struct verify *v)
{
	const char *word = v->faults ? "not intact" : v->unknown ?
			   "nothing wrong was found, not all could be verified" :
			   "intact";
	struct json_object *obj;

	if (v->json) {
		obj = json_object_new_object();
		json_add_text(obj, "verdict", v->faults ? "not intact" :
			      v->unknown ? "unknown" : "intact");
		json_add_number(obj, "entries", v->log.count);
		json_object_object_add(obj, "findings", v->said);
		json_print(obj);
	} else {
		printf("%s: %s\n", v->path, word);
	}
	return v->faults ? EXIT_DAMAGED : v->unknown ? EXIT_AUTH : EXIT_OK;
}

static int module_now(struct verify *v)
{
	int control, ret, status = control_open(&control);

	if (status)
		return status;
	ret = protkey_audit_read(control, &v->now);
	close(control);
	return ret ? fail_errno(ret, "audit log") : EXIT_OK;
}

/* The file and the module at one time: others may be at work. */
static int load_both(struct verify *v)
{
	int tries = 10, status;

	do {
		status = audit_collect(v->path, NULL);
		if (!status)
			status = module_now(v);
		if (!status)
			status = audit_load(v->path, &v->log);
		if (status || (v->log.count &&
			       v->log.entries[v->log.count - 1].sequence >= v->now.last))
			return status;
		audit_free(&v->log);
	} while (--tries);
	return fail(EXIT_IO, "the module adds entries faster than they are written: try again");
}

static int verify_log(struct verify *v, char **checkpoints, int count)
{
	int i, status = v->copy ? audit_load(v->path, &v->log) : load_both(v);

	if (status)
		return status;
	status = split(v);
	if (!status) {
		check_all(v);
		for (i = 0; i < count && !status; i++)
			status = check_file(v, checkpoints[i]);
	}
	if (!status)
		status = verdict(v);
	free(v->segments);
	audit_free(&v->log);
	return status;
}

int cmd_audit_verify(const struct command *cmd, int argc, char **argv)
{
	struct verify v = { .path = audit_path() };
	const char *given = NULL;
	const struct opt opts[] = {
		{ "log", 0, OPT_TEXT, &given, "FILE",
		  "a copy of a log; else the module's newest entries are added first" },
		{ "json", 0, OPT_FLAG, &v.json, NULL, "output for scripts" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 0, 64);

	if (status != ARGS_GO)
		return status;
	if (given)
		v.path = given;
	v.copy = given;
	v.said = v.json ? json_object_new_array() : NULL;
	return verify_log(&v, argv, argc);
}

/* ---- checkpoints are made ------------------------------------------------- */

static int checkpoint_write(const char *out, const struct protkey_audit_note *note)
{
	struct json_object *obj = json_object_new_object();

	json_add_text(obj, "protkey", CHECKPOINT_KIND);
	json_add_hex(obj, "segment", note->segment, sizeof(note->segment));
	json_add_number(obj, "sequence", note->sequence);
	json_add_hex(obj, "hash", note->head, sizeof(note->head));
	json_add_number(obj, "time", (uint64_t)time(NULL));
	return out ? json_write(out, obj, JSON_C_TO_STRING_PRETTY) : json_print(obj);
}

static int note_file(const char *path, struct protkey_audit_note *note)
{
	int control, ret, status = control_open(&control);

	if (status)
		return status;
	snprintf(note->text, sizeof(note->text), "file");
	ret = protkey_audit_note(control, note);
	close(control);
	return ret ? fail_errno(ret, "audit log") : audit_collect(path, NULL);
}

int cmd_audit_checkpoint(const struct command *cmd, int argc, char **argv)
{
	struct protkey_audit_note note = { .event = PROTKEY_AUDIT_CHECKPOINT };
	const char *path = audit_path(), *out = NULL;
	bool tpm = false;
	const struct opt opts[] = {
		{ "log", 0, OPT_TEXT, &path, "FILE",
		  "the log (default " AUDIT_LOG_DEFAULT ")" },
		{ "tpm2", 0, OPT_FLAG, &tpm, NULL, "step a counter in the TPM" },
		{ "out", 'o', OPT_TEXT, &out, "FILE",
		  "write it there (default: standard output); keep it on another machine" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	/* what is there first, so that a new segment is linked */
	status = audit_collect(path, NULL);
	if (!status)
		status = tpm ? audit_tpm_next(path, &note) : note_file(path, &note);
	if (status)
		return status;
	return tpm && !out ? printf("the log is at checkpoint %s\n", note.text) < 0 :
	       checkpoint_write(out, &note);
}
