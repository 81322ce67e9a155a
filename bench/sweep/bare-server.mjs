/** A bare node:http server in a process of its own: what it takes longer than its best is the machine's noise. */
import { createServer } from 'node:http';

const server = createServer((request, response) => response.end('{"status":"ok"}'));
server.listen(0, '127.0.0.1', () => process.send?.({ kind: 'ready', port: server.address().port }));
process.once('disconnect', () => process.exit());
