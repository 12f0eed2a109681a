/**
 * Serves the built page on 127.0.0.1: isolated, under the page's own policy, compressed, and for long where a file's name changes
 * with its content.
 */
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, posix } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
};

export interface PageServer {
  readonly url: string;
  close(): void;
}

/** As index.html has it, for hosts that set no headers; here for workers, too. A test holds the two together. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'";

const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'x-content-type-options': 'nosniff',
} as const;

/** The build names these by their content. */
const isNamedByContent = (file: string): boolean => file.startsWith('/assets/');
const FOR_LONG = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';

type Encoding = 'br' | 'gzip';
/** Smaller files are not worth it. */
const LEAST_COMPRESSED = 1024;
/** Nearly as small as the most, in a tenth of its time. */
const BROTLI_QUALITY = 5;

const compressors: Readonly<Record<Encoding, (content: Buffer) => Buffer>> = {
  br: (content) =>
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (content) => gzipSync(content),
};

/** What a request takes of what we can, the smaller first; null for the file as it is. */
export function encodingFor(accepted: string | undefined): Encoding | null {
  const names = (accepted ?? '').split(',').map((entry) => entry.trim());
  const takes = (name: string): boolean =>
    names.some((entry) => entry.split(';')[0].trim() === name && !/;\s*q=0(\.0*)?$/.test(entry));
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : null;
}

/** "127.0.0.1:8123", "localhost", "[::1]:80" */
export function isThisMachine(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** The file that a request's target names; null where it is no path (`/%`, `//`, a zero byte). */
export function requestedFile(target: string): string | null {
  if (!URL.canParse(target, 'http://localhost')) return null;
  try {
    const path = posix.normalize(decodeURIComponent(new URL(target, 'http://localhost').pathname));
    if (path.includes('\0')) return null;
    return path.endsWith('/') ? `${path}index.html` : path;
  } catch {
    // decodeURIComponent: a per cent sign without two digits.
    return null;
  }
}

/**
 * @param port 0 for any free one
 * @param policy another content security policy than the page's own, for pages of others' code
 */
export async function servePage(folder: string, port = 0, policy = POLICY): Promise<PageServer> {
  const headers = { ...HEADERS, 'content-security-policy': policy };
  const compressed = new Map<string, Buffer>();
  const server: Server = createServer((request, response) => {
    const refuse = (status: number, words: string): void => {
      response
        .writeHead(status, {
          ...headers,
          'cache-control': 'no-store',
          'content-type': 'text/plain; charset=utf-8',
        })
        .end(words);
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
        const isText = extname(file) in TYPES;
        const wanted = encodingFor(request.headers['accept-encoding']);
        const encoding = isText && content.length >= LEAST_COMPRESSED ? wanted : null;
        const key = `${encoding} ${file}`;
        const body = encoding === null ? content : (compressed.get(key) ?? compressors[encoding](content));
        if (encoding !== null) compressed.set(key, body);
        response.writeHead(200, {
          ...headers,
          'cache-control': isNamedByContent(file) ? FOR_LONG : ASK_AGAIN,
          'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
          ...(encoding === null ? {} : { 'content-encoding': encoding }),
          vary: 'accept-encoding',
          'content-length': body.length,
        });
        response.end(request.method === 'HEAD' ? undefined : body);
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
