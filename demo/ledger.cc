// SPDX-License-Identifier: GPL-2.0-only
#include <leveldb/write_batch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "ledger.h"

namespace ledger {

/* Keys of states begin with 's', so nothing collides with it. */
const std::string height_key = "height";

/* Big-endian, so that the database is in order of blocks. */
std::string index_key(uint64_t number)
{
	std::string little, key = "n";

	put_integer(little, number, 8);
	return key.append(little.rbegin(), little.rend());
}

std::string hash_key(const Hash &hash)
{
	return "h" + std::string(hash.begin(), hash.end());
}

std::string encode_location(const Location &location)
{
	std::string value;

	put_integer(value, location.file, 4);
	put_integer(value, location.offset, 8);
	put_integer(value, location.length, 4);
	return value;
}

static Location decode_location(std::string_view value)
{
	Location location;

	location.file = static_cast<uint32_t>(take_integer(value, 4));
	location.offset = take_integer(value, 8);
	location.length = static_cast<uint32_t>(take_integer(value, 4));
	return location;
}

std::string state_key(std::string_view key) { return "s" + std::string(key); }

std::string encode_state(uint64_t block, uint32_t tx, std::string_view value)
{
	std::string entry;

	put_integer(entry, block, 8);
	put_integer(entry, tx, 4);
	return entry.append(value);
}

static std::string encode_height(uint64_t height)
{
	std::string value;

	put_integer(value, height, 8);
	return value;
}

static void check(const leveldb::Status &status)
{
	if (!status.ok())
		throw std::runtime_error(status.ToString());
}

std::unique_ptr<leveldb::DB> open_database(const std::string &dir, bool create)
{
	leveldb::Options options;
	leveldb::DB *database;

	options.create_if_missing = create;
	options.paranoid_checks = true;
	check(leveldb::DB::Open(options, dir, &database));
	return std::unique_ptr<leveldb::DB>(database);
}

static uint64_t height_of(leveldb::DB &database)
{
	std::string value;
	leveldb::Status status = database.Get({}, height_key, &value);

	if (status.IsNotFound())
		return 0;
	check(status);
	std::string_view view = value;
	return take_integer(view, 8);
}

static void commit(leveldb::DB &database, leveldb::WriteBatch &batch, uint64_t height)
{
	leveldb::WriteOptions options;

	options.sync = true;
	batch.Put(height_key, encode_height(height));
	check(database.Write(options, &batch));
}

static void make_directory(const std::string &dir)
{
	if (mkdir(dir.c_str(), 0700) && errno != EEXIST)
		throw std::system_error(errno, std::generic_category(), dir);
}

Ledger::Ledger(const std::string &dir) : writer(dir + "/chains"), dir(dir)
{
	make_directory(dir);
	make_directory(dir + "/chains");
	index = open_database(dir + "/index", true);
	state = open_database(dir + "/state", true);
	recover();
}

void Ledger::index_block(const BlockView &block, const Location &where)
{
	leveldb::WriteBatch batch;

	batch.Put(index_key(block.number), encode_location(where));
	batch.Put(hash_key(block.hash()), encode_height(block.number));
	commit(*index, batch, block.number + 1);
}

void Ledger::apply_block(const BlockView &block)
{
	leveldb::WriteBatch batch;

	block.each_write([&](uint32_t tx, std::string_view key, std::string_view value) {
		batch.Put(state_key(key), encode_state(block.number, tx, value));
	});
	commit(*state, batch, block.number + 1);
}

/*
 * A crash leaves the block files ahead of the databases by one block, or with
 * a last block that is not whole; that one was never acknowledged.
 */
void Ledger::recover()
{
	uint64_t indexed = height_of(*index), applied = height_of(*state);
	uint64_t common = std::min(indexed, applied);
	BlockReader reader(dir + "/chains");
	std::string bytes, value;
	Location end;

	if (common) {
		check(index->Get({}, index_key(common - 1), &value));
		end = decode_location(value);
		blocks = common - 1;
	}
	reader.seek(end.file, end.offset);
	end.length = 0;
	while (reader.next(bytes)) {
		BlockView block(bytes);

		if (block.number != blocks || !block.data_is_intact())
			throw std::runtime_error("the block files are damaged: run verify");
		if (block.number >= indexed)
			index_block(block, reader.location());
		if (block.number >= applied)
			apply_block(block);
		last_hash = block.hash();
		end = reader.location();
		blocks++;
	}
	if (blocks < std::max(indexed, applied))
		throw std::runtime_error("the block files are shorter than the databases");
	writer.start(end.file, blocks ? end.end() : 0);
}

uint64_t Ledger::append(Block &block)
{
	block.number = blocks;
	block.prev_hash = last_hash;
	std::string bytes = encode(block);

	return commit_block(BlockView(bytes), bytes);
}

uint64_t Ledger::append_received(std::string_view bytes)
{
	BlockView block(bytes);

	if (block.number != blocks || block.prev_hash != last_hash)
		throw std::runtime_error("the peer's block does not continue this chain");
	if (!block.data_is_intact())
		throw std::runtime_error("the peer's block is damaged");
	/* malformed data throw here, before anything is written */
	block.each_write([](uint32_t, std::string_view, std::string_view) {});
	return commit_block(block, bytes);
}

uint64_t Ledger::commit_block(const BlockView &block, std::string_view bytes)
{
	Location where = writer.append(bytes);

	index_block(block, where);
	apply_block(block);
	last_hash = block.hash();
	blocks++;
	return bytes.size() + 4;
}

} /* namespace ledger */
