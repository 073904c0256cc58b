// SPDX-License-Identifier: GPL-2.0-only
/* One connection's data. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "record.h"
#include "relay.h"

#define CHUNK		((size_t)128 << 10)
#define TURN		((size_t)1 << 20)	/* bytes before others have theirs */
#define ROUNDS		1024			/* or, if nothing is in the records, rounds */
#define SPARE_PIPES	64

/* Handshake messages that come after the handshake (RFC 8446, 4). */
#define NEW_SESSION_TICKET	4
#define KEY_UPDATE		24

enum step { STEP_MOVED, STEP_WAITS, STEP_FAILED };

/* ---- pipes: only a flow that holds something has one ---- */

static int spare[SPARE_PIPES][2];
static unsigned int spare_count;

static bool pipe_take(struct relay_flow *f)
{
	if (f->pipe[0] >= 0)
		return true;
	if (!spare_count)
		return !pipe2(f->pipe, O_NONBLOCK | O_CLOEXEC);
	memcpy(f->pipe, spare[--spare_count], sizeof(f->pipe));
	return true;
}

static void pipe_give(struct relay_flow *f)
{
	if (f->pipe[0] < 0)
		return;
	if (!f->held && spare_count < SPARE_PIPES) {
		memcpy(spare[spare_count++], f->pipe, sizeof(f->pipe));
	} else {
		close(f->pipe[0]);
		close(f->pipe[1]);
	}
	f->pipe[0] = f->pipe[1] = -1;
}

/* ---- records that are no data ---- */

static enum step fail(struct relay *r, const char *what, int err)
{
	log_line(LOG_NOTICE, r->origin, "%s%s%s", what, err ? ": " : "",
		 err ? strerror(err) : "");
	return STEP_FAILED;
}

static void alert(struct relay *r, int what)
{
	r->alerted = !record_alert(r->tls, what);
}

/* What our driver says when it reads: ktls.md. */
static enum step fail_read(struct relay *r, int err)
{
	int pending;
	socklen_t size = sizeof(pending);

	/* or the alert could not be sent */
	getsockopt(r->tls, SOL_SOCKET, SO_ERROR, &pending, &size);
	switch (err) {
	case EBADMSG:
		alert(r, ALERT_BAD_RECORD_MAC);
		return fail(r, "a record was forged or damaged", 0);
	case EMSGSIZE:
		alert(r, ALERT_RECORD_OVERFLOW);
		return fail(r, "a record is too long", 0);
	case EINVAL:
		alert(r, ALERT_UNEXPECTED_MESSAGE);
		return fail(r, "what came is no record of TLS", 0);
	case ENOKEY:
		return fail(r, "the domain was locked", 0);
	case EKEYREJECTED:
		alert(r, ALERT_INTERNAL_ERROR);
		return fail(r, "the peer changed its key too often", 0);
	case EKEYREVOKED:
		alert(r, ALERT_INTERNAL_ERROR);
		return fail(r, "too many records under one key", 0);
	default:
		return fail(r, "network", err);
	}
}

static enum step take_alert(struct relay *r, const unsigned char *record, size_t size)
{
	if (size != 2)
		return fail_read(r, EINVAL);
	if (record[1] == ALERT_CLOSE_NOTIFY) {
		r->in.eof = true;
		return STEP_MOVED;
	}
	if (record[1] == ALERT_USER_CANCELED)
		return STEP_MOVED;	/* a close_notify follows */
	log_line(LOG_NOTICE, r->origin, "alert %u from the peer", record[1]);
	return STEP_FAILED;
}

/* The first byte of its body is in head[4], where there is a body. */
static bool take_message(struct relay *r)
{
	switch (r->head[0]) {
	case NEW_SESSION_TICKET:
		return true;	/* we resume nothing */
	case KEY_UPDATE:
		/* the module has seen it, and has the next key */
		r->owes_update |= r->head[4] == 1;
		return true;
	default:
		return false;	/* hello request, certificate request ... */
	}
}

static enum step take_handshake(struct relay *r, const unsigned char *data, size_t size)
{
	size_t n;

	while (size) {
		if (r->head_size == sizeof(r->head)) {
			n = r->body_left < size ? r->body_left : size;
			r->body_left -= (uint32_t)n;
			data += n;
			size -= n;
		} else {
			r->head[r->head_size++] = *data++;
			size--;
			if (r->head_size < sizeof(r->head))
				continue;
			r->body_left = (uint32_t)r->head[1] << 16 | r->head[2] << 8 | r->head[3];
			if (!r->body_left-- || !take_message(r)) {
				alert(r, ALERT_UNEXPECTED_MESSAGE);
				return fail(r, "a handshake message that we do not know", 0);
			}
		}
		if (r->head_size == sizeof(r->head) && !r->body_left)
			r->head_size = 0;
	}
	return STEP_MOVED;
}

/* splice gave @err, or nothing: it does not take what is no data, and a broken record
 * looks the same to it. */
static enum step take_record(struct relay *r, int err)
{
	unsigned char data[RECORD_MAX];
	int type;
	ssize_t n = record_recv(r->tls, data, sizeof(data), &type);

	if (n < 0 && errno == EAGAIN)
		return err ? fail_read(r, err) : STEP_WAITS;
	if (n < 0)
		return fail_read(r, errno);
	switch (type) {
	case RECORD_NONE:
		/* without close_notify anybody may have cut the stream */
		return fail(r, "the peer ended the connection without saying so", 0);
	case RECORD_ALERT:
		return take_alert(r, data, (size_t)n);
	case RECORD_HANDSHAKE:
		return take_handshake(r, data, (size_t)n);
	case RECORD_DATA:
		/* the pipe is empty: there is room */
		if (write(r->in.pipe[1], data, (size_t)n) != n)
			return fail(r, "pipe", errno);
		r->in.held += (size_t)n;
		return STEP_MOVED;
	default:
		return fail_read(r, EINVAL);
	}
}

/* ---- data ---- */

static enum step blocked(struct relay_flow *f)
{
	/* with something in the pipe, that may be what is full */
	if (!f->held)
		f->from_ready = false;
	return STEP_WAITS;
}

/* The end, or an empty record, which splice has taken? */
static enum step take_nothing(struct relay *r)
{
	struct pollfd p = { .fd = r->tls, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 && p.revents ? take_record(r, 0) : STEP_MOVED;
}

static enum step fill(struct relay *r, struct relay_flow *f)
{
	bool tls = f->from == r->tls;
	ssize_t n;

	if (f->eof || !f->from_ready)
		return STEP_WAITS;
	if (!pipe_take(f))
		return fail(r, "pipe", errno);
	n = splice(f->from, NULL, f->pipe[1], NULL, CHUNK,
		   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0) {
		f->held += (size_t)n;
		return STEP_MOVED;
	}
	if (!n && tls)
		return f->held ? STEP_WAITS : take_nothing(r);
	if (!n) {
		f->eof = true;
		return STEP_MOVED;
	}
	if (errno == EAGAIN)
		return blocked(f);
	if (!tls)
		return fail(r, "application", errno);
	if (f->held)
		return STEP_WAITS;	/* what came before it goes first */
	if (errno == EINVAL || errno == EIO)
		return take_record(r, errno);
	return fail_read(r, errno);
}

static enum step drain(struct relay *r, struct relay_flow *f)
{
	bool tls = f->to == r->tls;
	ssize_t n;

	if (!f->held || !f->to_ready)
		return STEP_WAITS;
	n = splice(f->pipe[0], NULL, f->to, NULL, f->held,
		   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0) {
		f->held -= (size_t)n;
		f->moved += (uint64_t)n;
		return STEP_MOVED;
	}
	if (n < 0 && errno == EAGAIN) {
		f->to_ready = false;
		return STEP_WAITS;
	}
	if (tls && errno == EBADMSG)
		return fail(r, "no key to send with: the domain was locked, or it "
			    "was used up", 0);
	return fail(r, tls ? "network" : "application", n ? errno : EPIPE);
}

/* The last byte has gone: tell the other side. */
static enum step finish(struct relay *r, struct relay_flow *f)
{
	int ret = 0;

	if (!f->eof || f->held || f->closed)
		return STEP_WAITS;
	if (f->to == r->tls)
		ret = record_alert(r->tls, ALERT_CLOSE_NOTIFY);
	if (ret == -EAGAIN) {
		f->to_ready = false;
		return STEP_WAITS;
	}
	/* whoever is gone already needs not be told */
	shutdown(f->to, SHUT_WR);
	f->closed = true;
	return STEP_MOVED;
}

static enum step answer_update(struct relay *r)
{
	static const unsigned char message[] = { KEY_UPDATE, 0, 0, 1, 0 };
	int ret;

	if (!r->owes_update || r->out.closed || !r->out.to_ready)
		return STEP_WAITS;
	ret = record_send(r->tls, RECORD_HANDSHAKE, message, sizeof(message));
	if (ret == -EAGAIN) {
		r->out.to_ready = false;
		return STEP_WAITS;
	}
	r->owes_update = false;
	return ret ? fail(r, "answer to a KeyUpdate", -ret) : STEP_MOVED;
}

/* STEP_FAILED, or whether one of them moved. */
static enum step step(struct relay *r, struct relay_flow *f)
{
	enum step (*const steps[])(struct relay *, struct relay_flow *) = {
		fill, drain, finish };
	enum step result = STEP_WAITS, now;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		now = steps[i](r, f);
		if (now == STEP_FAILED)
			return now;
		if (now == STEP_MOVED)
			result = now;
	}
	return result;
}

static enum step run_flow(struct relay *r, struct relay_flow *f)
{
	uint64_t begin = f->moved;
	unsigned int rounds = 0;
	enum step result;

	do {
		result = step(r, f);
	} while (result == STEP_MOVED && f->moved - begin < TURN && ++rounds < ROUNDS);
	if (!f->held)
		pipe_give(f);
	return result;
}

enum relay_result relay_run(struct relay *r)
{
	enum step in = run_flow(r, &r->in), update, out;

	if (in == STEP_FAILED)
		return RELAY_FAILED;
	update = answer_update(r);
	if (update == STEP_FAILED)
		return RELAY_FAILED;
	out = run_flow(r, &r->out);
	if (out == STEP_FAILED)
		return RELAY_FAILED;
	if (r->in.closed && r->out.closed)
		return RELAY_ENDED;
	return in == STEP_MOVED || out == STEP_MOVED ? RELAY_HAS_MORE : RELAY_WAITS;
}

static void flow_init(struct relay_flow *f, int from, int to)
{
	memset(f, 0, sizeof(*f));
	f->from = from;
	f->to = to;
	f->from_ready = f->to_ready = true;
	f->pipe[0] = f->pipe[1] = -1;
}

void relay_init(struct relay *r, int tls, int plain, const struct log_origin *origin)
{
	memset(r, 0, sizeof(*r));
	r->origin = origin;
	r->tls = tls;
	r->plain = plain;
	flow_init(&r->in, tls, plain);
	flow_init(&r->out, plain, tls);
}

int relay_close(struct relay *r, bool failed)
{
	struct linger reset = { .l_onoff = 1 };

	/* an end that the peer did not announce must not look like one */
	if (failed)
		setsockopt(r->plain, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	pipe_give(&r->in);
	pipe_give(&r->out);
	close(r->plain);
	if (r->alerted && !shutdown(r->tls, SHUT_WR))
		return r->tls;
	close(r->tls);
	return -1;
}
