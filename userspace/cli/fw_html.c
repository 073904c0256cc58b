// SPDX-License-Identifier: GPL-2.0-only
/* A judgement as one HTML file: no script, nothing that is loaded. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw_check.h"

static const char style[] =
	"body{font-family:sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
	"table{border-collapse:collapse;width:100%}"
	"td,th{text-align:left;vertical-align:top;padding:.3em .6em;"
	"border-bottom:1px solid #ccc;overflow-wrap:anywhere}"
	".trusted{color:#075}.unknown-component,.no-evidence{color:#840}"
	".log-fault,.tampered{color:#b00;font-weight:bold}"
	"@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}"
	".trusted{color:#5d9}.unknown-component,.no-evidence{color:#fb5}"
	".log-fault,.tampered{color:#f77}}";

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			/* what is no ASCII is the machine's own say: not needed */
			fputc(*text < ' ' || *text > '~' ? '?' : *text, out);
		}
	}
}

static void put_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	put_escaped(out, text ? text : "");
	fputs("</td>", out);
}

static void put_row(FILE *out, const char *name, const char *value)
{
	fprintf(out, "<tr><th>%s</th>", name);
	put_cell(out, value);
	fputs("</tr>\n", out);
}

static void put_findings(FILE *out, const struct fw_judgement *of, bool good)
{
	size_t i;

	for (i = 0; i < of->count; i++) {
		const struct fw_finding *finding = &of->list[i];
		enum fw_verdict verdict = fw_kind_verdict(finding->kind);

		if ((verdict == FW_TRUSTED) != good)
			continue;
		fprintf(out, "<tr class=\"%s\">", fw_verdict_word(verdict));
		put_cell(out, finding->subject);
		put_cell(out, finding->kind == FW_NOT_JUDGED ? "not judged" :
			 fw_verdict_name(verdict));
		put_cell(out, finding->what);
		if (!good) {
			put_cell(out, fw_kind_meaning(finding->kind));
			put_cell(out, fw_kind_advice(finding->kind));
		}
		fputs("</tr>\n", out);
	}
}

static void put_head(FILE *out, const struct fw_evidence *ev,
		     const struct fw_reference *ref,
		     const struct fw_judgement *of)
{
	char text[TIME_ROOM], serial[24];

	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
		"<meta name=\"viewport\" content=\"width=device-width\">"
		"<title>Boot of ");
	put_escaped(out, ev->host);
	fprintf(out, "</title><style>%s</style></head><body>\n<h1>Boot of ",
		style);
	put_escaped(out, ev->host);
	fprintf(out, ": <span class=\"%s\">%s</span></h1>\n<table>\n",
		fw_verdict_word(of->verdict), fw_verdict_name(of->verdict));
	snprintf(serial, sizeof(serial), "%llu",
		 (unsigned long long)ref->serial);
	put_row(out, "Machine", ev->machine_id);
	put_row(out, "Enrolled as", of->machine ? of->machine->host : "-");
	put_row(out, "Kernel", ev->kernel);
	put_row(out, "Measured (its own clock)", time_text(ev->time, text));
	put_row(out, "Reference", ref->name);
	put_row(out, "Its serial number", serial);
	fputs("</table>\n", out);
}

int fw_report_html(const char *path, const struct fw_evidence *ev,
		   const struct fw_reference *ref,
		   const struct fw_judgement *of)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret;

	if (!out)
		return fail_errno(-ENOMEM, path);
	put_head(out, ev, ref, of);
	if (of->verdict != FW_TRUSTED) {
		fputs("<h2>What is wrong</h2>\n<table>\n<tr><th>What</th><th>Verdict</th><th>Found</th><th>It means</th><th>What to do</th></tr>\n",
		      out);
		put_findings(out, of, false);
		fputs("</table>\n", out);
	}
	fputs("<h2>What is as it should be</h2>\n<table>\n<tr><th>What</th><th>Verdict</th><th>Found</th></tr>\n",
	      out);
	put_findings(out, of, true);
	fputs("</table>\n</body></html>\n", out);
	ret = fclose(out) ? -ENOMEM : file_replace(path, text, size, 0644);
	free(text);
	return ret ? fail_errno(ret, path) : EXIT_OK;
}
