'use strict';

// A mini-program's back end around the guide's own files, and a door through which the test plays
// its user. The guide's console output goes to stderr: it may hold the secret.

const axios = require('axios');
const express = require('express');
const { Order } = require('./models');
const deliveryService = require('./services/deliveryService');
const orderService = require('./services/orderService');

console.log = console.error;
const heard = []; // every callback: headers, body, what the route answered
let lastStatus = 0;
axios.interceptors.response.use(
  (response) => {
    lastStatus = response.status;
    return response;
  },
  (error) => {
    lastStatus = error.response?.status ?? 0;
    throw error;
  },
);

const app = express();
app.use(express.json());
app.use('/api/delivery', (req, res, next) => {
  const answer = res.json.bind(res);
  res.json = (data) => {
    heard.push({ headers: req.headers, body: req.body, answer: data });
    return answer(data);
  };
  next();
});
app.use('/api/delivery', require('./routes/delivery'));

const deeds = {
  create: (data) => orderService.createOrder(data),
  query: ({ orderNo }) => deliveryService.getOrderStatus(orderNo),
  cancel: ({ orderNo, reason }) => deliveryService.cancelOrder(orderNo, reason),
  stumble: async ({ times }) => {
    Order.absent = times;
  },
  secret: async ({ secret }) => {
    const before = deliveryService.apiSecret;
    deliveryService.apiSecret = secret;
    return before;
  },
  orders: async () => Order.rows.map((order) => order.toJSON()),
  heard: async () => heard,
};
app.post('/test/:deed', async (req, res) => {
  const result = await deeds[req.params.deed](req.body);
  res.send({ result: result ?? null, status: lastStatus });
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('listening\n'));
