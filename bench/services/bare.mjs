import { createServer } from 'node:http';
import { serve } from './serve.cjs';

serve(createServer((_request, response) => response.end('ok')));
