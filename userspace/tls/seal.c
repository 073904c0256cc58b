// SPDX-License-Identifier: GPL-2.0-only
/* protkey-tlsd seal-key: a private key for a domain. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <protkey/protkey.h>

#include "../cli/cli.h"		/* file_read, file_write_new */
#include "log.h"
#include "seal.h"
#include "sealed_key.h"
#include "secretmem.h"

struct job {
	const char *domain, *in, *out, *csr, *subject;
	int node;
	unsigned char file[SEALED_KEY_FILE_MAX];
	size_t file_size;
	bool done;
};

static bool bad(const char *what, const char *why)
{
	log_line(LOG_ERR, NULL, "%s: %s", what, why);
	return false;
}

static EVP_PKEY *read_key(const char *path)
{
	char *file = secretmem_alloc(SEALED_KEY_FILE_MAX);
	EVP_PKEY *key = NULL;
	size_t size;
	BIO *bio;
	int ret = file ? file_read(path, file, SEALED_KEY_FILE_MAX, &size) : -ENOMEM;

	if (ret) {
		bad(path, strerror(-ret));
	} else {
		bio = BIO_new_mem_buf(file, (int)size);
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");
		BIO_free(bio);
		if (!key)
			bad(path, "no private key in PEM without a passphrase");
	}
	secretmem_free(file);
	return key;
}

/* As a subject alternative name: common names count no more. */
static bool add_name(X509_REQ *req, const char *name)
{
	char value[300];
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	X509_EXTENSION *extension;
	bool ok;

	snprintf(value, sizeof(value), "DNS:%s", name);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	ok = list && extension && sk_X509_EXTENSION_push(list, extension) &&
	     X509_REQ_add_extensions(req, list);
	if (!list || !sk_X509_EXTENSION_num(list))
		X509_EXTENSION_free(extension);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return ok;
}

static bool write_request(const struct job *job, EVP_PKEY *key)
{
	X509_REQ *req = X509_REQ_new();
	X509_NAME *name = X509_NAME_new();
	FILE *file = fopen(job->csr, "wxe");
	bool ok = req && name && file &&
		X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
					   (const unsigned char *)job->subject, -1, -1, 0) &&
		X509_REQ_set_subject_name(req, name) && add_name(req, job->subject) &&
		X509_REQ_set_pubkey(req, key) &&
		X509_REQ_sign(req, key, EVP_sha256()) && PEM_write_X509_REQ(file, req);

	X509_REQ_free(req);
	X509_NAME_free(name);
	if (file && fclose(file))
		ok = false;
	return ok || bad(job->csr, "cannot write a request (is it there already?)");
}

static bool seal(struct job *job, EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
	int ret = -ENOMEM;

	if (size > 0)
		ret = sealed_key_make(job->node, der, (size_t)size, job->file,
				      &job->file_size);
	OPENSSL_clear_free(der, size > 0 ? (size_t)size : 0);
	PKCS8_PRIV_KEY_INFO_free(info);
	return !ret || bad(job->domain, ret == -ENOKEY ? "the domain is locked" :
			   strerror(-ret));
}

static void run(void *arg)
{
	struct job *job = arg;
	EVP_PKEY *key = job->in ? read_key(job->in) : EVP_EC_gen("P-256");

	if (!key && !job->in)
		bad("P-256", "no key was made");
	job->done = key && seal(job, key) && (job->in || write_request(job, key));
	EVP_PKEY_free(key);
}

static int usage(void)
{
	fputs("usage: protkey-tlsd seal-key --domain DOMAIN --in KEY.pem --out FILE\n"
	      "       protkey-tlsd seal-key --domain DOMAIN --generate NAME --csr FILE "
	      "--out FILE\n", stderr);
	return 2;
}

static bool open_domain(struct job *job)
{
	job->node = protkey_domain_open(job->domain);
	if (job->node < 0)
		return bad(job->domain, job->node == -ENODEV ? "protkey.ko is not loaded" :
			   job->node == -ENOENT ? "no such domain is unlocked" :
			   strerror(-job->node));
	if (ioctl(job->node, PROTKEY_IOC_SESSION_OPEN))
		return bad(job->domain, errno == ENOKEY ? "the domain is locked" :
			   strerror(errno));
	return true;
}

static int make(struct job *job)
{
	int ret;

	if (!access(job->out, F_OK)) {
		bad(job->out, "is there already");
		return 1;
	}
	if (!open_domain(job))
		return 1;
	ret = secretmem_run(run, job);
	if (ret)
		bad("memory for secrets", strerror(-ret));
	if (!job->done)
		return 1;
	ret = file_write_new(job->out, job->file, job->file_size);
	if (!ret)
		return 0;
	bad(job->out, strerror(-ret));
	return 1;
}

int seal_key(int argc, char **argv)
{
	static const struct option options[] = {
		{ "domain", required_argument, NULL, 'd' },
		{ "in", required_argument, NULL, 'i' },
		{ "out", required_argument, NULL, 'o' },
		{ "generate", required_argument, NULL, 'g' },
		{ "csr", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	static struct job job;		/* too large for a stack */
	int c;

	while ((c = getopt_long(argc, argv, "d:i:o:", options, NULL)) >= 0) {
		switch (c) {
		case 'd': job.domain = optarg; break;
		case 'i': job.in = optarg; break;
		case 'o': job.out = optarg; break;
		case 'g': job.subject = optarg; break;
		case 'c': job.csr = optarg; break;
		default: return usage();
		}
	}
	if (optind != argc || !job.domain || !job.out || !job.in != !!job.subject ||
	    !job.subject != !job.csr)
		return usage();
	return make(&job);
}
