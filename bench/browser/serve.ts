/**
 * Serves the built page on 127.0.0.1, with the headers that isolate it.
 */
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};

export interface PageServer {
  readonly url: string;
  close(): void;
}

const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

/** "127.0.0.1:8123", "localhost", "[::1]:80" */
export function isThisMachine(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** The file that a request's target names; null where it is no path (`/%`, `//`, a zero byte). */
export function requestedFile(target: string): string | null {
  if (!URL.canParse(target, 'http://localhost')) return null;
  try {
    const path = normalize(decodeURIComponent(new URL(target, 'http://localhost').pathname));
    if (path.includes('\0')) return null;
    return path.endsWith('/') ? `${path}index.html` : path;
  } catch {
    // decodeURIComponent: a per cent sign without two digits.
    return null;
  }
}

/** @param port 0 for any free one */
export async function servePage(folder: string, port = 0): Promise<PageServer> {
  const server: Server = createServer((request, response) => {
    const refuse = (status: number, words: string): void => {
      response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(words);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      refuse(405, 'only GET and HEAD');
      return;
    }
    // A page of another site, by a name that it had pointed here, is none of ours.
    if (!isThisMachine(request.headers.host ?? '')) {
      refuse(421, 'only hosts that are this machine');
      return;
    }
    const file = requestedFile(request.url ?? '/');
    if (file === null) {
      refuse(400, 'bad request');
      return;
    }
    readFile(join(folder, file)).then(
      (content) => {
        response.writeHead(200, {
          ...HEADERS,
          'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
          'content-length': content.length,
        });
        response.end(request.method === 'HEAD' ? undefined : content);
      },
      () => refuse(404, 'not found'),
    );
  });
  // What is no HTTP at all.
  server.on('clientError', (_, socket) =>
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page server has no port');
  // A waiting connection must not keep the process alive.
  server.unref();
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
