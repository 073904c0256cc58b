// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "block.h"
#include "blockfile.h"

namespace ledger {

[[noreturn]] static void fail(const std::string &what)
{
	throw std::system_error(errno, std::generic_category(), what);
}

std::string block_file_name(const std::string &dir, uint32_t file)
{
	char name[32];

	snprintf(name, sizeof(name), "/blockfile_%06u", file);
	return dir + name;
}

static bool read_all(int fd, char *data, size_t size, uint64_t offset)
{
	while (size) {
		ssize_t got = pread(fd, data, size, static_cast<off_t>(offset));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fail("cannot read a block file");
		if (got == 0)
			return false;
		data += got;
		size -= static_cast<size_t>(got);
		offset += static_cast<uint64_t>(got);
	}
	return true;
}

BlockReader::~BlockReader() { close_file(); }

void BlockReader::close_file()
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}

bool BlockReader::open_file(uint32_t number)
{
	std::string name = block_file_name(dir, number);
	struct stat st;
	int opened = open(name.c_str(), O_RDONLY | O_CLOEXEC);

	if (opened < 0 && errno == ENOENT)
		return false;
	if (opened < 0 || fstat(opened, &st))
		fail(name);
	close_file();
	fd = opened;
	file = number;
	size = static_cast<uint64_t>(st.st_size);
	position = 0;
	return true;
}

void BlockReader::seek(uint32_t number, uint64_t offset)
{
	file = number;
	close_file();
	if (open_file(number))
		position = offset;
	here = { file, position, 0 };
}

bool BlockReader::at_end() const { return fd < 0 || position == size; }

bool BlockReader::next(std::string &block)
{
	char prefix[4];
	uint64_t length;

	if (fd < 0 && !open_file(file))
		return false;
	while (position == size)
		if (!open_file(file + 1))
			return false;
	here = { file, position, 0 };
	if (size - position < 4 || !read_all(fd, prefix, 4, position))
		return false;
	std::string_view view(prefix, 4);
	length = take_integer(view, 4);
	if (length > block_size_max || length > size - position - 4)
		return false;
	block.resize(length);
	if (!read_all(fd, block.data(), length, position + 4))
		return false;
	here.length = static_cast<uint32_t>(length);
	position = here.end();
	return true;
}

BlockWriter::~BlockWriter() { close_file(); }

void BlockWriter::close_file()
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}

/* The directory entry must last, too. */
void BlockWriter::open_file()
{
	std::string name = block_file_name(dir, file);
	int parent;

	close_file();
	fd = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(name);
	parent = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || fsync(parent))
		fail(dir);
	close(parent);
}

void BlockWriter::start(uint32_t number, uint64_t offset)
{
	file = number;
	position = offset;
	open_file();
	if (ftruncate(fd, static_cast<off_t>(offset)) || fsync(fd))
		fail("cannot cut a block file");
}

static void write_all(int fd, std::string_view bytes, uint64_t offset)
{
	while (!bytes.empty()) {
		ssize_t done = pwrite(fd, bytes.data(), bytes.size(),
				      static_cast<off_t>(offset));

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			fail("cannot write a block file");
		bytes.remove_prefix(static_cast<size_t>(done));
		offset += static_cast<uint64_t>(done);
	}
}

Location BlockWriter::append(std::string_view block)
{
	std::string bytes;
	Location where;

	if (position && position + 4 + block.size() > block_file_size) {
		file++;
		position = 0;
		open_file();
	}
	put_integer(bytes, block.size(), 4);
	bytes += block;
	write_all(fd, bytes, position);
	if (fdatasync(fd))
		fail("cannot sync a block file");
	where = { file, position, static_cast<uint32_t>(block.size()) };
	position = where.end();
	return where;
}

} /* namespace ledger */
