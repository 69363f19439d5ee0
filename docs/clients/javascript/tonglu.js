'use strict';

/**
 * A client for /api/v1 in one file: copy it. Node 18 or newer, nothing to install.
 *
 *   const { Tonglu, verifyCallback } = require('./tonglu');
 *   const tonglu = new Tonglu('https://tonglu.example', 'ak_…', 'sk_…');
 *   const order = await tonglu.createDelivery({ external_order_no: 'NC20260221A001', … });
 *   const event = verifyCallback('whsec_…', req.headers, rawBody);
 */

const crypto = require('node:crypto');

const TRY_AGAIN = [429, 502, 503, 504];
const RUNNING = 2021; // the first request under this Idempotency-Key has not answered yet
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** The platform refused. `message` is Chinese, for people; `error` is a word, for programs. */
class TongluError extends Error {
  constructor(status, answer, wait) {
    super(answer.message || `HTTP ${status}`);
    this.status = status;
    this.code = answer.code ?? -1;
    this.error = answer.error;
    this.fields = answer.data?.errors ?? {};
    this.wait = Math.min(Number(wait) || 1, 60);
  }
}

/** A callback that does not verify: answer 401 and change nothing. */
class NotFromTonglu extends Error {}

/** Lower-case hex HMAC-SHA256 over five lines; `target` is path and query, exactly as sent. */
function sign(secret, method, target, timestamp, nonce, body) {
  const digest = crypto.createHash('sha256').update(body).digest('hex');
  const text = [method, target, timestamp, nonce, digest].join('\n');
  return crypto.createHmac('sha256', secret).update(text).digest('hex');
}

/**
 * Returns the event if one of the `whsec_…` secrets signed these very bytes: `body` is the raw
 * Buffer or string, never what a JSON parser made of it. Throws NotFromTonglu.
 */
function verifyCallback(secrets, headers, body, { tolerance = 300, now = Date.now() / 1000 } = {}) {
  const id = headers['webhook-id'];
  const stamp = headers['webhook-timestamp'];
  const given = String(headers['webhook-signature'] ?? '').split(' ');
  if (!id || !/^\d+$/.test(stamp ?? '')) {
    throw new NotFromTonglu('a webhook- header is missing or unreadable');
  }
  if (Math.abs(now - Number(stamp)) > tolerance) {
    throw new NotFromTonglu('signed too long ago, or this clock is wrong');
  }
  for (const secret of [secrets].flat()) {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const mac = crypto.createHmac('sha256', key).update(`${id}.${stamp}.`).update(body);
    const ours = Buffer.from(`v1,${mac.digest('base64')}`);
    const same = (one) => one.length === ours.length && crypto.timingSafeEqual(one, ours);
    if (given.some((one) => same(Buffer.from(one)))) return JSON.parse(body.toString());
  }
  throw new NotFromTonglu('no signature matches: wrong secret, or the body was changed');
}

/** Signs, sends, and tries again where that is safe: nothing is ordered twice. */
class Tonglu {
  constructor(url, apiKey, apiSecret, { timeout = 10000, tries = 3 } = {}) {
    Object.assign(this, { url: url.replace(/\/+$/, ''), apiKey, apiSecret, timeout, tries });
  }

  /** Sends a same-city delivery; sent again under its number it is the same one. */
  createDelivery(order) {
    return this.send('POST', '/api/v1/delivery-orders', order);
  }

  /** State, rider, timeline, tracking link. */
  getDelivery(orderNo) {
    return this.send('GET', `/api/v1/delivery-orders/${encodeURIComponent(orderNo)}`);
  }

  /** Possible until a rider has picked the goods up. */
  cancelDelivery(orderNo, reason) {
    const path = `/api/v1/delivery-orders/${encodeURIComponent(orderNo)}/cancel`;
    return this.send('POST', path, { reason });
  }

  /** What a delivery would cost. */
  quoteDelivery(question) {
    return this.send('POST', '/api/v1/delivery-quotes', question);
  }

  /** Sends a parcel; its waybill follows by callback. */
  createParcel(parcel) {
    return this.send('POST', '/api/v1/express-orders', parcel);
  }

  /** Events oldest first, those after the one given; `next_cursor` is the next `after`. */
  events(after = '0', limit = 100) {
    return this.send('GET', `/api/v1/events?${new URLSearchParams({ after, limit })}`);
  }

  /**
   * Returns the answer's `data`. A write carries one Idempotency-Key through all its tries; where
   * none is answered, send again under the same `key`. Throws TongluError when refused.
   */
  async send(method, target, data, { key = crypto.randomUUID() } = {}) {
    const body = data === undefined ? '' : JSON.stringify(data);
    for (let left = this.tries - 1; ; left -= 1) {
      try {
        return await this.once(method, target, body, key);
      } catch (error) {
        const refused = error instanceof TongluError;
        const again = !refused || TRY_AGAIN.includes(error.status) || error.code === RUNNING;
        if (left <= 0 || !again) throw error;
        await pause(error.wait ?? 1);
      }
    }
  }

  async once(method, target, body, key) {
    const timestamp = Math.floor(Date.now() / 1000);
    const nonce = crypto.randomUUID(); // new for each try
    const answer = await fetch(this.url + target, {
      method,
      body: body || undefined,
      signal: AbortSignal.timeout(this.timeout),
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
        'X-Tonglu-Key': this.apiKey,
        'X-Tonglu-Timestamp': String(timestamp),
        'X-Tonglu-Nonce': nonce,
        'X-Tonglu-Signature': sign(this.apiSecret, method, target, timestamp, nonce, body),
      },
    });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text).data;
    const said = text.startsWith('{') ? JSON.parse(text) : {}; // a proxy's own page
    throw new TongluError(answer.status, said, answer.headers.get('retry-after'));
  }
}

module.exports = { Tonglu, TongluError, NotFromTonglu, sign, verifyCallback };
