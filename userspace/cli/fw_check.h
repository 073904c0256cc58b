/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands that judge a boot share. */
#ifndef PROTKEY_CLI_FW_CHECK_H
#define PROTKEY_CLI_FW_CHECK_H

#include "../fw/reference.h"
#include "../fw/verdict.h"
#include "cli.h"

#define FW_CONF		"/etc/protkey/fw.conf"
#define FW_HOOKS	"/etc/protkey/fw.d"
#define FW_EVIDENCE_MAX	(400U << 20)

extern const struct command fw_reference_commands[];

int cmd_fw_check(const struct command *cmd, int argc, char **argv);
int cmd_fw_verify(const struct command *cmd, int argc, char **argv);
int cmd_fw_challenge(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_make(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_add(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_enrol(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_set(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_allow(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_import(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_export(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_show(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_sign(const struct command *cmd, int argc, char **argv);
int cmd_fw_reference_verify(const struct command *cmd, int argc, char **argv);

/* ---- configuration and command line (fw_conf.c) */

struct fw_conf {
	const char *reference;
	const char *signature;	/* NULL: REFERENCE.p7s, if it is there */
	const char *trust;	/* directory */
	unsigned int threshold;
	bool unsigned_ok;
	const char *state;	/* directory; NULL: nothing is remembered */
	char *locks[16];	/* domains to lock on a bad verdict ... */
	size_t lock_count;
	char *zeroizes[16];	/* ... and those to destroy */
	size_t zeroize_count;
	char *text;		/* of the file; the rest points into it */
};

/*
 * From @path, or FW_CONF if that is NULL, where nothing needs to be.  What is
 * set in @conf already stays.  EXIT_OK or a status, and said why.
 */
int fw_conf_load(const char *path, struct fw_conf *conf);
void fw_conf_free(struct fw_conf *conf);

/* The options that say which reference, and whose. */
#define FW_REFERENCE_OPTS(conf) \
	{ "reference", 'r', OPT_TEXT, &(conf).reference, "FILE", \
	  "what a good boot is; with FILE.p7s, or CMS itself" }, \
	{ "signature", 0, OPT_TEXT, &(conf).signature, "FILE", \
	  "the reference's signatures, if not FILE.p7s" }, \
	{ "trust", 0, OPT_TEXT, &(conf).trust, "DIR", \
	  "certificates of who may sign (/etc/protkey/fw.trust)" }, \
	{ "threshold", 0, OPT_NUMBER, &(conf).threshold, "M", \
	  "how many of them must have signed (1)" }, \
	{ "unsigned", 0, OPT_FLAG, &(conf).unsigned_ok, NULL, \
	  "take a reference that nobody has signed" }

/* ---- files (fw_source.c) */

/* 0, or negative errno and nothing in @to. */
int fw_buffer_load(const char *path, size_t max, struct fw_buffer *to);

/* The others: EXIT_OK or a status, and said why. */

/* Its text as it was signed, or as it is when unsigned is allowed. */
int fw_reference_load(const struct fw_conf *conf, struct fw_reference *ref);
/* One that is being made: signatures, of it or around it, are not looked at. */
int fw_reference_edit(const char *path, struct fw_reference *ref);
/* With a new serial number; tells that signatures are void now. */
int fw_reference_save(const char *path, struct fw_reference *ref);
int fw_evidence_load(const char *path, struct fw_evidence *ev);
/* @text, out of what is called @name; it stays the caller's. */
int fw_evidence_read(const char *name, const struct fw_buffer *text,
		     struct fw_evidence *ev);
/* Hex in a file, as `protkey fw challenge` writes it. */
#define FW_NONCE_SIZE	32
int fw_nonce_load(const char *path, uint8_t nonce[FW_NONCE_SIZE]);

/* ---- other machines (fw_connect.c) */

struct fw_connect {
	const char *ca, *cert, *key;	/* PEM files: who may answer, who asks */
	const char *name;	/* in the peer's certificate; NULL: its host */
	unsigned int timeout;	/* seconds for one machine; 0: the default */
	struct ssl_ctx_st *ctx;
};

/* EXIT_OK or a status, and said why. */
int fw_connect_open(struct fw_connect *how);
void fw_connect_close(struct fw_connect *how);
/*
 * Evidence of the machine at @name, HOST:PORT, for this nonce.  Whether it is of
 * this nonce is not looked at here.  EXIT_OK; EXIT_FW_EVIDENCE if it cannot be
 * had; another status if it cannot be read.
 */
int fw_connect_ask(const struct fw_connect *how, const char *name,
		   const uint8_t nonce[FW_NONCE_SIZE], struct fw_evidence *ev);

/* ---- what a checker remembers (fw_history.c) */

struct fw_history {
	int dir;		/* -1: nothing */
	int lock;
};

/* @dir NULL: remembers nothing. */
int fw_history_open(const char *dir, struct fw_history *history);
void fw_history_close(struct fw_history *history);
/* Refuses a reference that is older than one seen before. */
int fw_history_reference(struct fw_history *history,
			 const struct fw_reference *ref);
/* Adds to @of what the TPM's counters say against those of the last time. */
int fw_history_machine(struct fw_history *history,
		       const struct fw_evidence *ev, struct fw_judgement *of);
int fw_history_challenge(struct fw_history *history,
			 const uint8_t nonce[FW_NONCE_SIZE]);
/* Was it given out, not long ago, and is this its first use?  Then it is used. */
bool fw_history_use(struct fw_history *history,
		    const uint8_t nonce[FW_NONCE_SIZE]);

/* ---- what is shown (fw_report.c, fw_html.c) */

enum exit_code fw_exit_code(enum fw_verdict verdict);
void fw_report_print(const struct fw_evidence *ev,
		     const struct fw_judgement *of, bool all);
struct json_object *fw_report_json(const struct fw_evidence *ev,
				   const struct fw_reference *ref,
				   const struct fw_judgement *of);
int fw_report_html(const char *path, const struct fw_evidence *ev,
		   const struct fw_reference *ref,
		   const struct fw_judgement *of);
/* On a terminal the colour of @verdict, else "". */
const char *fw_color(enum fw_verdict verdict);

/* ---- alarm (fw_alarm.c) */

struct fw_alarm {
	const char *verdict;	/* a word */
	const char *machine;
	const char *why;	/* the first finding, in words */
	int status;		/* the exit status to come */
	const struct fw_conf *conf;	/* domains to lock; NULL: none */
	const char *hooks;	/* directory */
};

/* What of it fails is warned about; the rest is done all the same. */
void fw_alarm_raise(const struct fw_alarm *alarm);

#endif
