// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-keytool: the user ABI of protkey.ko with nothing between, for tests. It
 * takes the KEK raw, as hex: never use it for real keys.
 *
 * Prints NAME=VALUE lines. Exit status 1 with the name of the errno on stderr.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alg.h"
#include "protkey.h"
#include "util.h"

#define CIPHER	"xts(paes)"

static const char usage[] =
"usage: pk-keytool status\n"
"       pk-keytool domain-create NAME KEKHEX STATEFILE\n"
"       pk-keytool domain-unlock STATEFILE KEKHEX [SLOT]\n"
"       pk-keytool seal-add NAME AUTHSLOT AUTHKEKHEX SLOT KIND KEKHEX [DATAFILE]\n"
"       pk-keytool seal-remove NAME SLOT\n"
"       pk-keytool domain-info NAME\n"
"       pk-keytool domain-lock NAME [force]\n"
"       pk-keytool domain-cycle NAME STATEFILE KEKHEX SECONDS  lock and unlock\n"
"       pk-keytool domain-delete NAME\n"
"       pk-keytool domain-zeroize NAME\n"
"       pk-keytool domain-quota NAME KEYS SESSIONS TLSKEYS [RESERVED]\n"
"       pk-keytool nonce                          of a file that is closed then\n"
"       pk-keytool quote ATTESTFILE SIGNATUREFILE  without a nonce\n"
"       pk-keytool measured-set NAME KEKHEX PCRS KEYFILE [DIGESTHEX]...\n"
"       pk-keytool measured-unlock STATEFILE KEKHEX[,KEKHEX] ATTESTFILE|none SIGNATUREFILE COMMAND...\n"
"                                                 runs COMMAND with NONCE, quotes, unlocks\n"
"       pk-keytool inherited FD                   use a node that somebody else opened\n"
"       pk-keytool key-import NAME xts-128|xts-256|aes-256|TYPENUMBER CLEARHEX BLOBFILE\n"
"       pk-keytool key-generate NAME xts-128|xts-256|aes-256|TYPENUMBER BLOBFILE [USAGE]\n"
"       pk-keytool key-verify NAME BLOBFILE\n"
"       pk-keytool key-reencipher NAME BLOBFILE current|old|new\n"
"       pk-keytool mk-load NAME WANTED clear PARTHEX\n"
"       pk-keytool mk-load NAME WANTED generate|sealed KEKHEX PARTFILE\n"
"       pk-keytool mk-commit|mk-clear NAME PATTERNHEX KEKHEX\n"
"       pk-keytool mk-set NAME KEKHEX[@SLOT] [drop]\n"
"       pk-keytool mk-abort NAME\n"
"       pk-keytool get-state NAME STATEFILE\n"
"       pk-keytool session NAME COMMAND [ARG]...  run COMMAND with a session\n"
"       pk-keytool session-twice NAME\n"
"       pk-keytool set-key FILE                   in AF_ALG " CIPHER "\n"
"       pk-keytool encrypt|decrypt BLOBFILE IVHEX DATAHEX [CIPHER]\n";

static int open_node(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/dev/protkey/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die_errno(path);
	return fd;
}

static void call(const char *node, unsigned long request, void *arg,
		 const char *what)
{
	int fd = open_node(node);

	if (ioctl(fd, request, arg))
		die_errno(what);
	close(fd);
}

static void cmd_status(char **args)
{
	struct protkey_status status;

	(void)args;
	call("control", PROTKEY_IOC_STATUS, &status, "status");
#define SHOW(name) printf(#name "=%llu\n", (unsigned long long)status.name)
	SHOW(abi);
	SHOW(flags);
	SHOW(epoch);
	SHOW(domains);
	SHOW(domains_unlocked);
	SHOW(keys);
	SHOW(requests_queued);
	SHOW(mismatches);
	SHOW(repairs);
	SHOW(losses);
	SHOW(slots_used);
	SHOW(slots_total);
	SHOW(cpus_ready);
#undef SHOW
	printf("ready=%d\n", !!(status.flags & PROTKEY_STATUS_VAULT_READY));
	printf("lost=%d\n", !!(status.flags & PROTKEY_STATUS_VAULT_LOST));
	printf("kvm=%d\n", !!(status.flags & PROTKEY_STATUS_KVM_LOADED));
	printf("level=%.16s\nvault=%.16s\n", status.level, status.vault);
}

static void cmd_domain_create(char **args)
{
	struct protkey_domain_create create = {
		.seal = {
			.kind = PROTKEY_SEAL_PASSPHRASE,
			.time_cost = 1,
			.memory_kib = 64,
			.parallelism = 1,
		},
		.state_size = PROTKEY_STATE_MAX,
	};
	void *state = malloc(PROTKEY_STATE_MAX);

	if (!state || strlen(args[0]) >= sizeof(create.name))
		die("name too long");
	strcpy(create.name, args[0]);
	unhex(args[1], create.kek, sizeof(create.kek));
	create.state_ptr = (unsigned long)state;
	call("control", PROTKEY_IOC_DOMAIN_CREATE, &create, "domain-create");
	write_file(args[2], state, create.state_size);
	free(state);
	print_hex("uuid", create.uuid, sizeof(create.uuid));
	print_hex("pattern", create.pattern, sizeof(create.pattern));
}

/* @args: STATEFILE KEKHEX */
static void fill_unlock(struct protkey_domain_unlock *unlock, char **args)
{
	static unsigned char state[PROTKEY_STATE_MAX];

	memset(unlock, 0, sizeof(*unlock));
	unlock->state_ptr = (unsigned long)state;
	unlock->state_size = read_file(args[0], state, sizeof(state));
	unhex(args[1], unlock->kek, sizeof(unlock->kek));
}

static void cmd_domain_unlock(char **args)
{
	struct protkey_domain_unlock unlock;

	fill_unlock(&unlock, args);
	if (args[2])
		unlock.slot = (unsigned int)atoi(args[2]);
	call("control", PROTKEY_IOC_DOMAIN_UNLOCK, &unlock, "domain-unlock");
	printf("name=%s\nkeys_prepared=%u\n", unlock.name, unlock.keys_prepared);
}

static void cmd_seal_add(char **args)
{
	static unsigned char data[PROTKEY_STATE_MAX];
	struct protkey_seal_add add = {
		.auth_slot = (unsigned int)atoi(args[1]),
		.seal.slot = (unsigned short)atoi(args[3]),
		.seal.kind = (unsigned short)atoi(args[4]),
		.data_ptr = (unsigned long)data,
	};
	unsigned char zero[2 * PROTKEY_KEK_SIZE] = { 0 };
	int fd = open_node(args[0]), ret, err;

	unhex(args[2], add.auth_kek, sizeof(add.auth_kek));
	unhex(args[5], add.kek, sizeof(add.kek));
	if (add.seal.kind == PROTKEY_SEAL_PASSPHRASE) {
		add.seal.time_cost = 1;
		add.seal.memory_kib = 64;
		add.seal.parallelism = 1;
	}
	if (args[6])
		add.data_size = (unsigned int)read_file(args[6], data, sizeof(data));
	ret = ioctl(fd, PROTKEY_IOC_SEAL_ADD, &add);
	err = errno;
	if (memcmp(&add, zero, sizeof(zero)) && err != EACCES)
		die("the KEKs were not wiped");
	errno = err;
	if (ret)
		die_errno("seal-add");
	close(fd);
}

static void cmd_seal_remove(char **args)
{
	struct protkey_seal_remove remove = { .slot = (unsigned int)atoi(args[1]) };

	call(args[0], PROTKEY_IOC_SEAL_REMOVE, &remove, "seal-remove");
}

static void cmd_domain_info(char **args)
{
	struct protkey_domain_info info;

	call(args[0], PROTKEY_IOC_DOMAIN_INFO, &info, "domain-info");
	print_hex("uuid", info.uuid, sizeof(info.uuid));
	print_hex("pattern", info.pattern_current, sizeof(info.pattern_current));
	print_hex("pattern_old", info.pattern_old, sizeof(info.pattern_old));
	print_hex("pattern_new", info.pattern_new, sizeof(info.pattern_new));
	printf("generation=%llu\n", (unsigned long long)info.generation);
	printf("state=%u\nkeys=%u\nsessions=%u\n", info.state, info.keys,
	       info.sessions);
	printf("keys_set=%u\ntls_keys=%u\n", info.keys_set, info.tls_keys);
	printf("quota=%u %u %u\n", info.quota.keys, info.quota.sessions,
	       info.quota.tls_keys);
}

static void cmd_domain_lock(char **args)
{
	struct protkey_domain_lock lock = { 0 };

	if (args[1] && strcmp(args[1], "force"))
		die("%s", usage);
	if (args[1])
		lock.flags = PROTKEY_LOCK_FORCE;
	call(args[0], PROTKEY_IOC_DOMAIN_LOCK, &lock, "domain-lock");
}

/* Lock and unlock without a pause, to race with running requests. */
static void cmd_domain_cycle(char **args)
{
	struct protkey_domain_lock lock = { .flags = PROTKEY_LOCK_FORCE };
	struct protkey_domain_unlock unlock, work;
	int control = open_node("control"), node = open_node(args[0]);
	time_t end = time(NULL) + atoi(args[3]);
	unsigned int cycles;

	fill_unlock(&unlock, args + 1);
	for (cycles = 0; time(NULL) < end; cycles++) {
		if (ioctl(node, PROTKEY_IOC_DOMAIN_LOCK, &lock))
			die_errno("domain-lock");
		work = unlock;		/* the module wipes the KEK */
		if (ioctl(control, PROTKEY_IOC_DOMAIN_UNLOCK, &work))
			die_errno("domain-unlock");
	}
	printf("cycles=%u\n", cycles);
}

static void call_name(char **args, unsigned long request, const char *what)
{
	struct protkey_domain_name name = { 0 };

	strncpy(name.name, args[0], sizeof(name.name) - 1);
	call("control", request, &name, what);
}

static void cmd_domain_delete(char **args)
{
	call_name(args, PROTKEY_IOC_DOMAIN_DELETE, "domain-delete");
}

static void cmd_domain_zeroize(char **args)
{
	call_name(args, PROTKEY_IOC_DOMAIN_ZEROIZE, "domain-zeroize");
}

static unsigned int number(const char *text)
{
	return (unsigned int)strtoul(text, NULL, 0);
}

static void cmd_domain_quota(char **args)
{
	struct protkey_quota quota = {
		.keys = number(args[1]),
		.sessions = number(args[2]),
		.tls_keys = number(args[3]),
		.reserved = args[4] ? number(args[4]) : 0,
	};

	call(args[0], PROTKEY_IOC_QUOTA_SET, &quota, "domain-quota");
}

static void get_nonce(int control, char hex[2 * PROTKEY_NONCE_SIZE + 1])
{
	struct protkey_nonce nonce;
	size_t i;

	if (ioctl(control, PROTKEY_IOC_NONCE, &nonce))
		die_errno("nonce");
	for (i = 0; i < sizeof(nonce.nonce); i++)
		sprintf(hex + 2 * i, "%02x", nonce.nonce[i]);
}

static void cmd_nonce(char **args)
{
	char hex[2 * PROTKEY_NONCE_SIZE + 1];

	(void)args;
	get_nonce(open_node("control"), hex);
	puts(hex);
}

/* More than the module takes can be tried, too. */
static void quote(int control, char **args)
{
	static unsigned char attest[65536], signature[65536];
	struct protkey_quote req = {
		.attest_ptr = (unsigned long)attest,
		.signature_ptr = (unsigned long)signature,
	};

	req.attest_size = (unsigned int)read_file(args[0], attest, sizeof(attest));
	req.signature_size = (unsigned int)read_file(args[1], signature,
						     sizeof(signature));
	if (ioctl(control, PROTKEY_IOC_QUOTE, &req))
		die_errno("quote");
}

static void cmd_quote(char **args)
{
	quote(open_node("control"), args);
}

static void cmd_measured_set(char **args)
{
	static const unsigned char zeros[PROTKEY_KEK_SIZE];
	struct protkey_measured_set set = { .measured.pcrs = number(args[2]) };
	int fd = open_node(args[0]), ret, err;

	unhex(args[1], set.kek, sizeof(set.kek));
	set.measured.key_size = (unsigned short)read_file(args[3], set.measured.key,
							  sizeof(set.measured.key));
	for (args += 4; *args; args++, set.measured.count++)
		if (set.measured.count < PROTKEY_ACCEPTED_MAX)
			unhex(*args, set.measured.accepted[set.measured.count], 32);
	ret = ioctl(fd, PROTKEY_IOC_MEASURED_SET, &set);
	err = errno;
	if (memcmp(set.kek, zeros, sizeof(zeros)))
		die("the KEK was not wiped");
	errno = err;
	if (ret)
		die_errno("measured-set");
	close(fd);
}

static void run(char **args)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execvp(args[0], args);
		die_errno(args[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		die("%s failed", args[0]);
}

/* All by one open file; a second KEK is for a second try without another quote. */
static void cmd_measured_unlock(char **args)
{
	char hex[2 * PROTKEY_NONCE_SIZE + 1], *second = strchr(args[1], ',');
	int control = open_node("control");
	struct protkey_domain_unlock unlock;
	char *first[] = { args[0], args[1] };

	if (second)
		*second++ = '\0';
	get_nonce(control, hex);
	setenv("NONCE", hex, 1);
	run(args + 4);
	if (strcmp(args[2], "none"))
		quote(control, args + 2);
	fill_unlock(&unlock, first);
	if (!ioctl(control, PROTKEY_IOC_DOMAIN_UNLOCK, &unlock)) {
		printf("name=%s\n", unlock.name);
		return;
	}
	if (!second)
		die_errno("measured-unlock");
	printf("first=%s\n", errno_name(errno));
	fflush(stdout);
	first[1] = second;
	fill_unlock(&unlock, first);
	if (ioctl(control, PROTKEY_IOC_DOMAIN_UNLOCK, &unlock))
		die_errno("measured-unlock, again");
	printf("name=%s\n", unlock.name);
}

static void cmd_inherited(char **args)
{
	struct protkey_domain_info info;

	if (ioctl((int)number(args[0]), PROTKEY_IOC_DOMAIN_INFO, &info))
		die_errno("inherited");
	printf("name=%s\n", info.name);
}

static unsigned int key_type(const char *name)
{
	if (!strcmp(name, "xts-128"))
		return PROTKEY_KEY_XTS_128;
	if (!strcmp(name, "xts-256"))
		return PROTKEY_KEY_XTS_256;
	if (!strcmp(name, "aes-256"))
		return PROTKEY_KEY_AES_256;
	if (!strcmp(name, "hmac-256"))
		return PROTKEY_KEY_HMAC_256;
	if (!strcmp(name, "hmac-512"))
		return PROTKEY_KEY_HMAC_512;
	return atoi(name);
}

static void cmd_key_import(char **args)
{
	unsigned char clear[256];
	struct protkey_key_make make = { 0 };

	make.type = key_type(args[1]);
	make.clear_size = unhex(args[2], clear, sizeof(clear));
	make.clear_ptr = (unsigned long)clear;
	call(args[0], PROTKEY_IOC_KEY_IMPORT, &make, "key-import");
	write_file(args[3], make.blob, sizeof(make.blob));
	print_hex("pattern", make.pattern, sizeof(make.pattern));
}

static void cmd_key_generate(char **args)
{
	struct protkey_key_make make = { 0 };

	make.type = key_type(args[1]);
	if (args[3])
		make.usage = atoi(args[3]);
	call(args[0], PROTKEY_IOC_KEY_GENERATE, &make, "key-generate");
	write_file(args[2], make.blob, sizeof(make.blob));
	print_hex("pattern", make.pattern, sizeof(make.pattern));
}

static void cmd_key_verify(char **args)
{
	struct protkey_key_verify verify = { 0 };

	if (read_file(args[1], verify.blob, sizeof(verify.blob)) !=
	    sizeof(verify.blob))
		die("%s is too short for a blob", args[1]);
	call(args[0], PROTKEY_IOC_KEY_VERIFY, &verify, "key-verify");
	print_hex("pattern", verify.pattern, sizeof(verify.pattern));
	printf("mk_register=%u\nvalid_now=%u\n", verify.mk_register,
	       verify.valid_now);
}

static void cmd_key_reencipher(char **args)
{
	struct protkey_key_reencipher req = { .to = PROTKEY_MK_CURRENT };

	if (!strcmp(args[2], "old"))
		req.to = PROTKEY_MK_OLD;
	if (!strcmp(args[2], "new"))
		req.to = PROTKEY_MK_NEW;
	if (read_file(args[1], req.blob, sizeof(req.blob)) != sizeof(req.blob))
		die("%s is too short for a blob", args[1]);
	call(args[0], PROTKEY_IOC_KEY_REENCIPHER, &req, "key-reencipher");
	write_file(args[1], req.blob, sizeof(req.blob));
	printf("from=%u\n", req.from);
}

/* A part's file is what KEK and salt sealed: 72 bytes, the salt is zero. */
static void cmd_mk_load(char **args)
{
	struct protkey_mk_load load = {
		.source = PROTKEY_MK_CLEAR,
		.wanted = atoi(args[1]),
		.seal = {
			.kind = PROTKEY_SEAL_PASSPHRASE,
			.time_cost = 1,
			.memory_kib = 64,
			.parallelism = 1,
		},
	};
	bool generate = !strcmp(args[2], "generate");
	static const unsigned char zeros[PROTKEY_KEK_SIZE];

	if (!strcmp(args[2], "clear")) {
		unhex(args[3], load.clear, sizeof(load.clear));
	} else {
		load.source = generate ? PROTKEY_MK_GENERATE : PROTKEY_MK_SEALED;
		unhex(args[3], load.kek, sizeof(load.kek));
		if (!args[4])
			die("%s", usage);
	}
	if (load.source == PROTKEY_MK_SEALED &&
	    read_file(args[4], load.wrapped, sizeof(load.wrapped)) !=
	    sizeof(load.wrapped))
		die("%s is too short for a part", args[4]);
	call(args[0], PROTKEY_IOC_MK_LOAD, &load, "mk-load");
	if (memcmp(load.kek, zeros, sizeof(zeros)) ||
	    memcmp(load.clear, zeros, sizeof(zeros)))
		die("the module left a secret of the caller");
	if (generate)
		write_file(args[4], load.wrapped, sizeof(load.wrapped));
	printf("loaded=%u\n", load.loaded);
	print_hex("part", load.pattern_part, sizeof(load.pattern_part));
	print_hex("pattern", load.pattern, sizeof(load.pattern));
}

static void call_pattern(char **args, unsigned long request, const char *what)
{
	struct protkey_mk_pattern req = { 0 };

	unhex(args[1], req.pattern, sizeof(req.pattern));
	unhex(args[2], req.kek, sizeof(req.kek));
	call(args[0], request, &req, what);
}

static void cmd_mk_commit(char **args)
{
	call_pattern(args, PROTKEY_IOC_MK_COMMIT, "mk-commit");
}

static void cmd_mk_clear(char **args)
{
	call_pattern(args, PROTKEY_IOC_MK_CLEAR, "mk-clear");
}

static void cmd_mk_set(char **args)
{
	struct protkey_seal_kek kek = { 0 };
	struct protkey_mk_set set = {
		.keks_ptr = (unsigned long)&kek,
		.keks = 1,
		.flags = args[2] ? PROTKEY_MK_DROP_SEALS : 0,
	};
	char *slot = strchr(args[1], '@');

	if (slot) {
		*slot = '\0';
		kek.slot = atoi(slot + 1);
	}
	unhex(args[1], kek.kek, sizeof(kek.kek));
	call(args[0], PROTKEY_IOC_MK_SET, &set, "mk-set");
}

static void cmd_mk_abort(char **args)
{
	call(args[0], PROTKEY_IOC_MK_ABORT, NULL, "mk-abort");
}

static void cmd_get_state(char **args)
{
	static unsigned char state[PROTKEY_STATE_MAX];
	struct protkey_domain_get_state get = {
		.state_ptr = (unsigned long)state,
		.state_size = sizeof(state),
	};

	call(args[0], PROTKEY_IOC_DOMAIN_GET_STATE, &get, "get-state");
	write_file(args[1], state, get.state_size);
}

/* The session belongs to this process and its open file: both survive exec. */
static void cmd_session(char **args)
{
	int fd = open_node(args[0]);

	if (ioctl(fd, PROTKEY_IOC_SESSION_OPEN))
		die_errno("session");
	if (fcntl(fd, F_SETFD, 0))
		die_errno("fcntl");
	execvp(args[1], args + 1);
	die_errno(args[1]);
}

/* A second session on one open file, as a careless program would ask for. */
static void cmd_session_twice(char **args)
{
	int fd = open_node(args[0]);

	if (ioctl(fd, PROTKEY_IOC_SESSION_OPEN) ||
	    ioctl(fd, PROTKEY_IOC_SESSION_OPEN))
		die_errno("session");
}

static int socket_with_key(const char *file, const char *cipher)
{
	unsigned char key[4096];
	size_t len = read_file(file, key, sizeof(key));
	int sock = alg_bind(cipher);

	errno = alg_set_key(sock, key, len);
	if (errno)
		die_errno("set-key");
	return sock;
}

static void cmd_set_key(char **args)
{
	close(socket_with_key(args[0], CIPHER));
}

static void crypt_hex(char **args, bool encrypt)
{
	unsigned char iv[16] = { 0 }, data[65536];
	int sock = socket_with_key(args[0], args[3] ? args[3] : CIPHER);
	size_t len;

	unhex(args[1], iv, sizeof(iv));
	len = unhex(args[2], data, sizeof(data));
	errno = alg_crypt(sock, encrypt, iv, data, len);
	if (errno)
		die_errno(encrypt ? "encrypt" : "decrypt");
	print_hex("data", data, len);
}

static void cmd_encrypt(char **args)
{
	crypt_hex(args, true);
}

static void cmd_decrypt(char **args)
{
	crypt_hex(args, false);
}

static const struct command {
	const char *name;
	int min_args, max_args;
	void (*run)(char **args);	/* ends with a NULL */
} commands[] = {
	{ "status", 0, 0, cmd_status },
	{ "domain-create", 3, 3, cmd_domain_create },
	{ "domain-unlock", 2, 3, cmd_domain_unlock },
	{ "seal-add", 6, 7, cmd_seal_add },
	{ "seal-remove", 2, 2, cmd_seal_remove },
	{ "domain-info", 1, 1, cmd_domain_info },
	{ "domain-lock", 1, 2, cmd_domain_lock },
	{ "domain-cycle", 4, 4, cmd_domain_cycle },
	{ "domain-delete", 1, 1, cmd_domain_delete },
	{ "domain-zeroize", 1, 1, cmd_domain_zeroize },
	{ "domain-quota", 4, 5, cmd_domain_quota },
	{ "nonce", 0, 0, cmd_nonce },
	{ "quote", 2, 2, cmd_quote },
	{ "measured-set", 4, 13, cmd_measured_set },
	{ "measured-unlock", 5, 100, cmd_measured_unlock },
	{ "inherited", 1, 1, cmd_inherited },
	{ "key-import", 4, 4, cmd_key_import },
	{ "key-generate", 3, 4, cmd_key_generate },
	{ "key-verify", 2, 2, cmd_key_verify },
	{ "key-reencipher", 3, 3, cmd_key_reencipher },
	{ "mk-load", 4, 5, cmd_mk_load },
	{ "mk-commit", 3, 3, cmd_mk_commit },
	{ "mk-clear", 3, 3, cmd_mk_clear },
	{ "mk-set", 2, 3, cmd_mk_set },
	{ "mk-abort", 1, 1, cmd_mk_abort },
	{ "get-state", 2, 2, cmd_get_state },
	{ "session", 2, 1000, cmd_session },
	{ "session-twice", 1, 1, cmd_session_twice },
	{ "set-key", 1, 1, cmd_set_key },
	{ "encrypt", 3, 4, cmd_encrypt },
	{ "decrypt", 3, 4, cmd_decrypt },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		if (argc - 2 < commands[i].min_args ||
		    argc - 2 > commands[i].max_args)
			break;
		commands[i].run(argv + 2);
		return 0;
	}
	fputs(usage, stderr);
	return 2;
}
