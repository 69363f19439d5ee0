'use strict';

// The clients of docs/clients/javascript against a running house, with a test-mode key: a delivery
// that changes its rider, one that comes back, a parcel; what became of them goes to stdout.

const path = require('node:path');

const { DOCS, TONGLU_URL, TONGLU_KEY, TONGLU_SECRET, CALLBACK_SECRET, PORT } = process.env;
const { Tonglu } = require(path.join(DOCS, 'tonglu.js'));
const { orders, receiver } = require(path.join(DOCS, 'receiver.js'));

const DELIVERY = {
  merchant_name: '桐庐面馆', merchant_phone: '0571-64001234', merchant_address: '迎春南路1号',
  merchant_lat: 29.797, merchant_lng: 119.685,
  receiver_name: '王小明', receiver_phone: '13800138000', receiver_address: '学圣路23号4幢502室',
  receiver_lat: 29.803, receiver_lng: 119.691,
  goods_info: [{ name: '片儿川', quantity: 2 }],
  goods_amount: '35.50', delivery_fee: '6.00', total_amount: '41.50',
};
const PARCEL = {
  tenant_order_no: 'JS-PARCEL', cp_code: 'YTO',
  sender_name: '桐庐茶行', sender_phone: '0571-64231234', sender_province: '浙江省',
  sender_city: '杭州市', sender_district: '桐庐县', sender_address: '迎春南路1号',
  receiver_name: '李晓梅', receiver_phone: '13800000002',
  receiver_address: '上海市浦东新区世纪大道100号环球金融中心28楼', goods_name: '茶叶', weight: '0.5',
};

/** Waits until `look` finds something. */
async function until(look) {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it never came');
}

async function main() {
  const server = receiver([CALLBACK_SECRET]);
  await new Promise((resolve) => server.listen(Number(PORT), '127.0.0.1', resolve));
  const tonglu = new Tonglu(TONGLU_URL, TONGLU_KEY, TONGLU_SECRET);
  const order = { ...DELIVERY, external_order_no: 'JS-1', remark: '[改派]' };
  const changed = await tonglu.createDelivery(order);
  const again = await tonglu.createDelivery(order);
  const back = await tonglu.createDelivery({
    ...DELIVERY, external_order_no: 'JS-2', remark: '[退回]',
  });
  const parcel = await tonglu.createParcel(PARCEL);
  const refused = await tonglu
    .createDelivery({ ...order, goods_amount: '1.00' })
    .catch(({ status, error, message }) => ({ status, error, message }));

  const delivered = await until(() => {
    const event = orders.get(changed.order_no);
    return event?.status === 3 && event;
  });
  const returned = await until(async () => {
    const found = await tonglu.getDelivery(back.order_no);
    return found.status === 'returned' && found;
  });
  const late = await tonglu
    .cancelDelivery(changed.order_no, '太晚了')
    .catch(({ status, error, message }) => ({ status, error, message }));
  // The pull lists what is older than ten seconds.
  const events = await until(async () => {
    const { items } = await tonglu.events();
    const mine = items.filter((event) => event.order_no === changed.order_no);
    return mine.length >= 3 && mine.slice(0, 3).map((event) => [event.sequence, event.status]);
  });
  server.close();
  server.closeAllConnections?.();
  const result = { changed, again, parcel, refused, delivered, returned, late, events };
  process.stdout.write(JSON.stringify(result));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1); // the receiver would go on
});
