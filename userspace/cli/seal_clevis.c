// SPDX-License-Identifier: GPL-2.0-only
/*
 * A KEK held by clevis: tang servers, or a threshold of them (sss).  The
 * commands of clevis get it through pipes alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "seal.h"

#define PIN_ROOM	16
#define NOT_RUN		127	/* as a shell says it */

static void child(char *const argv[], const int in[2], const int out[2])
{
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	_exit(NOT_RUN);
}

/*
 * Run @argv with @input, which fits into a pipe.  Its exit status, or a negative
 * errno.
 */
static int run(char *const argv[], const void *input, size_t input_size,
	       void *output, size_t room, size_t *size)
{
	int in[2], out[2], ret, status = 0;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (pipe2(out, O_CLOEXEC)) {
		ret = -errno;
		goto close_in;
	}
	signal(SIGPIPE, SIG_IGN);
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(argv, in, out);
	ret = pid < 0 ? -errno : fd_write(in[1], input, input_size);
	close(out[1]);
	close(in[0]);
	close(in[1]);
	in[0] = in[1] = -1;
	if (!ret || ret == -EPIPE)
		ret = fd_read(out[0], output, room, size);
	close(out[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGPIPE, SIG_DFL);
	if (!ret)
		ret = WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
close_in:
	if (in[0] >= 0) {
		close(in[0]);
		close(in[1]);
	}
	return ret;
}

static int fail_run(int ret, const char *doing, const char *advice)
{
	if (ret == NOT_RUN)
		return fail(EXIT_NOT_FOUND, "the command clevis is not installed: apt install clevis");
	if (ret < 0)
		return fail_errno(ret, "clevis");
	return fail(EXIT_IO, "cannot %s: clevis ended with status %d: %s", doing,
		    ret, advice);
}

int seal_clevis_make(const char *config, bool trust, const __u8 *kek,
		     void *data, size_t *size)
{
	const char *json = strchr(config, ' ');
	char clevis[] = "clevis", encrypt[] = "encrypt", yes[] = "-y";
	char pin[PIN_ROOM];
	char *argv[] = { clevis, encrypt, pin, (char *)json,
			 trust ? yes : NULL, NULL };
	int ret;

	if (!json || json - config >= PIN_ROOM)
		return fail(EXIT_USAGE, "--clevis wants a pin of clevis and its configuration, as in 'tang {\"url\":\"http://tang.example\"}'");
	snprintf(pin, sizeof(pin), "%.*s", (int)(json - config), config);
	if (strcmp(pin, "tang") && strcmp(pin, "sss"))
		return fail(EXIT_USAGE, "--clevis takes the pins tang and sss, not '%s' (for a TPM: --tpm2)",
			    pin);
	argv[3]++;
	ret = run(argv, kek, PROTKEY_KEK_SIZE, data, PROTKEY_SEAL_DATA_MAX, size);
	if (ret == -EFBIG)
		return fail(EXIT_USAGE, "what clevis needs to open this is over %u bytes: use fewer servers",
			    PROTKEY_SEAL_DATA_MAX);
	if (ret)
		return fail_run(ret, "seal with clevis", "can each server be reached, and is its key trusted (\"thp\" in the configuration, or --trust)?");
	while (*size && ((char *)data)[*size - 1] == '\n')
		--*size;
	return EXIT_OK;
}

int seal_clevis_open(unsigned int slot, const void *data, size_t size,
		     __u8 *kek)
{
	char clevis[] = "clevis", decrypt[] = "decrypt";
	char *const argv[] = { clevis, decrypt, NULL };
	char doing[48];
	size_t got;
	int ret;

	snprintf(doing, sizeof(doing), "open slot %u", slot);
	ret = run(argv, data, size, kek, PROTKEY_KEK_SIZE, &got);
	if (!ret && got == PROTKEY_KEK_SIZE)
		return EXIT_OK;
	protkey_secret_wipe(kek, PROTKEY_KEK_SIZE);
	if (!ret || ret == -EFBIG)
		return fail(EXIT_DAMAGED, "cannot %s: clevis gave no key", doing);
	return fail_run(ret, doing, "can enough of its servers be reached (`protkey domain seal list`), and have they still the key of that time?");
}

/* ---- what a JWE says of itself ------------------------------------------- */

static int base64url(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The protected header, before the first dot. */
static struct json_object *jwe_header(const char *text, size_t size)
{
	struct json_object *header;
	char *json = calloc(1, size + 1);
	unsigned int bits = 0, have = 0;
	size_t i, at = 0;

	for (i = 0; json && i < size && base64url(text[i]) >= 0; i++) {
		bits = bits << 6 | (unsigned int)base64url(text[i]);
		have += 6;
		if (have >= 8) {
			have -= 8;
			json[at++] = (char)(bits >> have);
		}
	}
	header = json ? json_tokener_parse(json) : NULL;
	free(json);
	return header;
}

static void add_tang(struct json_object *obj, struct json_object *tang)
{
	struct json_object *url;

	if (json_object_object_get_ex(tang, "url", &url))
		json_add_text(obj, "url", json_object_get_string(url));
}

static void add_sss(struct json_object *obj, struct json_object *sss)
{
	struct json_object *value;

	if (json_object_object_get_ex(sss, "t", &value))
		json_add_number(obj, "threshold",
				(uint64_t)json_object_get_int64(value));
	if (json_object_object_get_ex(sss, "jwe", &value) &&
	    json_object_is_type(value, json_type_array))
		json_add_number(obj, "shares", json_object_array_length(value));
}

struct json_object *seal_clevis_json(const void *data, size_t size)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *header = jwe_header(data, size);
	struct json_object *clevis, *value;

	if (json_object_object_get_ex(header, "clevis", &clevis)) {
		if (json_object_object_get_ex(clevis, "pin", &value))
			json_add_text(obj, "pin", json_object_get_string(value));
		if (json_object_object_get_ex(clevis, "tang", &value))
			add_tang(obj, value);
		if (json_object_object_get_ex(clevis, "sss", &value))
			add_sss(obj, value);
	}
	json_object_put(header);
	return obj;
}
