/**
 * What a request of a usual service costs, 5 to 10 ms of CPU: a query with a join and a sum, a page from a template, JSON,
 * compression and a digest of the answer. The libraries are handed in, so that the caller's way of importing is measured.
 */
exports.shop = (express, { DatabaseSync }, { gzipSync }, { createHash }) => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE item (id INTEGER PRIMARY KEY, customer INTEGER, name TEXT, price REAL, amount INTEGER)');
  const insert = database.prepare('INSERT INTO item (customer, name, price, amount) VALUES (?, ?, ?, ?)');
  database.exec('BEGIN');
  for (let at = 0; at < rows; at++) insert.run(at % customers, `item ${at} <${at % 7}>`, (at % 997) / 10, 1 + (at % 5));
  database.exec('COMMIT');
  const items = database.prepare('SELECT id, name, price, amount FROM item WHERE customer = ? ORDER BY price DESC');
  const sum = database.prepare('SELECT count(*) AS items, sum(price * amount) AS total FROM item WHERE name LIKE ?');

  const app = express();
  app.get('/customers/:id/orders', (request, response) => {
    const found = items.all(Number(request.params.id) % customers);
    const { total } = sum.get(`%<${request.params.id % 7}>%`);
    const page = found.map(({ id, name, price, amount }) => `<tr id="${id}"><td>${escaped(name)}<td>${price * amount}`);
    const body = JSON.stringify({ total, orders: found, page: page.join('\n') });
    const packed = gzipSync(body);
    const etag = createHash('sha256').update(packed).digest('base64url');
    response.set({ etag, 'content-encoding': 'gzip', 'content-type': 'application/json' }).end(packed);
  });
  // The same way through the instrumentation without the work: what a service has behind it after its first minutes.
  app.get('/customers/:id', (_request, response) => response.json({}));
  return app;
};

const rows = 24_000;
const customers = 40;

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
