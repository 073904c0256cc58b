// SPDX-License-Identifier: GPL-2.0-only
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <unordered_map>

#include "ledger.h"
#include "verify.h"

namespace ledger {

namespace {

constexpr uint64_t max_told = 10;

class Verifier {
public:
	explicit Verifier(const std::string &dir) : dir(dir) {}
	Verdict run();

private:
	void mismatch(const std::string &what);
	void check_blocks();
	void check_block(const std::string &bytes, const Location &where);
	void check_index(const BlockView &block, const Location &where);
	void check_states();
	void check_state(const std::string &key, const std::string &value);
	void expect(leveldb::DB &database, const std::string &key,
		    const std::string &value, const std::string &what);
	std::unique_ptr<leveldb::DB> open(const std::string &name);

	std::string dir;
	Verdict verdict;
	uint64_t next_number = 0;
	std::unique_ptr<leveldb::DB> index;
	/* what the state must be, by the blocks */
	std::unordered_map<std::string, std::string> replayed;
};

void Verifier::mismatch(const std::string &what)
{
	if (verdict.mismatches++ < max_told)
		fprintf(stderr, "pk-ledger: %s\n", what.c_str());
}

std::unique_ptr<leveldb::DB> Verifier::open(const std::string &name)
{
	try {
		return open_database(dir + "/" + name, false);
	} catch (const std::runtime_error &error) {
		mismatch(name + " database: " + error.what());
		return nullptr;
	}
}

void Verifier::expect(leveldb::DB &database, const std::string &key,
		      const std::string &value, const std::string &what)
{
	leveldb::ReadOptions options;
	std::string got;

	options.verify_checksums = true;
	leveldb::Status status = database.Get(options, key, &got);
	if (!status.ok())
		mismatch(what + ": " + status.ToString());
	else if (got != value)
		mismatch(what + " differs");
}

static std::string encode_number(uint64_t number)
{
	std::string value;

	put_integer(value, number, 8);
	return value;
}

void Verifier::check_index(const BlockView &block, const Location &where)
{
	std::string name = "index of block " + std::to_string(block.number);

	if (!index)
		return;
	expect(*index, index_key(block.number), encode_location(where), name);
	expect(*index, hash_key(block.hash()), encode_number(block.number), name);
}

void Verifier::check_block(const std::string &bytes, const Location &where)
{
	BlockView block(bytes);
	std::string name = "block " + std::to_string(next_number);
	uint64_t before = verdict.mismatches;

	if (block.number != next_number)
		mismatch(name + " has another number");
	if (block.prev_hash != verdict.head)
		mismatch(name + " does not continue the chain");
	if (!block.data_is_intact())
		mismatch(name + ": data do not match their hash");
	check_index(block, where);
	verdict.transactions += block.each_write(
		[&](uint32_t tx, std::string_view key, std::string_view value) {
			replayed[state_key(key)] = encode_state(block.number, tx, value);
		});
	verdict.head = block.hash();
	verdict.blocks += verdict.mismatches == before;
}

void Verifier::check_blocks()
{
	BlockReader reader(dir + "/chains");
	std::string bytes;

	reader.seek(0, 0);
	for (; reader.next(bytes); next_number++) {
		verdict.bytes += bytes.size() + 4;
		try {
			check_block(bytes, reader.location());
		} catch (const std::out_of_range &error) {
			mismatch("block " + std::to_string(next_number) + ": " + error.what());
		}
	}
	if (!reader.at_end())
		mismatch("block " + std::to_string(next_number) + " is not whole");
	if (index)
		expect(*index, height_key, encode_number(next_number), "height of the index");
}

void Verifier::check_state(const std::string &key, const std::string &value)
{
	auto entry = replayed.find(key);

	if (entry == replayed.end()) {
		mismatch("state " + key.substr(1) + " is in no block");
		return;
	}
	if (entry->second == value)
		verdict.states++;
	else
		mismatch("state " + key.substr(1) + " differs from the blocks");
	replayed.erase(entry);
}

void Verifier::check_states()
{
	std::unique_ptr<leveldb::DB> state = open("state");
	leveldb::ReadOptions options;

	if (!state)
		return;
	options.verify_checksums = true;
	options.fill_cache = false;
	std::unique_ptr<leveldb::Iterator> entry(state->NewIterator(options));
	for (entry->Seek("s"); entry->Valid(); entry->Next())
		check_state(entry->key().ToString(), entry->value().ToString());
	if (!entry->status().ok())
		mismatch("state database: " + entry->status().ToString());
	for (const auto &missing : replayed)
		mismatch("state " + missing.first.substr(1) + " is missing");
	expect(*state, height_key, encode_number(next_number), "height of the state");
}

Verdict Verifier::run()
{
	index = open("index");
	check_blocks();
	check_states();
	return verdict;
}

} /* namespace */

Verdict verify(const std::string &dir) { return Verifier(dir).run(); }

} /* namespace ledger */
