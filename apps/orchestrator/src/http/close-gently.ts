import type { Request, Response } from 'express';

/** How long what nobody wants to read may still come after the answer. */
const LINGER_MS = 2_000;

/**
 * Ends the connection after the answer, in a way that the answer arrives. A connection that is closed with bytes unread
 * is reset, and whoever was still sending loses the answer with it (nginx says 502 then, and takes us for dead). So only
 * our side is ended, and what still comes is thrown away for a moment.
 */
export function closeGently(request: Request, response: Response): void {
  response.setHeader('connection', 'close');
  if (request.complete) return;
  const { socket } = request;
  const destroySoon = socket.destroySoon.bind(socket);
  // Node calls it once the answer has left; it throws away the rest of the body by itself.
  socket.destroySoon = () => {
    socket.end();
    const limit = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(limit));
    request.once('end', destroySoon);
  };
}
