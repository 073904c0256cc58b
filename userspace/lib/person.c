// SPDX-License-Identifier: LGPL-2.1-or-later
/* Persons of a domain, and log-in. */
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "sealed.h"

static const struct pk_section_person *
find_person(const struct pk_sealed_header *header, unsigned int index)
{
	const struct pk_section *at = NULL;

	while ((at = pk_sealed_next(header, at)))
		if (le16toh(at->type) == PK_SECTION_PERSON && !index--)
			return (const void *)at;
	return NULL;
}

PROTKEY_EXPORT int protkey_state_person(const struct protkey_state *state,
					unsigned int index,
					struct protkey_person *person)
{
	const struct pk_sealed_header *header;
	const struct pk_section_person *section;
	int ret = state->data ? pk_sealed_parse(state->data, state->size, &header) :
			       -EBADMSG;

	if (ret)
		return ret;
	section = find_person(header, index);
	if (!section)
		return -ENOENT;
	memcpy(person->name, section->name, sizeof(person->name));
	person->roles = le32toh(section->roles);
	person->factor = section->factor;
	person->digits = section->digits;
	pk_seal_params_read(&section->params, &person->params);
	return 0;
}

PROTKEY_EXPORT int protkey_person_set(int domain, struct protkey_person_set *set)
{
	return pk_device_ioctl(domain, PROTKEY_IOC_PERSON_SET, set);
}

PROTKEY_EXPORT int protkey_person_remove(int domain, const char *name,
					 unsigned int slot, const __u8 *kek)
{
	struct protkey_person_remove *remove;
	int ret;

	if (!protkey_domain_name_valid(name))
		return -EINVAL;
	remove = protkey_secret_alloc(sizeof(*remove));
	if (!remove)
		return -errno;
	memcpy(remove->name, name, strlen(name));
	remove->slot = slot;
	if (kek)
		memcpy(remove->kek, kek, sizeof(remove->kek));
	ret = pk_device_ioctl(domain, PROTKEY_IOC_PERSON_REMOVE, remove);
	protkey_secret_free(remove, sizeof(*remove));
	return ret;
}

PROTKEY_EXPORT int protkey_person_login(int node, const char *name,
					const __u8 *credential, __u32 code,
					unsigned int *wait)
{
	struct protkey_person_login *login;
	int ret;

	if (!protkey_domain_name_valid(name))
		return -EINVAL;
	login = protkey_secret_alloc(sizeof(*login));
	if (!login)
		return -errno;
	memcpy(login->name, name, strlen(name));
	memcpy(login->credential, credential, sizeof(login->credential));
	login->code = code;
	ret = pk_device_ioctl(node, PROTKEY_IOC_PERSON_LOGIN, login);
	if (wait)
		*wait = login->wait;
	protkey_secret_free(login, sizeof(*login));
	return ret;
}

PROTKEY_EXPORT int protkey_person_agree(int domain)
{
	return pk_device_ioctl(domain, PROTKEY_IOC_PERSON_AGREE, NULL);
}

/* ---- a service -------------------------------------------------------------- */

static int read_credential(const char *path, __u8 *credential)
{
	int ret, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ret = pk_io_read_all(fd, credential, PROTKEY_CREDENTIAL_SIZE);
	close(fd);
	return ret;
}

int pk_person_service(int node)
{
	const char *name = secure_getenv("PROTKEY_AS");
	const char *path = secure_getenv("PROTKEY_CREDENTIAL");
	__u8 *credential;
	int ret;

	if (!name || !path || !*name || !*path)
		return 0;
	credential = protkey_secret_alloc(PROTKEY_CREDENTIAL_SIZE);
	if (!credential)
		return -errno;
	ret = read_credential(path, credential);
	/* of another domain, or a locked one: what wants a log-in will say so */
	if (!ret)
		protkey_person_login(node, name, credential, 0, NULL);
	protkey_secret_free(credential, PROTKEY_CREDENTIAL_SIZE);
	return ret ? -EACCES : 0;
}
