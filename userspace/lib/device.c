// SPDX-License-Identifier: LGPL-2.1-or-later
/* Device nodes of the module. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

int pk_device_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

/* A node without its driver, or anything that is not a node, is no module. */
static int device_open(const char *path)
{
	struct stat st;
	int fd, err;

	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		if (errno == ENXIO)
			return -ENODEV;
		return errno == EPERM ? -EACCES : -errno;
	}
	if (fstat(fd, &st)) {
		err = -errno;
		goto err_close;
	}
	if (!S_ISCHR(st.st_mode)) {
		err = -ENODEV;
		goto err_close;
	}
	return fd;

err_close:
	close(fd);
	return err;
}

/* A node, with the log-in of a service. */
static int node_open(const char *path)
{
	int ret, fd = device_open(path);

	if (fd < 0)
		return fd;
	ret = pk_person_service(fd);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

PROTKEY_EXPORT int protkey_control_open(void)
{
	int fd = node_open(PROTKEY_NODES "/control");

	return fd == -ENOENT ? -ENODEV : fd;
}

PROTKEY_EXPORT int protkey_domain_open(const char *name)
{
	char path[sizeof(PROTKEY_NODES) + PROTKEY_NAME_SIZE + 1];
	int fd;

	if (!protkey_domain_name_valid(name))
		return -EINVAL;
	snprintf(path, sizeof(path), PROTKEY_NODES "/%s", name);
	fd = node_open(path);
	if (fd == -ENOENT && access(PROTKEY_NODES, F_OK))
		return -ENODEV;
	return fd;
}

PROTKEY_EXPORT int protkey_status_get(int control,
				      struct protkey_status *status)
{
	int ret;

	memset(status, 0, sizeof(*status));
	ret = pk_device_ioctl(control, PROTKEY_IOC_STATUS, status);
	if (ret)
		return ret;
	return status->abi == PROTKEY_ABI_VERSION ? 0 : -EPROTO;
}

PROTKEY_EXPORT int protkey_bench(int control, struct protkey_bench *bench)
{
	return pk_device_ioctl(control, PROTKEY_IOC_BENCH, bench);
}
