// @ts-check
// The only module that sends requests. Reads wait while the connection is lost or the budget is spent; writes are repeated only
// after the session was renewed.
import { signal } from '../vendor/preact.mjs';

export const ROOT = '/api/v1';
export const JOBS = '/onboarding/migration';

/** How the server is reached: `ok`, `offline`, or `updating` while it restarts. */
export const connection = signal('ok');
/** Until when (ms since 1970) reads wait for the budget of requests; 0 if they do not. */
export const pausedUntil = signal(0);

/** A refusal of the server, or a server that could not be reached (`status` 0). */
export class ApiError extends Error {
  /** @param {{status: number, code?: string, message?: string, details?: any, requestId?: string | null, retryAfter?: number}} answer */
  constructor({ status, code = 'unknown', message = '', details = null, requestId = null, retryAfter = 0 }) {
    super(message || code);
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/**
 * The session's part: `token` gives a fresh one, `renew` tries for a new one, `relogin` waits until the same user is back.
 * @type {{token: () => Promise<string | null>, renew: () => Promise<boolean>, relogin: () => Promise<void>, mustChange: () => void}}
 */
let session = { token: async () => null, renew: async () => false, relogin: async () => {}, mustChange: () => {} };

/** @param {typeof session} given */
export function useSession(given) {
  session = given;
}

/** @param {number} attempt */
export const backoff = (attempt) => Math.min(30, 2 ** attempt) * 1000;

/** Waits, or until the browser is back on a network. @param {number} ms @param {AbortSignal} [signal] */
export function pause(ms, signal) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        removeEventListener('online', done);
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const stop = () => {
        done();
        reject(signal?.reason);
      };
      const timer = setTimeout(done, ms);
      addEventListener('online', done);
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop);
    })
  );
}

/**
 * @param {string} path @param {Record<string, any>} [query]
 * Absent and empty parameters are left out; a list becomes a repeated one.
 */
export function address(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return `${ROOT}${path}${text ? `?${text}` : ''}`;
}

/** @param {number} status @param {any} body @param {(name: string) => string | null} header */
function refusal(status, body, header) {
  return new ApiError({
    status,
    code: body?.code ?? (status >= 500 ? 'internal_error' : 'unknown'),
    message: body?.message,
    details: body?.details ?? null,
    requestId: header('x-request-id'),
    retryAfter: Number(header('retry-after') ?? 0),
  });
}

/** @param {Response} response */
async function failure(response) {
  const body = await response.json().catch(() => null);
  return refusal(response.status, body, (name) => response.headers.get(name));
}

/** Whether a 503 means that the server stops or starts. @param {number} status */
const isAway = (status) => status === 502 || status === 503 || status === 504;

/**
 * @typedef {object} Request
 * @property {Record<string, any>} [query]
 * @property {any} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [open] goes without a token
 * @property {boolean} [once] does not wait for a lost connection
 * @property {'json' | 'blob'} [as]
 */

/** @param {string} method @param {string} path @param {Request} [request] */
export async function call(method, path, request = {}) {
  const { query, body, headers = {}, signal, open = false, once = false, as = 'json' } = request;
  const waits = method === 'GET' && !once;
  let renewed = false;
  for (let attempt = 0; ; ) {
    const token = open ? null : await session.token();
    /** @type {Response} */
    let response;
    try {
      response = await fetch(address(path, query), {
        method,
        headers: {
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
        cache: 'no-store',
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      connection.value = 'offline';
      if (!waits) throw new ApiError({ status: 0, code: 'offline' });
      await pause(backoff(attempt++), signal);
      continue;
    }
    if (isAway(response.status)) {
      connection.value = 'updating';
      if (!waits) throw await failure(response);
      await pause(backoff(attempt++), signal);
      continue;
    }
    connection.value = 'ok';
    if (response.ok) {
      if (as === 'blob') return response.blob();
      return response.status === 204 ? null : response.json();
    }
    const error = await failure(response);
    if (response.status === 401 && !open) {
      if (renewed || !(await session.renew())) await session.relogin();
      renewed = true;
      continue;
    }
    if (error.code === 'password_change_required') session.mustChange();
    if (error.code === 'rate_limited' && waits) {
      const wait = Math.max(1, error.retryAfter) * 1000;
      pausedUntil.value = Date.now() + wait;
      await pause(wait, signal);
      pausedUntil.value = 0;
      continue;
    }
    throw error;
  }
}

/** @param {string} path @param {Request} [request] */
export const get = (path, request) => call('GET', path, request);
/** @param {string} path @param {any} [body] @param {Request} [request] */
export const post = (path, body, request) => call('POST', path, { ...request, body });
/** @param {string} path @param {any} body @param {Request} [request] */
export const patch = (path, body, request) => call('PATCH', path, { ...request, body });
/** @param {string} path @param {Request} [request] */
export const del = (path, request) => call('DELETE', path, request);

/**
 * Sends a form, reporting how much of it was sent. `fetch` cannot report that.
 * @param {string} path @param {() => FormData} form rebuilt for a second try
 * @param {{signal?: AbortSignal, headers?: Record<string, string>, onProgress?: (sent: number, total: number) => void}} [options]
 */
export async function send(path, form, { signal, headers = {}, onProgress } = {}) {
  for (let renewed = false; ; renewed = true) {
    const token = await session.token();
    const answer = await transfer(address(path), form(), { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) }, signal, onProgress);
    if (answer.status === 401) {
      if (renewed || !(await session.renew())) await session.relogin();
      continue;
    }
    if (isAway(answer.status)) connection.value = 'updating';
    else connection.value = 'ok';
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw refusal(answer.status, answer.body, answer.header);
  }
}

/**
 * @param {string} url @param {FormData} form @param {Record<string, string>} headers
 * @param {AbortSignal} [signal] @param {(sent: number, total: number) => void} [onProgress]
 * @returns {Promise<{status: number, body: any, header: (name: string) => string | null}>}
 */
function transfer(url, form, headers, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress?.(event.loaded, event.total);
    request.onload = () => {
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // A proxy answered instead of the server.
      }
      resolve({ status: request.status, body, header: (name) => request.getResponseHeader(name) });
    };
    request.onerror = () => {
      connection.value = 'offline';
      reject(new ApiError({ status: 0, code: 'offline' }));
    };
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

/** How long the browser may take to read a file. */
const HANDED_OVER_MS = 10_000;

/** Saves an answer as a file under this name. @param {string} path @param {string} name @param {Record<string, any>} [query] */
export async function download(path, name, query) {
  const blob = await get(path, { query, as: 'blob' });
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), HANDED_OVER_MS);
}

/** The version that the server serves now; `null` if it does not answer. */
export async function servedVersion() {
  try {
    const answer = await fetch('/console/', { method: 'HEAD', headers: { Accept: 'text/html' }, cache: 'no-store' });
    return answer.ok ? answer.headers.get('etag') : null;
  } catch {
    return null;
  }
}
