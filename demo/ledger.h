/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger: block files, and beside them two LevelDB databases as Fabric has
 * them, the block index (number -> location, hash -> number) and the state
 * (key -> version, value). A block is committed when it is in all three, each
 * synced. Block files lead: what the databases lack is replayed at open.
 */
#ifndef PK_LEDGER_LEDGER_H
#define PK_LEDGER_LEDGER_H

#include <leveldb/db.h>

#include <memory>
#include <string>

#include "block.h"
#include "blockfile.h"

namespace ledger {

/* How keys and values of the databases look. */
std::string index_key(uint64_t number);
std::string hash_key(const Hash &hash);
std::string encode_location(const Location &location);
std::string state_key(std::string_view key);
std::string encode_state(uint64_t block, uint32_t tx, std::string_view value);
extern const std::string height_key;	/* in both: number of blocks in it */

std::unique_ptr<leveldb::DB> open_database(const std::string &dir, bool create);

class Ledger {
public:
	/* Makes the ledger if there is none. Throws std::runtime_error. */
	explicit Ledger(const std::string &dir);

	uint64_t height() const { return blocks; }
	const Hash &head() const { return last_hash; }
	/* @block's number and prev_hash are filled in. Bytes in the file. */
	uint64_t append(Block &block);
	/*
	 * A block that another peer has: throws std::runtime_error if it does not
	 * continue this chain or is not intact.
	 */
	uint64_t append_received(std::string_view bytes);

private:
	void recover();
	uint64_t commit_block(const BlockView &block, std::string_view bytes);
	void index_block(const BlockView &block, const Location &where);
	void apply_block(const BlockView &block);

	BlockWriter writer;
	std::string dir;
	std::unique_ptr<leveldb::DB> index, state;
	uint64_t blocks = 0;
	Hash last_hash{};
};

} /* namespace ledger */

#endif
