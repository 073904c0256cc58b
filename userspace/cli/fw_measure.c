// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw measure */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../fw/cel.h"
#include "../fw/diagnose.h"
#include "../fw/field.h"
#include "fw_check.h"
#include "fw.h"
#include "fw_measure.h"

#define ANSWER_LIFE	120	/* seconds: a TPM is slow, and so may be the peer */

struct measure {
	const char *nonce_text, *event_log, *ima_log, *from_cel, *out, *cel;
	bool no_tpm, json, answer;
	struct fw_evidence ev;
	struct fw_eventlog log;
	struct fw_components components;
	struct fw_ima ima;
	bool have_log, have_ima;
	enum fw_quote quote;
	struct fw_pcrs replayed;	/* what the log leads to */
	enum fw_bank bank;	/* the strongest that log and TPM have */
};

/* ---- what there is ------------------------------------------------------------- */

static int load(const char *path, size_t max, struct fw_buffer *to)
{
	int ret = fw_buffer_load(path, max, to);

	return ret ? fail_errno(ret, path) : EXIT_OK;
}

static int load_cel(const char *path, struct fw_evidence *ev)
{
	char why[FW_CEL_WHY];
	void *text;
	size_t size;
	int ret = file_load(path, FW_CEL_MAX, &text, &size);

	if (ret)
		return fail_errno(ret, path);
	ret = fw_cel_parse(text, size, &ev->event_log, &ev->ima_log, why);
	free(text);
	if (ret != -EBADMSG)
		return ret ? fail_errno(ret, path) : EXIT_OK;
	return fail(fw_exit_code(FW_LOG_FAULT), "%s: no CEL-JSON that can be read: %s",
		    path, why);
}

/* A line; what a peer sends no end to is not waited for: see answer(). */
static int read_nonce(uint8_t nonce[FW_NONCE_SIZE])
{
	char text[2 * FW_NONCE_SIZE + 1];
	size_t size = 0;
	ssize_t got;

	do {
		got = read(STDIN_FILENO, text + size, sizeof(text) - size);
		size += got > 0 ? (size_t)got : 0;
	} while (got > 0 && size < sizeof(text));
	if (size == sizeof(text) && text[size - 1] == '\n') {
		text[size - 1] = '\0';
		if (fw_hex_decode(text, nonce, FW_NONCE_SIZE))
			return EXIT_OK;
	}
	return fail(EXIT_USAGE, "no nonce was sent: %d bytes in hex and a line feed",
		    FW_NONCE_SIZE);
}

static int get_nonce(const struct measure *m, uint8_t nonce[FW_NONCE_SIZE])
{
	if (m->answer)
		return read_nonce(nonce);
	if (m->nonce_text) {
		if (fw_hex_decode(m->nonce_text, nonce, FW_NONCE_SIZE))
			return EXIT_OK;
		return fw_nonce_load(m->nonce_text, nonce);
	}
	if (getrandom(nonce, FW_NONCE_SIZE, 0) != FW_NONCE_SIZE)
		return fail_errno(-errno, "the kernel's random numbers");
	return EXIT_OK;
}

/* Logs out of files are not of this machine: nothing of it is added. */
static int collect(struct measure *m)
{
	uint8_t nonce[FW_NONCE_SIZE];
	int status = EXIT_OK;

	if (m->from_cel && (m->event_log || m->ima_log))
		return fail(EXIT_USAGE, "--from-cel brings both logs: leave --event-log and --ima-log out");
	if (m->from_cel)
		return load_cel(m->from_cel, &m->ev);
	if (m->event_log || m->ima_log) {
		if (m->event_log)
			status = load(m->event_log, FW_EVENTLOG_MAX,
				      &m->ev.event_log);
		if (!status && m->ima_log)
			status = load(m->ima_log, FW_IMA_MAX, &m->ev.ima_log);
		return status;
	}
	status = get_nonce(m, nonce);
	if (status)
		return status;
	progress_start("measuring this machine");
	status = m->no_tpm ? fw_measure(&m->ev, NULL, 0) :
			     fw_measure(&m->ev, nonce, sizeof(nonce));
	progress_stop();
	return status;
}

/* What the TPM and the log both have, the strongest. */
static void choose_bank(struct measure *m)
{
	static const enum fw_bank best[] = { FW_SHA512, FW_SHA384, FW_SHA256,
					     FW_SM3, FW_SHA1 };
	bool tpm = false;
	size_t i;

	for (i = 0; i < FW_BANKS; i++)
		tpm |= m->ev.pcrs.known[i];
	m->bank = FW_SHA1;
	for (i = 0; i < sizeof(best) / sizeof(best[0]); i++) {
		if (m->replayed.known[best[i]] &&
		    (!tpm || m->ev.pcrs.known[best[i]])) {
			m->bank = best[i];
			return;
		}
	}
}

static int parse(struct measure *m)
{
	struct fw_pcrs quoted;
	int ret;

	if (m->ev.event_log.size) {
		ret = fw_eventlog_parse(m->ev.event_log.data,
					m->ev.event_log.size, &m->log);
		if (!ret)
			ret = fw_components_of(&m->log, &m->components);
		if (ret && ret != -EBADMSG)
			return fail_errno(ret, "the event log");
		m->have_log = !ret;
	}
	if (m->ev.ima_log.size) {
		ret = fw_ima_parse(m->ev.ima_log.data, m->ev.ima_log.size,
				   &m->ima);
		if (ret && ret != -EBADMSG)
			return fail_errno(ret, "IMA's list");
		m->have_ima = !ret;
	}
	fw_eventlog_replay(&m->log, m->log.count, &m->replayed);
	choose_bank(m);
	m->quote = fw_quote_check(&m->ev, NULL, 0, NULL, &quoted, NULL, NULL);
	return EXIT_OK;
}

/* ---- for people ------------------------------------------------------------------ */

static void print_faults(const char *of, const struct fw_fault *faults,
			 size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		printf("  %s, event %zu, offset %zu: %s\n", of,
		       faults[i].event, faults[i].offset, faults[i].what);
}

static void print_head(const struct measure *m)
{
	unsigned int bank;
	char time[TIME_ROOM], name[2 * sizeof(m->ev.key_name) + 1];

	if (*m->ev.host)
		printf("machine     %s, Linux %s, %s\n", m->ev.host,
		       m->ev.kernel, time_text(m->ev.time, time));
	if (m->have_log) {
		printf("event log   %zu events, banks", m->log.count);
		for (bank = 0; bank < FW_BANKS; bank++)
			if (m->log.bank[bank])
				printf(" %s", fw_bank_name((enum fw_bank)bank));
		printf("%s\n", m->log.fault_count ? ", WITH FAULTS" : "");
		print_faults("fault", m->log.faults, m->log.fault_count);
	} else if (m->ev.event_log.size) {
		printf("event log   unreadable: it has no header\n");
	}
	if (m->have_ima) {
		printf("IMA's list  %zu entries, %zu violations\n",
		       m->ima.count, m->ima.violations);
		print_faults("fault", m->ima.faults, m->ima.fault_count);
	} else if (m->ev.ima_log.size) {
		printf("IMA's list  unreadable\n");
	}
	printf("quote       %s\n", fw_quote_text(m->quote));
	if (m->ev.quoted)
		printf("quoted by   key %s\n", hex_text(m->ev.key_name,
							sizeof(m->ev.key_name),
							name));
	if (*m->ev.missing)
		printf("missing     %s\n", m->ev.missing);
}

static bool has_events(const struct measure *m, unsigned int pcr)
{
	size_t i;

	for (i = 0; i < m->components.count; i++)
		if (m->components.list[i].pcr == pcr)
			return true;
	return false;
}

/* Against the TPM's value in one bank, if the TPM has that. */
static bool print_bank(const struct measure *m, unsigned int pcr,
		       enum fw_bank bank)
{
	const struct fw_digest *value = &m->replayed.value[bank][pcr];
	char why[FW_DIAGNOSIS], hex[2 * FW_DIGEST_MAX + 1];
	bool fine;

	if (!m->replayed.known[bank]) {
		printf("the log cannot be replayed in bank %s\n",
		       fw_bank_name(bank));
		return false;
	}
	if (!m->ev.pcrs.known[bank]) {
		printf("%s:%s\n", fw_bank_name(bank),
		       hex_text(value->bytes, value->size, hex));
		return true;
	}
	fine = fw_diagnose(&m->log, bank, pcr, &m->ev.pcrs.value[bank][pcr],
			   why);
	printf("%s the TPM's value (%s)%s%s\n", fine ? "matches" : "DIFFERS from",
	       fw_bank_name(bank), fine ? "" : ": ", why);
	return fine;
}

/* In every bank that log and TPM have; if they have none, in the strongest. */
static bool print_pcr(const struct measure *m, unsigned int pcr)
{
	bool fine = true;
	unsigned int bank, count = 0;

	printf("\nPCR %-2u  ", pcr);
	for (bank = 0; bank < FW_BANKS; bank++) {
		if (!m->log.bank[bank] || !m->ev.pcrs.known[bank])
			continue;
		if (count++)
			printf("        ");
		fine &= print_bank(m, pcr, (enum fw_bank)bank);
	}
	return count ? fine : print_bank(m, pcr, m->bank);
}

static void print_components(const struct measure *m, unsigned int pcr)
{
	size_t i;

	for (i = 0; i < m->components.count; i++) {
		const struct fw_component *one = &m->components.list[i];
		bool forged = one->data_must_measure && !one->data_measured;

		if (one->pcr == pcr)
			printf("  %4zu %-26s %s%s%s\n", one->event, one->name,
			       one->text, one->is_volatile ? " (may change)" : "",
			       forged ? " [TEXT WAS NOT MEASURED]" : "");
	}
}

static bool print_pcrs(const struct measure *m)
{
	unsigned int pcr;
	bool fine = true;

	for (pcr = 0; pcr < FW_PCRS; pcr++) {
		if (!has_events(m, pcr))
			continue;
		fine &= print_pcr(m, pcr);
		print_components(m, pcr);
	}
	return fine;
}

/* ---- for scripts ------------------------------------------------------------------ */

static void json_faults(struct json_object *to, const char *key,
			const struct fw_fault *faults, size_t count)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < count; i++) {
		struct json_object *one = json_object_new_object();

		json_add_number(one, "event", faults[i].event);
		json_add_number(one, "offset", faults[i].offset);
		json_add_text(one, "what", faults[i].what);
		json_object_array_add(list, one);
	}
	json_object_object_add(to, key, list);
}

static void json_components(const struct measure *m, struct json_object *to)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < m->components.count; i++) {
		const struct fw_component *one = &m->components.list[i];
		struct json_object *obj = json_object_new_object();
		struct json_object *digests = json_object_new_object();

		json_add_text(obj, "name", one->name);
		json_add_text(obj, "class", fw_class_name(one->class));
		json_add_number(obj, "pcr", one->pcr);
		json_add_number(obj, "event", one->event);
		json_add_text(obj, "text", one->text);
		json_add_text(obj, "version", one->version);
		json_add_bool(obj, "volatile", one->is_volatile);
		json_add_bool(obj, "text_measured", one->data_measured);
		json_add_bool(obj, "text_must_be_measured",
			      one->data_must_measure);
		fw_json_add_digests(digests, &one->digests);
		json_object_object_add(obj, "digests", digests);
		json_object_array_add(list, obj);
	}
	json_object_object_add(to, "components", list);
}

/* NULL where the log lacks a digest of the bank that its header announces. */
static struct json_object *json_bank(const struct measure *m, enum fw_bank bank,
				     bool *fine)
{
	char key[4], hex[2 * FW_DIGEST_MAX + 1], why[FW_DIAGNOSIS];
	struct json_object *list;
	unsigned int pcr;
	bool match;

	if (!m->replayed.known[bank])
		return NULL;
	list = json_object_new_object();
	for (pcr = 0; pcr < FW_PCRS; pcr++) {
		const struct fw_digest *value = &m->replayed.value[bank][pcr];
		struct json_object *one;

		if (!has_events(m, pcr))
			continue;
		one = json_object_new_object();
		snprintf(key, sizeof(key), "%u", pcr);
		json_add_text(one, "log", hex_text(value->bytes, value->size, hex));
		if (m->ev.pcrs.known[bank]) {
			match = fw_diagnose(&m->log, bank, pcr,
					    &m->ev.pcrs.value[bank][pcr], why);
			json_add_bool(one, "matches", match);
			json_add_text(one, "why", match ? NULL : why);
			*fine &= match;
		}
		json_object_object_add(list, key, one);
	}
	return list;
}

/* "pcrs" is of the strongest bank, "banks" has all of the log's. */
static bool json_pcrs(const struct measure *m, struct json_object *to)
{
	struct json_object *banks = json_object_new_object();
	unsigned int bank;
	bool fine = true;

	for (bank = 0; bank < FW_BANKS; bank++) {
		struct json_object *one;

		if (!m->log.bank[bank])
			continue;
		one = json_bank(m, (enum fw_bank)bank, &fine);
		fine &= one || !m->ev.pcrs.known[bank];
		json_object_object_add(banks, fw_bank_name((enum fw_bank)bank),
				       one);
		if (bank == (unsigned int)m->bank && one)
			json_object_object_add(to, "pcrs", json_object_get(one));
	}
	json_add_text(to, "bank", fw_bank_name(m->bank));
	json_object_object_add(to, "banks", banks);
	return fine;
}

static bool print_json(const struct measure *m)
{
	struct json_object *obj = json_object_new_object();
	bool fine = m->have_log;

	json_add_text(obj, "host", m->ev.host);
	json_add_text(obj, "missing", m->ev.missing);
	json_add_text(obj, "quote", fw_quote_text(m->quote));
	json_add_bool(obj, "quote_good", m->quote == FW_QUOTE_GOOD);
	json_faults(obj, "event_log_faults", m->log.faults, m->log.fault_count);
	json_faults(obj, "ima_faults", m->ima.faults, m->ima.fault_count);
	json_add_number(obj, "ima_entries", m->ima.count);
	json_add_number(obj, "ima_violations", m->ima.violations);
	if (m->have_log) {
		fine = json_pcrs(m, obj);
		json_components(m, obj);
	}
	json_print(obj);
	return fine;
}

/* ---- files ---------------------------------------------------------------------------- */

static int write_files(const struct measure *m)
{
	int status = EXIT_OK;

	if (m->out)
		status = json_write(m->out, fw_evidence_json(&m->ev),
				    JSON_C_TO_STRING_PLAIN);
	if (!status && m->cel)
		status = json_write(m->cel, fw_cel_json(m->have_log ? &m->log : NULL,
							m->have_ima ? &m->ima : NULL),
				    JSON_C_TO_STRING_PLAIN);
	return status;
}

/* What was measured is told whatever it is worth; judging it is `check`'s. */
static int run(struct measure *m)
{
	bool fine;
	int status = collect(m);

	if (!status)
		status = parse(m);
	if (!status)
		status = write_files(m);
	if (status)
		return status;
	if (m->json) {
		fine = print_json(m);
	} else {
		print_head(m);
		fine = m->have_log ? print_pcrs(m) : !m->ev.event_log.size;
	}
	if (!fine || m->log.fault_count)
		return fw_exit_code(FW_LOG_FAULT);
	return m->have_log || m->have_ima ? EXIT_OK : fw_exit_code(FW_NO_EVIDENCE);
}

/*
 * To one who asked: evidence and nothing else.  The peer may be slow in any step;
 * SIGALRM ends us then.
 */
static int answer(struct measure *m)
{
	struct json_object *obj;
	const char *text;
	int ret, status;

	if (m->no_tpm || m->json || m->out || m->cel || m->nonce_text ||
	    m->event_log || m->ima_log || m->from_cel)
		return fail(EXIT_USAGE, "--answer stands alone");
	alarm(ANSWER_LIFE);
	status = collect(m);
	if (status)
		return status;
	obj = fw_evidence_json(&m->ev);
	text = obj ? json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN) :
		     NULL;
	ret = text ? fd_write(STDOUT_FILENO, text, strlen(text)) : -ENOMEM;
	json_object_put(obj);
	return ret ? fail_errno(ret, "the answer") : EXIT_OK;
}

int cmd_fw_measure(const struct command *cmd, int argc, char **argv)
{
	struct measure m = { 0 };
	const struct opt opts[] = {
		{ "out", 'o', OPT_TEXT, &m.out, "FILE",
		  "write evidence, for check and verify" },
		{ "nonce", 0, OPT_TEXT, &m.nonce_text, "HEX|FILE",
		  "of who asked for it (default: a random one)" },
		{ "no-tpm", 0, OPT_FLAG, &m.no_tpm, NULL,
		  "without a quote" },
		{ "event-log", 0, OPT_TEXT, &m.event_log, "FILE",
		  "read this log instead of the machine's" },
		{ "ima-log", 0, OPT_TEXT, &m.ima_log, "FILE",
		  "read this list instead of the machine's" },
		{ "from-cel", 0, OPT_TEXT, &m.from_cel, "FILE",
		  "read both logs from CEL-JSON" },
		{ "cel", 0, OPT_TEXT, &m.cel, "FILE",
		  "write the logs as CEL-JSON, for other tools" },
		{ "answer", 0, OPT_FLAG, &m.answer, NULL,
		  "a nonce on standard input, evidence on standard output" },
		{ "json", 0, OPT_FLAG, &m.json, NULL, "output for scripts" },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	status = m.answer ? answer(&m) : run(&m);
	if (m.have_ima)
		fw_ima_free(&m.ima);
	fw_components_free(&m.components);
	fw_eventlog_free(&m.log);
	fw_evidence_free(&m.ev);
	return status;
}
