// SPDX-License-Identifier: GPL-2.0-only
/* The files that a verdict rests on: reference, signatures, evidence, nonce. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../fw/field.h"
#include "../fw/signature.h"
#include "fw_check.h"

#define PATH_ROOM	4096
#define TRUST		"/etc/protkey/fw.trust"

int fw_buffer_load(const char *path, size_t max, struct fw_buffer *to)
{
	void *data = NULL;
	int ret = file_load(path, max, &data, &to->size);

	to->data = data;
	if (ret)
		to->size = 0;
	return ret;
}

static int parse(const char *path, const struct fw_buffer *text,
		 struct fw_reference *ref)
{
	char why[FW_WHY];
	int ret = fw_reference_parse((const char *)text->data, text->size, ref,
				     why);

	if (!ret)
		return EXIT_OK;
	return fail(EXIT_FW_REFERENCE, "%s: no reference that can be used: %s",
		    path, ret == -ENOMEM ? strerror(ENOMEM) : why);
}

static int in_time(const char *path, struct fw_reference *ref)
{
	char text[TIME_ROOM];

	if (!ref->not_after || (uint64_t)time(NULL) <= ref->not_after)
		return EXIT_OK;
	time_text(ref->not_after, text);
	fw_reference_free(ref);
	return fail(EXIT_FW_REFERENCE, "%s: the reference was good until %s: get a newer one, or `protkey fw reference set --not-after` and sign",
		    path, text);
}

/* Takes @data over into @content, or its signed part. */
static int check_signatures(const struct fw_conf *conf, struct fw_buffer *data,
			    const struct fw_buffer *cms,
			    struct fw_buffer *content)
{
	const char *dir = conf->trust ? conf->trust : TRUST;
	unsigned int threshold = conf->threshold ? conf->threshold : 1;
	struct fw_trust trust;
	char signers[256], why[160];
	int ret = fw_trust_load(dir, &trust, why);

	if (ret)
		return fail(EXIT_FW_REFERENCE, "%s: the certificates of who may sign cannot be used: %s (--trust DIR)",
			    dir, why);
	ret = fw_signature_check(data->data, data->size, cms->data, cms->size,
				 &trust, threshold, (uint64_t)time(NULL),
				 content, signers, why);
	fw_trust_free(&trust);
	if (!ret)
		return EXIT_OK;
	return fail(EXIT_FW_REFERENCE, "%s: refused: %s; signed by: %s; wanted: %u of those in %s",
		    conf->reference, *why ? why : strerror(-ret),
		    *signers ? signers : "nobody who is trusted", threshold, dir);
}

/* The detached signature; empty if there is none. */
static int load_signature(const struct fw_conf *conf, struct fw_buffer *cms)
{
	char path[PATH_ROOM];
	int ret;

	snprintf(path, sizeof(path), "%s%s", conf->signature ? conf->signature :
		 conf->reference, conf->signature ? "" : ".p7s");
	ret = fw_buffer_load(path, FW_CMS_MAX, cms);
	if (!ret || (ret == -ENOENT && !conf->signature))
		return EXIT_OK;
	return fail(EXIT_FW_REFERENCE, "%s: %s", path, strerror(-ret));
}

static int load_signed(const struct fw_conf *conf, struct fw_buffer *data,
		       struct fw_reference *ref)
{
	struct fw_buffer cms = { 0 }, content = { 0 };
	bool enveloping = fw_signature_is_cms(data->data, data->size);
	int status = enveloping ? EXIT_OK : load_signature(conf, &cms);

	if (status)
		return status;
	if (!enveloping && !cms.data) {
		if (!conf->unsigned_ok)
			return fail(EXIT_FW_REFERENCE, "%s: nobody has signed this reference: there is no %s.p7s (--unsigned takes it all the same)",
				    conf->reference, conf->reference);
		warn("%s IS NOT SIGNED: whoever can write it decides what is trusted",
		     conf->reference);
		return parse(conf->reference, data, ref);
	}
	status = check_signatures(conf, data, &cms, &content);
	if (!status)
		status = parse(conf->reference, &content, ref);
	free(content.data);
	free(cms.data);
	return status;
}

int fw_reference_load(const struct fw_conf *conf, struct fw_reference *ref)
{
	struct fw_buffer data;
	int ret, status;

	if (!conf->reference)
		return fail(EXIT_USAGE, "which reference? --reference FILE, or reference = FILE in " FW_CONF);
	ret = fw_buffer_load(conf->reference, FW_REFERENCE_MAX, &data);
	if (ret)
		return fail(EXIT_FW_REFERENCE, "%s: %s", conf->reference,
			    strerror(-ret));
	status = load_signed(conf, &data, ref);
	free(data.data);
	return status ? status : in_time(conf->reference, ref);
}

int fw_reference_edit(const char *path, struct fw_reference *ref)
{
	struct fw_buffer data;
	int status, ret = fw_buffer_load(path, FW_REFERENCE_MAX, &data);

	if (ret)
		return fail_errno(ret, path);
	if (fw_signature_is_cms(data.data, data.size))
		status = fail(EXIT_FW_REFERENCE, "%s: is signed CMS: take the reference out first (openssl cms -verify -noverify -inform DER -in %s -out FILE)",
			      path, path);
	else
		status = parse(path, &data, ref);
	free(data.data);
	return status;
}

int fw_reference_save(const char *path, struct fw_reference *ref)
{
	char p7s[PATH_ROOM];
	int status;

	ref->serial++;
	status = json_write(path, fw_reference_json(ref), JSON_C_TO_STRING_PRETTY);
	if (status)
		return status;
	snprintf(p7s, sizeof(p7s), "%s.p7s", path);
	if (!unlink(p7s))
		warn("the signatures in %s were of the reference before this change, and are removed: sign again",
		     p7s);
	return EXIT_OK;
}

int fw_evidence_read(const char *name, const struct fw_buffer *text,
		     struct fw_evidence *ev)
{
	char why[160] = "";
	int ret = fw_evidence_parse((const char *)text->data, text->size, ev,
				    why);

	if (!ret) {
		fw_tame(ev->host);
		fw_tame(ev->machine_id);
		fw_tame(ev->boot_id);
		fw_tame(ev->kernel);
		fw_tame(ev->missing);
		return EXIT_OK;
	}
	return fail(exit_code_of(ret), "%s: no evidence that can be read: %s",
		    name, *why ? why : strerror(-ret));
}

int fw_evidence_load(const char *path, struct fw_evidence *ev)
{
	struct fw_buffer text;
	int status, ret = fw_buffer_load(path, FW_EVIDENCE_MAX, &text);

	if (ret)
		return fail_errno(ret, path);
	status = fw_evidence_read(path, &text, ev);
	free(text.data);
	return status;
}

int fw_nonce_load(const char *path, uint8_t nonce[FW_NONCE_SIZE])
{
	char text[2 * FW_NONCE_SIZE + 2];
	size_t size;
	int ret = file_read(path, text, sizeof(text) - 1, &size);

	if (ret)
		return fail_errno(ret, path);
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!fw_hex_decode(text, nonce, FW_NONCE_SIZE))
		return fail(EXIT_USAGE, "%s: no nonce of %d bytes in hex", path,
			    FW_NONCE_SIZE);
	return EXIT_OK;
}
