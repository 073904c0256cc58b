// SPDX-License-Identifier: GPL-2.0-only
/* /etc/protkey/fw.conf: what fw check does when nobody tells it. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../fw/signature.h"
#include "fw_check.h"

#define CONF_MAX	(64U << 10)

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static bool take_names(char **save, char **names, size_t room, size_t *count)
{
	char *word;

	while ((word = strtok_r(NULL, " \t", save))) {
		if (*count == room || !protkey_domain_name_valid(word))
			return false;
		names[(*count)++] = word;
	}
	return *count;
}

/* on-bad = lock DOMAIN... or zeroize DOMAIN... */
static bool take_action(struct fw_conf *conf, char *value)
{
	char *save, *word = strtok_r(value, " \t", &save);
	const size_t room = sizeof(conf->locks) / sizeof(*conf->locks);

	if (word && !strcmp(word, "lock"))
		return take_names(&save, conf->locks, room, &conf->lock_count);
	if (word && !strcmp(word, "zeroize"))
		return take_names(&save, conf->zeroizes, room,
				  &conf->zeroize_count);
	return false;
}

static bool take_threshold(struct fw_conf *conf, const char *value)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (end == value || *end || !number || number > 100)
		return false;
	if (!conf->threshold)
		conf->threshold = (unsigned int)number;
	return true;
}

static bool take(struct fw_conf *conf, const char *name, char *value)
{
	const struct {
		const char *name;
		const char **to;
	} paths[] = {
		{ "reference", &conf->reference },
		{ "signature", &conf->signature },
		{ "trust", &conf->trust },
		{ "state", &conf->state },
	};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (strcmp(paths[i].name, name))
			continue;
		if (!*paths[i].to)
			*paths[i].to = value;
		return *value == '/';
	}
	if (!strcmp(name, "threshold"))
		return take_threshold(conf, value);
	if (!strcmp(name, "on-bad"))
		return take_action(conf, value);
	return false;
}

static int take_lines(struct fw_conf *conf, const char *path)
{
	char *save, *line, *value;

	for (line = strtok_r(conf->text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line = trim(line);
		if (!*line || *line == '#')
			continue;
		value = strchr(line, '=');
		if (!value)
			return fail(EXIT_USAGE, "%s: '%s' is no NAME = VALUE",
				    path, line);
		*value++ = '\0';
		line = trim(line);
		if (!take(conf, line, trim(value)))
			return fail(EXIT_USAGE, "%s: '%s' is not known, or its value is none: see protkey-fw(1)",
				    path, line);
	}
	return EXIT_OK;
}

/* Whoever could change it would choose who may sign, and what an alarm does. */
static int check_owner(int fd, const char *path)
{
	char dir[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st))
		return fail_errno(-errno, path);
	/* /dev/null, say: nothing is kept in it */
	if (S_ISCHR(st.st_mode))
		return EXIT_OK;
	if (!fw_guarded(&st))
		return fail(EXIT_REFUSED, "%s: others can write it: chown root, chmod go-w",
			    path);
	snprintf(dir, sizeof(dir), "%s", path);
	if (stat(dirname(dir), &st))
		return fail_errno(-errno, path);
	if (!fw_guarded(&st))
		return fail(EXIT_REFUSED, "%s: others can write in its directory: chown root, chmod go-w",
			    path);
	return EXIT_OK;
}

int fw_conf_load(const char *path, struct fw_conf *conf)
{
	const char *from = path ? path : FW_CONF;
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	int ret, status;

	if (fd < 0)
		return !path && errno == ENOENT ? EXIT_OK :
						  fail_errno(-errno, from);
	status = check_owner(fd, from);
	conf->text = calloc(1, CONF_MAX + 1);
	ret = conf->text ? fd_read(fd, conf->text, CONF_MAX, &size) : -ENOMEM;
	close(fd);
	if (status)
		return status;
	if (ret)
		return fail_errno(ret, from);
	if (strlen(conf->text) != size)
		return fail(EXIT_USAGE, "%s: is no text", from);
	return take_lines(conf, from);
}

void fw_conf_free(struct fw_conf *conf)
{
	free(conf->text);
	conf->text = NULL;
}
