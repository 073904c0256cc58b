// SPDX-License-Identifier: GPL-2.0-only
/* The configuration file. */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <protkey/protkey.h>

#include "config.h"
#include "log.h"
#include "tls_context.h"

struct reader {
	const char *path;
	unsigned int line;
	struct config *config;
	struct service *service;	/* NULL: [global] or none yet */
	bool global;
	bool failed;
};

/* A setting of a service: what @set says is wrong with @value, or NULL. */
struct setting {
	const char *name;
	const char *(*set)(struct service *s, const char *value, size_t field);
	size_t field;
};

static void complain(struct reader *r, unsigned int line, const char *what,
		     const char *value)
{
	char clean[128];

	log_line(LOG_ERR, NULL, "%s:%u: %s%s%s%s", r->path, line, what,
		 value ? " \"" : "",
		 value ? log_clean(clean, sizeof(clean), value, strlen(value)) : "",
		 value ? "\"" : "");
	r->failed = true;
}

static void *field_of(struct service *s, size_t field)
{
	return (char *)s + field;
}

static const char *set_mode(struct service *s, const char *value, size_t field)
{
	(void)field;
	s->mode = !strcmp(value, "server") ? MODE_SERVER :
		  !strcmp(value, "client") ? MODE_CLIENT : MODE_NONE;
	return s->mode ? NULL : "mode is server or client, not";
}

static const char *set_domain(struct service *s, const char *value, size_t field)
{
	(void)field;
	if (!protkey_domain_name_valid(value))
		return "no name of a domain:";
	strcpy(s->domain, value);
	return NULL;
}

static const char *set_listen(struct service *s, const char *value, size_t field)
{
	(void)field;
	s->has_listen = true;
	s->by_systemd = !strcmp(value, "systemd");
	if (s->by_systemd)
		return NULL;
	return address_parse(&s->listen, value) ?
		"not an address (HOST:PORT, unix:PATH, systemd):" : NULL;
}

static const char *set_connect(struct service *s, const char *value, size_t field)
{
	(void)field;
	s->has_connect = true;
	if (address_parse(&s->connect, value) ||
	    (!s->connect.is_unix && !s->connect.host[0]))
		return "not an address (HOST:PORT, unix:PATH):";
	return NULL;
}

static const char *set_text(struct service *s, const char *value, size_t field)
{
	char **text = field_of(s, field);

	free(*text);
	*text = strdup(value);
	return *text ? NULL : "out of memory";
}

static const char *set_cert(struct service *s, const char *value, size_t field)
{
	(void)field;
	if (s->cert_count && !s->certs[s->cert_count - 1].key)
		return "the cert before has no key:";
	if (s->cert_count == CONFIG_CERTS)
		return "too many certificates:";
	s->certs[s->cert_count].cert = strdup(value);
	return s->certs[s->cert_count++].cert ? NULL : "out of memory";
}

static const char *set_key(struct service *s, const char *value, size_t field)
{
	(void)field;
	if (!s->cert_count || s->certs[s->cert_count - 1].key)
		return "key without its cert before it:";
	s->certs[s->cert_count - 1].key = strdup(value);
	return s->certs[s->cert_count - 1].key ? NULL : "out of memory";
}

static const char *set_verify(struct service *s, const char *value, size_t field)
{
	(void)field;
	s->verify = !strcmp(value, "none") ? VERIFY_NONE :
		    !strcmp(value, "optional") ? VERIFY_OPTIONAL :
		    !strcmp(value, "required") ? VERIFY_REQUIRED : VERIFY_DEFAULT;
	return s->verify ? NULL : "verify is none, optional or required, not";
}

static const char *set_peer_name(struct service *s, const char *value, size_t field)
{
	(void)field;
	if (s->peer_name_count == CONFIG_NAMES)
		return "too many names:";
	s->peer_names[s->peer_name_count] = strdup(value);
	return s->peer_names[s->peer_name_count++] ? NULL : "out of memory";
}

static const char *set_bool(struct service *s, const char *value, size_t field)
{
	bool *flag = field_of(s, field);

	*flag = !strcmp(value, "yes");
	return *flag || !strcmp(value, "no") ? NULL : "yes or no, not";
}

static const char *set_proxy(struct service *s, const char *value, size_t field)
{
	(void)field;
	s->proxy = !strcmp(value, "v2");
	return s->proxy || !strcmp(value, "no") ? NULL : "v2 or no, not";
}

/* "h2, http/1.1" as on the wire: each with its length before it. */
static const char *set_alpn(struct service *s, const char *value, size_t field)
{
	size_t size;

	(void)field;
	s->alpn_size = 0;
	while (*value) {
		size = strcspn(value, ", ");
		if (size > 255 || s->alpn_size + 1 + size > sizeof(s->alpn))
			return "too long:";
		if (size) {
			s->alpn[s->alpn_size++] = (unsigned char)size;
			memcpy(s->alpn + s->alpn_size, value, size);
			s->alpn_size += (unsigned int)size;
		}
		value += size;
		value += strspn(value, ", ");
	}
	return s->alpn_size ? NULL : "no protocol";
}

static const char *set_version(struct service *s, const char *value, size_t field)
{
	(void)field;
	s->min_version = !strcmp(value, "1.3") ? 13 : !strcmp(value, "1.2") ? 12 : 0;
	return s->min_version ? NULL : "min_version is 1.2 or 1.3, not";
}

static const char *parse_number(const char *value, unsigned int *number)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (!isdigit((unsigned char)*value) || *end || n > 1000000)
		return "not a number up to 1000000:";
	*number = (unsigned int)n;
	return NULL;
}

static const char *set_number(struct service *s, const char *value, size_t field)
{
	return parse_number(value, field_of(s, field));
}

static const char *set_positive(struct service *s, const char *value, size_t field)
{
	unsigned int *number = field_of(s, field);
	const char *wrong = parse_number(value, number);

	return wrong ? wrong : *number ? NULL : "more than 0, not";
}

#define FIELD(name)	offsetof(struct service, name)
static const struct setting settings[] = {
	{ "mode", set_mode, 0 },
	{ "domain", set_domain, 0 },
	{ "listen", set_listen, 0 },
	{ "connect", set_connect, 0 },
	{ "cert", set_cert, 0 },
	{ "key", set_key, 0 },
	{ "ca", set_text, FIELD(ca) },
	{ "crl", set_text, FIELD(crl) },
	{ "verify", set_verify, 0 },
	{ "peer_name", set_peer_name, 0 },
	{ "servername", set_text, FIELD(servername) },
	{ "strict_sni", set_bool, FIELD(strict_sni) },
	{ "alpn", set_alpn, 0 },
	{ "ocsp_staple", set_text, FIELD(ocsp) },
	{ "min_version", set_version, 0 },
	{ "proxy_protocol", set_proxy, 0 },
	{ "max_connections", set_positive, FIELD(max_connections) },
	{ "max_handshakes", set_positive, FIELD(max_handshakes) },
	{ "handshake_timeout", set_positive, FIELD(handshake_timeout) },
	{ "idle_timeout", set_number, FIELD(idle_timeout) },
	{ NULL, NULL, 0 },
};

/* ---- what must fit together ---- */

static const char *check_server(const struct service *s)
{
	if (!s->cert_count)
		return "a server needs cert and key";
	if (s->servername)
		return "servername is for clients";
	if (s->verify > VERIFY_NONE && !s->ca)
		return "verify without ca";
	if (s->peer_name_count && s->verify != VERIFY_REQUIRED)
		return "peer_name without verify = required";
	if (!s->listen.is_unix)
		return NULL;
	return "a server listens on TCP";
}

static const char *check_client(const struct service *s)
{
	if (s->connect.is_unix)
		return "a client connects by TCP";
	if (s->strict_sni || s->ocsp || s->proxy)
		return "strict_sni, ocsp_staple and proxy_protocol are for servers";
	if (s->cert_count > 1)
		return "a client has one cert";
	if (s->verify == VERIFY_OPTIONAL)
		return "a client verifies (required) or does not (none)";
	if (s->verify != VERIFY_NONE && !s->ca)
		return "a client needs ca (or verify = none, which trusts anybody)";
	return NULL;
}

static const char *check_service(const struct service *s)
{
	if (!s->mode)
		return "mode is missing";
	if (!s->domain[0])
		return "domain is missing";
	if (!s->has_listen || !s->has_connect)
		return "listen or connect is missing";
	if (s->cert_count && !s->certs[s->cert_count - 1].key)
		return "cert without key";
	if (s->crl && !s->ca)
		return "crl without ca";
	return s->mode == MODE_SERVER ? check_server(s) : check_client(s);
}

static void end_service(struct reader *r)
{
	struct service *s = r->service;
	const char *wrong;

	r->service = NULL;
	if (!s)
		return;
	if (s->mode == MODE_CLIENT && s->verify == VERIFY_DEFAULT)
		s->verify = VERIFY_REQUIRED;
	wrong = check_service(s);
	if (wrong)
		complain(r, s->line, wrong, NULL);
}

/* ---- lines ---- */

struct service *config_find(const struct config *config, const char *name)
{
	unsigned int i;

	for (i = 0; i < config->count; i++)
		if (!strcmp(config->services[i]->name, name))
			return config->services[i];
	return NULL;
}

static bool name_valid(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return size && !name[size] && size < sizeof(((struct service *)0)->name);
}

static void begin_section(struct reader *r, char *name)
{
	struct service *s;

	end_service(r);
	r->global = !strcmp(name, "global");
	if (r->global)
		return;
	if (!name_valid(name) || config_find(r->config, name)) {
		complain(r, r->line, "no name for a service, or used already:", name);
		return;
	}
	if (r->config->count == CONFIG_SERVICES) {
		complain(r, r->line, "too many services", NULL);
		return;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		complain(r, r->line, "out of memory", NULL);
		return;
	}
	strcpy(s->name, name);
	s->line = r->line;
	s->min_version = 13;
	s->max_connections = 1000;
	s->max_handshakes = 64;
	s->handshake_timeout = 10;
	s->idle_timeout = 3600;
	r->config->services[r->config->count++] = s;
	r->service = s;
}

static void read_setting(struct reader *r, const char *name, const char *value)
{
	const struct setting *setting;
	const char *wrong = "unknown setting";
	const char *about = name;

	if (!*value) {
		complain(r, r->line, "no value for", name);
		return;
	}
	if (r->global && !strcmp(name, "drain_timeout")) {
		about = value;
		wrong = parse_number(value, &r->config->drain_timeout);
	} else if (r->service) {
		for (setting = settings; setting->name; setting++) {
			if (strcmp(setting->name, name))
				continue;
			about = value;
			wrong = setting->set(r->service, value, setting->field);
			break;
		}
	} else if (!r->global) {
		wrong = "a setting without a section before it:";
	}
	if (wrong)
		complain(r, r->line, wrong, about);
}

static char *strip(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t\r\n");
}

static void read_line(struct reader *r, char *text)
{
	char *equals, *line = strip(text);
	size_t size = strlen(line);

	if (!size || *line == '#' || *line == ';')
		return;
	if (*line == '[' && line[size - 1] == ']') {
		line[size - 1] = '\0';
		begin_section(r, strip(line + 1));
		return;
	}
	equals = strchr(line, '=');
	if (!equals) {
		complain(r, r->line, "neither [SERVICE] nor NAME = VALUE:", line);
		return;
	}
	*equals = '\0';
	read_setting(r, strip(line), strip(equals + 1));
}

struct config *config_read(const char *path)
{
	struct reader r = { .path = path };
	char *line = NULL;
	size_t room = 0;
	FILE *file = fopen(path, "re");

	if (!file) {
		log_line(LOG_ERR, NULL, "cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	r.config = calloc(1, sizeof(*r.config));
	if (!r.config) {
		fclose(file);
		return NULL;
	}
	r.config->drain_timeout = 60;
	while (getline(&line, &room, file) >= 0) {
		r.line++;
		read_line(&r, line);
	}
	if (ferror(file))
		complain(&r, r.line, "cannot be read", NULL);
	free(line);
	fclose(file);
	end_service(&r);
	if (!r.failed && !r.config->count)
		complain(&r, r.line, "no service", NULL);
	if (!r.failed)
		return r.config;
	config_free(r.config);
	return NULL;
}

static void free_service(struct service *s)
{
	unsigned int i;

	tls_context_free(s->tls);
	for (i = 0; i < s->cert_count; i++) {
		free(s->certs[i].cert);
		free(s->certs[i].key);
	}
	for (i = 0; i < s->peer_name_count; i++)
		free(s->peer_names[i]);
	free(s->ca);
	free(s->crl);
	free(s->ocsp);
	free(s->servername);
	free(s);
}

void config_free(struct config *config)
{
	unsigned int i;

	for (i = 0; config && i < config->count; i++)
		free_service(config->services[i]);
	free(config);
}
