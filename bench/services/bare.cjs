const { createServer } = require('node:http');
const { serve } = require('./serve.cjs');

serve(createServer((_request, response) => response.end('ok')));
