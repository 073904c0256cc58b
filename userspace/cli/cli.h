/* SPDX-License-Identifier: GPL-2.0-only */
/* What the subcommands of protkey share. */
#ifndef PROTKEY_CLI_H
#define PROTKEY_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <json-c/json.h>
#include <protkey/protkey.h>

/* Exit codes: scripts rely on them, see protkey(1). */
enum exit_code {
	EXIT_OK		= 0,
	EXIT_GENERAL	= 1,
	EXIT_USAGE	= 2,
	EXIT_NO_MODULE	= 3,
	EXIT_PERMISSION	= 4,
	EXIT_NOT_FOUND	= 5,
	EXIT_EXISTS	= 6,	/* or busy */
	EXIT_LOCKED	= 7,
	EXIT_AUTH	= 8,	/* wrong passphrase, foreign key */
	EXIT_DAMAGED	= 9,
	EXIT_REFUSED	= 10,	/* by pin, pattern or header */
	EXIT_IO		= 11,	/* or no space */
	EXIT_HOST_BAD	= 20,	/* a host check is bad */
	EXIT_HOST_UNKNOWN = 21,	/* none is, but some cannot be told */
	EXIT_FW_UNKNOWN	= 22,	/* an unknown component in the boot */
	EXIT_FW_EVIDENCE = 23,	/* no evidence that a TPM vouches for */
	EXIT_FW_LOG	= 24,	/* log unreadable, or firmware fault */
	EXIT_FW_TAMPERED = 25,
	EXIT_FW_REFERENCE = 26,	/* the reference itself is refused */
};

/* ---- commands (protkey.c) and their arguments (args.c) ---- */

struct command {
	const char *name;		/* "create" */
	const char *path;		/* "domain create" */
	const char *operands;		/* "NAME" */
	const char *summary;
	int (*run)(const struct command *cmd, int argc, char **argv);
	const struct command *sub;	/* instead of run; ends with no name */
};

extern const struct command audit_commands[];
extern const struct command domain_commands[];
extern const struct command fw_commands[];
extern const struct command key_commands[];
extern const struct command sleep_commands[];
extern const struct command tls_commands[];
extern const struct command volume_commands[];

int cmd_bench(const struct command *cmd, int argc, char **argv);
int cmd_status(const struct command *cmd, int argc, char **argv);
int cmd_dispatch(const struct command *cmd, int argc, char **argv);
void cmd_list_subcommands(const struct command *cmd);

enum opt_kind { OPT_FLAG, OPT_TEXT, OPT_NUMBER };

struct opt {
	const char *name;	/* long name; NULL ends the table */
	char letter;		/* short name or 0 */
	enum opt_kind kind;
	void *value;		/* bool *, const char **, unsigned int * */
	const char *meta;
	const char *help;
};

/* Returned when the command is to go on; else the status to exit with. */
#define ARGS_GO	(-1)

/*
 * Parse the options of @cmd, moving operands to argv[0..*argc-1]; complains
 * when there are fewer than @min or more than @max of them.
 */
int args_parse(const struct command *cmd, const struct opt *opts,
	       int *argc, char **argv, int min, int max);

/* ---- what every command has (context.c) ---- */

const char *state_dir(void);
void state_dir_set(const char *dir);
void harden_process(void);
int control_open(int *fd);
int store_open(unsigned int flags, int *store);
bool domain_name_check(const char *name, int *status);

/* ---- errors (error.c): print, and give the status to exit with ---- */

int fail(enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* @err: negative errno that concerns domain @name while it was to @doing. */
int fail_domain(int err, const char *name, const char *doing);
int fail_errno(int err, const char *what);
enum exit_code exit_code_of(int err);

/* ---- nodes of domains (node.c) ---- */

/* Node of an existing domain; tells a locked one from an unknown one. */
int domain_open(const char *name, int *fd);
/* The same as a descriptor or a negative errno; says nothing but of log-in. */
int domain_node(const char *name);

/* ---- log-in (login.c) ---- */

/* Of every command: --as and what belongs to it. */
struct login_options {
	const char *as, *file, *code;
};
extern struct login_options login_options;

/*
 * Log in as --as says on a node of a domain whose sealed state is @state: that of
 * the domain, or the control node for its next unlock.  EXIT_OK, also if nothing was
 * said, or a status, and said why.
 */
int login_on(int node, const char *domain, const struct protkey_state *state);
/* What a wrong log-in gave; @wait: seconds, 0 if not known. */
int fail_login(int err, unsigned int wait);

/* ---- passphrases (passphrase.c) ---- */

struct passphrase {
	char *data;	/* locked memory, PASSPHRASE_ROOM bytes */
	size_t size;
};

#define PASSPHRASE_ROOM	8193

/*
 * From @file ("-": standard input; one newline at the end is not part of it),
 * or, if NULL, asked on the terminal for @what, @twice when it is a new one.
 */
int passphrase_get(struct passphrase *pass, const char *file, const char *what,
		   bool twice);
void passphrase_free(struct passphrase *pass);
/* A question that wants "yes"; false also when there is no terminal. */
bool confirm(const char *question);

/* ---- a sign of life on a terminal (progress.c) ---- */

void progress_start(const char *what);
void progress_stop(void);

/* ---- output (output.c) ---- */

#define HEX_ROOM(bytes)	(2 * (bytes) + 1)
#define UUID_ROOM	37
#define TIME_ROOM	32

const char *hex_text(const void *bytes, size_t size, char *text);
const char *uuid_text(const uint8_t *uuid, char text[UUID_ROOM]);
const char *time_text(uint64_t when, char text[TIME_ROOM]);
int time_parse(const char *text, uint64_t *when);
bool all_zero(const void *bytes, size_t size);
void json_add_text(struct json_object *obj, const char *key, const char *text);
void json_add_number(struct json_object *obj, const char *key, uint64_t value);
void json_add_bool(struct json_object *obj, const char *key, bool value);
void json_add_hex(struct json_object *obj, const char *key, const void *bytes,
		  size_t size);
void json_add_uuid(struct json_object *obj, const char *key,
		   const uint8_t *uuid);
/* Prints and frees. */
int json_print(struct json_object *obj);
/*
 * In place of the file @path, and frees; NULL is out of memory.  @style:
 * JSON_C_TO_STRING_PRETTY or _PLAIN.  EXIT_OK or a status, and said why.
 */
int json_write(const char *path, struct json_object *obj, int style);

/* ---- files (file.c) ---- */

/* To its end, at most @room bytes; -EFBIG if it is more. */
int fd_read(int fd, void *buf, size_t room, size_t *size);
int fd_write(int fd, const void *buf, size_t size);
/* Exactly what is in the file, at most @room bytes; -EFBIG if it is more. */
int file_read(const char *path, void *buf, size_t room, size_t *size);
/* Into a file that there is: one of sysfs or of cgroups. */
int file_put(const char *path, const char *text);
/* A new file with mode 0600, complete or not there. */
int file_write_new(const char *path, const void *buf, size_t size);
/* The same, in place of an old one; its mode is @mode. */
int file_replace(const char *path, const void *buf, size_t size,
		 unsigned int mode);
/* Allocates, with a NUL behind; -EFBIG if it is more than @max. */
int file_load(const char *path, size_t max, void **data, size_t *size);

/* ---- domains of module and disk together (catalog.c) ---- */

struct domain_entry {
	struct protkey_domain_info info;
	bool in_module;
	bool on_disk;
	int file_error;		/* of its file, negative errno */
};

struct catalog {
	struct domain_entry *entries;
	size_t count;
};

int catalog_load(struct catalog *catalog);
void catalog_free(struct catalog *catalog);
const struct domain_entry *catalog_find_uuid(const struct catalog *catalog,
					     const uint8_t *uuid);
const struct domain_entry *catalog_find(const struct catalog *catalog,
					const char *name);
/* The state of an entry: of the module when it is unlocked, else the file. */
int catalog_state(const struct domain_entry *entry,
		  struct protkey_state *state);
/* The same of a domain by name; EXIT_OK, or a status, and said why. */
int catalog_state_of(const char *name, struct protkey_state *state);
const char *domain_state_name(unsigned int state);

/* ---- open LUKS2 devices (dm.c) ---- */

struct dm_volume {
	char name[128];
	uint8_t uuid[16];
	dev_t dev;
	bool suspended;
};

int dm_volumes(struct dm_volume **volumes, size_t *count);
const struct dm_volume *dm_volume_find(const struct dm_volume *volumes,
				       size_t count, const uint8_t *uuid);
int dm_suspend(const char *name);
int dm_resume(const char *name);

/* ---- volumes of a locked domain (suspend.c) ---- */

struct devices;

/* The devices of @domain's open volumes, and of all that are suspended. */
int suspend_devices(int domain, struct devices *devices);
int suspended_devices(struct devices *devices);
/* How many of @domain's volumes are open; they are suspended afterwards. */
int suspend_domain(int domain, const char *name, unsigned int *open);
/* Resume what suspend_domain() suspended. */
int suspend_undo(int domain, const char *name, unsigned int *resumed);
/* A suspended volume was closed. */
void suspend_forget(const char *volume);

#endif
