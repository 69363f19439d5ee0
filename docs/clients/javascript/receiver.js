'use strict';

/**
 * Takes callbacks in: verified, each once, in the right order. `node receiver.js whsec_… 3000`.
 * What it keeps in memory belongs into your database, in the transaction that changes your order.
 */

const http = require('node:http');
const { NotFromTonglu, verifyCallback } = require('./tonglu');

const orders = new Map(); // by order_no: what was last taken in

/**
 * Keeps the event; false where it is a repetition or older than what is known. A later status 0
 * means that the rider handed the order back; with the next 1 comes another rider, so name and
 * phone are replaced whatever was there.
 */
function takeIn(event) {
  const known = orders.get(event.order_no);
  if (known && event.sequence <= known.sequence) return false;
  orders.set(event.order_no, event);
  return true;
}

/** `secrets`: one, or both while the secret is being changed. With express: express.raw(). */
function receiver(secrets) {
  return http.createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const answer = (status, data) => {
      res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(data));
    };
    try {
      takeIn(verifyCallback(secrets, req.headers, Buffer.concat(chunks)));
      answer(200, { code: 0, message: 'success' }); // a repetition was taken in before
    } catch (error) {
      const forged = error instanceof NotFromTonglu;
      answer(forged ? 401 : 500, { code: -1, message: error.message });
    }
  });
}

if (require.main === module) {
  receiver([process.argv[2]]).listen(Number(process.argv[3]), '127.0.0.1');
}

module.exports = { orders, receiver, takeIn };
