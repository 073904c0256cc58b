/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TCG event log of a boot: binary form, SHA-1 only (PC Client 1.2) and
 * crypto-agile (PC Client Platform Firmware Profile 1.05), whatever length.
 */
#ifndef PROTKEY_FW_EVENTLOG_H
#define PROTKEY_FW_EVENTLOG_H

#include "digest.h"

#define FW_EVENTLOG_MAX	(16U << 20)

struct fw_event {
	size_t number;		/* from 0 */
	size_t offset;		/* in the log */
	uint32_t pcr;
	uint32_t type;
	struct fw_digests digests;
	const uint8_t *data;	/* points into the log */
	size_t size;
};

/* Something that is wrong with a log, and where. */
struct fw_fault {
	size_t event;		/* number, or the count if behind the last */
	size_t offset;
	char what[160];		/* in words */
};

struct fw_eventlog {
	bool agile;
	bool bank[FW_BANKS];	/* that its header announces */
	int startup_locality;	/* of PCR 0; -1: not said */
	struct fw_event *events;
	size_t count;
	struct fw_fault *faults;	/* empty: it was understood to the end */
	size_t fault_count;
	size_t size;
};

/*
 * @data stays the caller's and must outlive @log.  Takes what can be taken: a
 * log that is cut off gives the events before, and a fault.  0, -EBADMSG if
 * not even the header is there, -EFBIG, -ENOMEM.
 */
int fw_eventlog_parse(const void *data, size_t size, struct fw_eventlog *log);
void fw_eventlog_free(struct fw_eventlog *log);

const char *fw_event_type_name(uint32_t type);	/* "EV_IPL" or NULL */
bool fw_event_type_find(const char *name, uint32_t *type);

/*
 * What PCRs would be after the events before number @count.  PCR 0 starts at
 * the log's locality, the debug PCR 17-22 at ones.
 */
void fw_eventlog_replay(const struct fw_eventlog *log, size_t count,
			struct fw_pcrs *pcrs);

#endif
