// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-ledger: writes and verifies a ledger on disk with the storage of
 * Hyperledger Fabric, as a real load for a protkey volume.
 */
#include <getopt.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "ledger.h"
#include "peer.h"
#include "verify.h"

namespace {

const char usage[] =
"usage: pk-ledger write --dir DIR --mib N [--seed N] [--progress] [--json]\n"
"       pk-ledger verify --dir DIR [--json]\n"
"       pk-ledger serve --dir DIR --port N [--connections N]\n"
"       pk-ledger pull --dir DIR --from HOST:PORT [--json]\n"
"\n"
"write appends N MiB of hash-chained blocks to the ledger in DIR, which is made\n"
"if there is none, each block synced to the disk. verify checks every block and\n"
"every state entry. serve gives its blocks to other peers, on the loopback and in\n"
"clear; pull appends those of another peer, each checked first.\n"
"\n"
"Exit status: 0 all is well, 1 the ledger is not intact, 2 it could not be done.\n";

constexpr unsigned int transactions_per_block = 64;
constexpr size_t payload_size = 3600;	/* mostly certificates and signatures */
constexpr unsigned int writes_per_transaction = 2;
constexpr size_t value_size = 180;
constexpr uint64_t assets = 20000;

struct Options {
	const char *dir = nullptr;
	const char *port = nullptr;
	const char *from = nullptr;
	uint64_t connections = 0;
	uint64_t mib = 0;
	uint64_t seed = 1;
	bool progress = false;
	bool json = false;
};

/* splitmix64: the load need not be hard to guess, only to compress. */
class Random {
public:
	explicit Random(uint64_t seed) : state(seed) {}
	uint64_t next()
	{
		uint64_t z = state += 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		return z ^ z >> 31;
	}
	std::string bytes(size_t size)
	{
		std::string out(size, '\0');

		for (size_t at = 0; at < size; at += 8) {
			uint64_t value = next();

			memcpy(&out[at], &value, std::min<size_t>(8, size - at));
		}
		return out;
	}

private:
	uint64_t state;
};

ledger::Block make_block(Random &random)
{
	ledger::Block block;

	for (unsigned int i = 0; i < transactions_per_block; i++) {
		ledger::Transaction transaction;

		transaction.payload = random.bytes(payload_size);
		for (unsigned int j = 0; j < writes_per_transaction; j++)
			transaction.writes.push_back(
				{ "asset" + std::to_string(random.next() % assets),
				  random.bytes(value_size) });
		block.transactions.push_back(std::move(transaction));
	}
	return block;
}

double seconds_since(std::chrono::steady_clock::time_point start)
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int do_write(const Options &options)
{
	auto start = std::chrono::steady_clock::now();
	ledger::Ledger ledger(options.dir);
	Random random(options.seed + ledger.height());
	uint64_t bytes = 0, told = 0, before = ledger.height();

	while (bytes < options.mib << 20) {
		ledger::Block block = make_block(random);

		bytes += ledger.append(block);
		if (options.progress && bytes >> 20 >= told + 10) {
			told = bytes >> 20;
			fprintf(stderr, "%" PRIu64 " of %" PRIu64 " MiB written, %.0f s\n",
				told, options.mib, seconds_since(start));
		}
	}
	printf(options.json ?
		       "{\"added\":%" PRIu64 ",\"blocks\":%" PRIu64 ",\"bytes\":%" PRIu64
		       ",\"head\":\"%s\",\"seconds\":%.1f}\n" :
		       "%" PRIu64 " blocks added, %" PRIu64 " in all, %" PRIu64
		       " bytes added, head %s, %.1f s\n",
	       ledger.height() - before, ledger.height(), bytes,
	       ledger::hex(ledger.head()).c_str(), seconds_since(start));
	return 0;
}

int do_verify(const Options &options)
{
	auto start = std::chrono::steady_clock::now();
	ledger::Verdict verdict = ledger::verify(options.dir);

	printf(options.json ?
		       "{\"blocks\":%" PRIu64 ",\"transactions\":%" PRIu64
		       ",\"states\":%" PRIu64 ",\"mismatches\":%" PRIu64 ",\"bytes\":%" PRIu64
		       ",\"head\":\"%s\",\"seconds\":%.1f}\n" :
		       "%" PRIu64 " blocks with %" PRIu64 " transactions and %" PRIu64
		       " states intact, %" PRIu64 " mismatches, %" PRIu64
		       " bytes, head %s, %.1f s\n",
	       verdict.blocks, verdict.transactions, verdict.states, verdict.mismatches,
	       verdict.bytes, ledger::hex(verdict.head).c_str(), seconds_since(start));
	return verdict.mismatches || !verdict.blocks;
}

int do_pull(const Options &options)
{
	auto start = std::chrono::steady_clock::now();
	std::string from = options.from;
	size_t colon = from.rfind(':');

	if (colon == std::string::npos)
		throw std::invalid_argument("--from is HOST:PORT");
	ledger::Pulled pulled = ledger::pull(options.dir, from.substr(0, colon),
					     from.substr(colon + 1));
	printf(options.json ?
		       "{\"blocks\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"seconds\":%.1f}\n" :
		       "%" PRIu64 " blocks pulled, %" PRIu64 " bytes, %.1f s\n",
	       pulled.blocks, pulled.bytes, seconds_since(start));
	return 0;
}

uint64_t parse_number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (!*text || *end)
		throw std::invalid_argument(std::string("not a number: ") + text);
	return value;
}

Options parse_options(int argc, char **argv)
{
	static const option longs[] = {
		{ "dir", required_argument, nullptr, 'd' },
		{ "mib", required_argument, nullptr, 'm' },
		{ "port", required_argument, nullptr, 'p' },
		{ "from", required_argument, nullptr, 'f' },
		{ "connections", required_argument, nullptr, 'c' },
		{ "seed", required_argument, nullptr, 's' },
		{ "progress", no_argument, nullptr, 'P' },
		{ "json", no_argument, nullptr, 'j' },
		{ "help", no_argument, nullptr, 'h' },
		{ nullptr, 0, nullptr, 0 }
	};
	Options options;
	int letter;

	while ((letter = getopt_long(argc, argv, "h", longs, nullptr)) != -1) {
		switch (letter) {
		case 'd': options.dir = optarg; break;
		case 'm': options.mib = parse_number(optarg); break;
		case 's': options.seed = parse_number(optarg); break;
		case 'p': options.port = optarg; break;
		case 'f': options.from = optarg; break;
		case 'c': options.connections = parse_number(optarg); break;
		case 'P': options.progress = true; break;
		case 'j': options.json = true; break;
		case 'h': fputs(usage, stdout); exit(0);
		default: throw std::invalid_argument("see pk-ledger --help");
		}
	}
	return options;
}

const char *needed(const char *value, const char *option)
{
	if (!value)
		throw std::invalid_argument(std::string(option) + " is missing");
	return value;
}

int run(int argc, char **argv)
{
	Options options = parse_options(argc, argv);
	std::string command = optind + 1 == argc ? argv[optind] : "";

	if (command != "write" && command != "verify" && command != "serve" &&
	    command != "pull")
		throw std::invalid_argument(
			"write, verify, serve or pull? see pk-ledger --help");
	needed(options.dir, "--dir");
	if (command == "verify")
		return do_verify(options);
	if (command == "pull") {
		needed(options.from, "--from");
		return do_pull(options);
	}
	if (command == "serve") {
		ledger::serve(options.dir, needed(options.port, "--port"),
			      options.connections);
		return 0;
	}
	if (!options.mib)
		throw std::invalid_argument("--mib is missing");
	return do_write(options);
}

} /* namespace */

int main(int argc, char **argv)
{
	try {
		int status = run(argc, argv);

		return fflush(stdout) ? 2 : status;
	} catch (const std::exception &error) {
		fprintf(stderr, "pk-ledger: %s\n", error.what());
		return 2;
	}
}
