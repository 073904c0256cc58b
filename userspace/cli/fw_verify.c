// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw verify, challenge: other machines, many in one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "../fw/field.h"
#include "fw_check.h"

/* A nonce that was used in this run: by which keys, so that none shows twice. */
struct used {
	uint8_t nonce[FW_NONCE_SIZE];
	uint8_t key_name[FW_KEY_NAME_SIZE];
};

struct verify {
	struct fw_conf conf;
	const char *conf_path, *nonce, *hooks;
	bool any_age, json, details, alarm, connect;
	struct fw_connect how;
	struct fw_reference ref;
	struct fw_history history;
	uint8_t given[FW_NONCE_SIZE];	/* in a file, or to who is asked now */
	struct used *used;
	size_t used_count;
	size_t of[FW_VERDICTS], unread;
	enum fw_verdict worst;
	struct json_object *list;
};

/*
 * One nonce may ask many machines, if their answers are judged in one run; the
 * same machine's second answer is a copy.
 */
static bool nonce_counts(struct verify *v, const struct fw_evidence *ev)
{
	struct used *more;
	bool known = false;
	size_t i;

	if (ev->nonce.size != FW_NONCE_SIZE)
		return false;
	/* each machine that is asked now has a nonce of its own */
	if (v->connect)
		return !memcmp(v->given, ev->nonce.data, FW_NONCE_SIZE);
	for (i = 0; i < v->used_count; i++) {
		if (memcmp(v->used[i].nonce, ev->nonce.data, FW_NONCE_SIZE))
			continue;
		known = true;
		if (!memcmp(v->used[i].key_name, ev->key_name,
			    FW_KEY_NAME_SIZE))
			return false;
	}
	if (!known && !(v->nonce ? !memcmp(v->given, ev->nonce.data,
					   FW_NONCE_SIZE) :
			fw_history_use(&v->history, ev->nonce.data)))
		return false;
	more = reallocarray(v->used, v->used_count + 1, sizeof(*more));
	if (!more)
		return false;
	v->used = more;
	memcpy(more[v->used_count].nonce, ev->nonce.data, FW_NONCE_SIZE);
	memcpy(more[v->used_count++].key_name, ev->key_name, FW_KEY_NAME_SIZE);
	return true;
}

static int judge(struct verify *v, const struct fw_evidence *ev,
		 struct fw_judgement *of)
{
	struct fw_demand demand = { .any_age = v->any_age };
	uint8_t never[FW_NONCE_SIZE];
	int ret;

	/* what answers no question of ours is held against one never asked */
	if (RAND_bytes(never, sizeof(never)) != 1)
		return fail(EXIT_GENERAL, "there are no random bytes");
	if (!v->any_age) {
		demand.nonce_size = FW_NONCE_SIZE;
		demand.nonce = nonce_counts(v, ev) ? ev->nonce.data : never;
	}
	ret = fw_judge(ev, &v->ref, &demand, of);
	if (ret)
		return fail_errno(ret, "the evidence could not be judged");
	return fw_history_machine(&v->history, ev, of);
}

static const struct fw_finding *worst_of(const struct fw_judgement *of)
{
	size_t i;

	for (i = 0; i < of->count; i++)
		if (fw_kind_verdict(of->list[i].kind) == of->verdict)
			return &of->list[i];
	return NULL;
}

static void show_row(const char *path, const struct fw_evidence *ev,
		     const struct fw_judgement *of)
{
	const struct fw_finding *worst = of->verdict == FW_TRUSTED ? NULL :
					 worst_of(of);
	const char *color = fw_color(of->verdict);

	printf("%s%-18s %-20s%s %s%s%s%s%s\n", color,
	       fw_verdict_name(of->verdict),
	       of->machine && *of->machine->host ? of->machine->host : ev->host,
	       *color ? "\033[0m" : "", path, worst ? ": " : "",
	       worst ? worst->subject : "", worst ? ": " : "",
	       worst ? worst->what : "");
}

static void sound(const struct verify *v, const struct fw_evidence *ev,
		  const struct fw_judgement *of)
{
	const struct fw_finding *worst = worst_of(of);
	const struct fw_alarm alarm = {
		.verdict = fw_verdict_word(of->verdict),
		.machine = of->machine ? of->machine->host : ev->host,
		.why = worst ? worst->what : "",
		.status = fw_exit_code(of->verdict),
		.hooks = v->hooks ? v->hooks : FW_HOOKS,
	};

	fw_alarm_raise(&alarm);
}

static void show(struct verify *v, const char *path,
		 const struct fw_evidence *ev, const struct fw_judgement *of)
{
	v->of[of->verdict]++;
	if (of->verdict > v->worst)
		v->worst = of->verdict;
	if (v->list) {
		struct json_object *obj = fw_report_json(ev, &v->ref, of);

		json_add_text(obj, "file", path);
		json_object_array_add(v->list, obj);
	} else if (v->details) {
		printf("== %s\n", path);
		fw_report_print(ev, of, false);
		putchar('\n');
	} else {
		show_row(path, ev, of);
	}
	if (v->alarm && of->verdict != FW_TRUSTED)
		sound(v, ev, of);
}

static int get(struct verify *v, const char *path, struct fw_evidence *ev)
{
	if (!v->connect)
		return fw_evidence_load(path, ev);
	if (RAND_bytes(v->given, sizeof(v->given)) != 1)
		return fail(EXIT_GENERAL, "there are no random bytes");
	return fw_connect_ask(&v->how, path, v->given, ev);
}

static int verify_one(struct verify *v, const char *path)
{
	struct fw_judgement of = { 0 };
	struct fw_evidence ev;
	int status = get(v, path, &ev);

	if (v->connect && status == EXIT_USAGE)
		return status;
	if (status) {
		/* its reason was said; it is a machine without evidence */
		memset(&ev, 0, sizeof(ev));
		if (fw_judgement_add(&of, FW_QUOTE_MISSING, "evidence",
				     v->connect ? "it cannot be had" :
						  "the file cannot be read"))
			return fail_errno(-ENOMEM, path);
		status = EXIT_OK;
	} else {
		status = judge(v, &ev, &of);
	}
	if (!status)
		show(v, path, &ev, &of);
	fw_judgement_free(&of);
	fw_evidence_free(&ev);
	return status;
}

static int verify_all(struct verify *v, int count, char **paths)
{
	unsigned int verdict;
	int i, status = EXIT_OK;

	for (i = 0; !status && i < count; i++)
		status = verify_one(v, paths[i]);
	if (status)
		return status;
	if (v->list) {
		json_print(v->list);
		v->list = NULL;
	} else {
		printf("\n%d machine%s", count, count == 1 ? "" : "s");
		for (verdict = 0; verdict < FW_VERDICTS; verdict++)
			if (v->of[verdict])
				printf(", %zu %s", v->of[verdict],
				       fw_verdict_name(verdict));
		putchar('\n');
	}
	return fw_exit_code(v->worst);
}

static int run(struct verify *v, int count, char **paths)
{
	int status = EXIT_OK;

	if (v->connect && (v->nonce || v->any_age))
		status = fail(EXIT_USAGE, "--connect asks with nonces of its own: leave --nonce and --any-age out");
	else if (v->connect)
		status = fw_connect_open(&v->how);
	else if (v->nonce)
		status = fw_nonce_load(v->nonce, v->given);
	else if (!v->conf.state && !v->any_age)
		status = fail(EXIT_USAGE, "is the evidence new? --state DIR of `protkey fw challenge`, --nonce FILE, or --any-age, which takes old evidence too");
	if (!status)
		status = fw_history_open(v->conf.state, &v->history);
	if (!status)
		status = fw_reference_load(&v->conf, &v->ref);
	if (!status)
		status = fw_history_reference(&v->history, &v->ref);
	if (!status && v->json)
		v->list = json_object_new_array();
	if (!status)
		status = verify_all(v, count, paths);
	json_object_put(v->list);
	free(v->used);
	fw_connect_close(&v->how);
	fw_history_close(&v->history);
	fw_reference_free(&v->ref);
	return status;
}

int cmd_fw_verify(const struct command *cmd, int argc, char **argv)
{
	struct verify v = { .history = { -1, -1 } };
	const struct opt opts[] = {
		FW_REFERENCE_OPTS(v.conf),
		{ "state", 0, OPT_TEXT, &v.conf.state, "DIR",
		  "has the challenges, serial numbers and TPM counters" },
		{ "nonce", 0, OPT_TEXT, &v.nonce, "FILE",
		  "that all was asked for with, instead of a challenge" },
		{ "any-age", 0, OPT_FLAG, &v.any_age, NULL,
		  "take old evidence, without a nonce" },
		{ "connect", 0, OPT_FLAG, &v.connect, NULL,
		  "EVIDENCE is HOST:PORT, and asked for over TLS" },
		{ "ca", 0, OPT_TEXT, &v.how.ca, "FILE",
		  "with --connect: who issues their certificates" },
		{ "cert", 0, OPT_TEXT, &v.how.cert, "FILE",
		  "with --connect: this side's certificate" },
		{ "key", 0, OPT_TEXT, &v.how.key, "FILE",
		  "with --connect: and its private key" },
		{ "name", 0, OPT_TEXT, &v.how.name, "NAME",
		  "in their certificates, if not the host of HOST:PORT" },
		{ "timeout", 0, OPT_NUMBER, &v.how.timeout, "SECONDS",
		  "with --connect, for each machine (60)" },
		{ "config", 0, OPT_TEXT, &v.conf_path, "FILE",
		  "instead of " FW_CONF },
		{ "details", 'd', OPT_FLAG, &v.details, NULL,
		  "all that is wrong, and what to do" },
		{ "json", 0, OPT_FLAG, &v.json, NULL, "output for scripts" },
		{ "alarm", 0, OPT_FLAG, &v.alarm, NULL,
		  "for each that is not trusted: journal, wall, hooks" },
		{ "hooks", 0, OPT_TEXT, &v.hooks, "DIR",
		  "instead of " FW_HOOKS },
		{ 0 }
	};
	int status = args_parse(cmd, opts, &argc, argv, 1, INT32_MAX);

	if (status != ARGS_GO)
		return status;
	status = fw_conf_load(v.conf_path, &v.conf);
	if (!status)
		status = run(&v, argc, argv);
	fw_conf_free(&v.conf);
	return status;
}

int cmd_fw_challenge(const struct command *cmd, int argc, char **argv)
{
	struct fw_history history = { -1, -1 };
	char text[2 * FW_NONCE_SIZE + 2];
	uint8_t nonce[FW_NONCE_SIZE];
	const char *state = NULL, *out = NULL;
	const struct opt opts[] = {
		{ "state", 0, OPT_TEXT, &state, "DIR",
		  "remembers it, for one use by `protkey fw verify`" },
		{ "out", 'o', OPT_TEXT, &out, "FILE",
		  "the nonce's file, else standard output" },
		{ 0 }
	};
	int ret, status = args_parse(cmd, opts, &argc, argv, 0, 0);

	if (status != ARGS_GO)
		return status;
	if (!state)
		return fail(EXIT_USAGE, "where is it remembered? --state DIR");
	if (RAND_bytes(nonce, sizeof(nonce)) != 1)
		return fail(EXIT_GENERAL, "there are no random bytes");
	status = fw_history_open(state, &history);
	if (!status)
		status = fw_history_challenge(&history, nonce);
	fw_history_close(&history);
	if (status)
		return status;
	fw_hex_encode(nonce, sizeof(nonce), text);
	strcat(text, "\n");
	if (!out) {
		fputs(text, stdout);
		return EXIT_OK;
	}
	ret = file_replace(out, text, strlen(text), 0644);
	return ret ? fail_errno(ret, out) : EXIT_OK;
}
