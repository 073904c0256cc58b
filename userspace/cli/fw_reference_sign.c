// SPDX-License-Identifier: GPL-2.0-only
/* protkey fw reference sign, verify */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fw/signature.h"
#include "fw_check.h"

#define PATH_ROOM	4096

static int sign(const char *path, const char *to, const char *key,
		const char *cert)
{
	struct fw_buffer text = { 0 }, cms = { 0 };
	char why[160] = "";
	int ret = fw_buffer_load(path, FW_REFERENCE_MAX, &text);

	if (ret)
		return fail_errno(ret, path);
	ret = fw_buffer_load(to, FW_CMS_MAX, &cms);
	if (ret && ret != -ENOENT) {
		free(text.data);
		return fail_errno(ret, to);
	}
	ret = fw_signature_add(text.data, text.size, &cms, key, cert, why);
	if (!ret)
		ret = file_replace(to, cms.data, cms.size, 0644);
	free(text.data);
	free(cms.data);
	if (ret)
		return fail(exit_code_of(ret), "%s: not signed: %s", path,
			    *why ? why : strerror(-ret));
	printf("%s: signed\n", to);
	return EXIT_OK;
}

int cmd_fw_reference_sign(const struct command *cmd, int argc, char **argv)
{
	const char *key = NULL, *cert = NULL, *out = NULL;
	const struct opt table[] = {
		{ "key", 0, OPT_TEXT, &key, "FILE", "private key (PEM, DER)" },
		{ "cert", 0, OPT_TEXT, &cert, "FILE", "its certificate" },
		{ "out", 'o', OPT_TEXT, &out, "FILE",
		  "the signatures' file, if not FILE.p7s" },
		{ 0 }
	};
	struct fw_reference ref;
	char p7s[PATH_ROOM];
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	if (!key || !cert)
		return fail(EXIT_USAGE, "who signs? --key FILE --cert FILE");
	/* nobody should sign what no checker will take */
	status = fw_reference_edit(argv[0], &ref);
	if (status)
		return status;
	fw_reference_free(&ref);
	snprintf(p7s, sizeof(p7s), "%s.p7s", argv[0]);
	return sign(argv[0], out ? out : p7s, key, cert);
}

int cmd_fw_reference_verify(const struct command *cmd, int argc, char **argv)
{
	struct fw_history history = { -1, -1 };
	struct fw_conf conf = { 0 };
	const struct opt table[] = {
		{ "signature", 0, OPT_TEXT, &conf.signature, "FILE",
		  "the signatures' file, if not FILE.p7s" },
		{ "trust", 0, OPT_TEXT, &conf.trust, "DIR",
		  "certificates of who may sign (/etc/protkey/fw.trust)" },
		{ "threshold", 0, OPT_NUMBER, &conf.threshold, "M",
		  "how many of them must have signed (1)" },
		{ "state", 0, OPT_TEXT, &conf.state, "DIR",
		  "refuses one older than it has seen" },
		{ 0 }
	};
	struct fw_reference ref;
	int status = args_parse(cmd, table, &argc, argv, 1, 1);

	if (status != ARGS_GO)
		return status;
	conf.reference = argv[0];
	status = fw_reference_load(&conf, &ref);
	if (status)
		return status;
	status = fw_history_open(conf.state, &history);
	if (!status)
		status = fw_history_reference(&history, &ref);
	fw_history_close(&history);
	if (!status)
		printf("%s: '%s', serial number %llu: signed by enough\n",
		       argv[0], ref.name, (unsigned long long)ref.serial);
	fw_reference_free(&ref);
	return status;
}
