/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Append-only block files, as Fabric keeps them: blockfile_000000, ..., each a
 * row of {u32 length, block}, a new file where the next block would not fit.
 */
#ifndef PK_LEDGER_BLOCKFILE_H
#define PK_LEDGER_BLOCKFILE_H

#include <cstdint>
#include <string>
#include <string_view>

namespace ledger {

constexpr uint64_t block_file_size = 16 << 20;
constexpr uint32_t block_size_max = 8 << 20;

struct Location {
	uint32_t file = 0;
	uint64_t offset = 0;	/* of the length field */
	uint32_t length = 0;	/* of the block */

	uint64_t end() const { return offset + 4 + length; }
	bool operator==(const Location &other) const
	{
		return file == other.file && offset == other.offset &&
		       length == other.length;
	}
};

std::string block_file_name(const std::string &dir, uint32_t file);

/* Reads one block after another, from any location on. */
class BlockReader {
public:
	explicit BlockReader(const std::string &dir) : dir(dir) {}
	BlockReader(const BlockReader &) = delete;
	BlockReader &operator=(const BlockReader &) = delete;
	~BlockReader();

	void seek(uint32_t file, uint64_t offset);
	/*
	 * False at the end of the last file and at a block that is not whole;
	 * at_end() tells these apart.
	 */
	bool next(std::string &block);
	bool at_end() const;
	/* Of the last block read; or, after a false, where reading stopped. */
	const Location &location() const { return here; }

private:
	bool open_file(uint32_t file);
	void close_file();

	std::string dir;
	int fd = -1;
	uint64_t size = 0;	/* of the open file */
	uint64_t position = 0;
	uint32_t file = 0;
	Location here;
};

/* Appends; on return from append() the block is on the disk. */
class BlockWriter {
public:
	explicit BlockWriter(const std::string &dir) : dir(dir) {}
	BlockWriter(const BlockWriter &) = delete;
	BlockWriter &operator=(const BlockWriter &) = delete;
	~BlockWriter();

	/* Go on there; what follows, a block that was cut short, is cut off. */
	void start(uint32_t file, uint64_t offset);
	Location append(std::string_view block);

private:
	void open_file();
	void close_file();

	std::string dir;
	int fd = -1;
	uint32_t file = 0;
	uint64_t position = 0;
};

} /* namespace ledger */

#endif
