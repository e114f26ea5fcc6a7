// @ts-check
// What happens on the server while the page is open: by one socket for each tab, and by polling if there is none. Events say that
// something changed; what is shown is always read from the API.
import { effect, signal, useEffect } from '../vendor/preact.mjs';
import { backoff, connection, pause } from './api.mjs';
import { freshToken, renew, state, tabs, user } from './session.mjs';
import { changes, isRunning, job, loadJob, put } from './store.mjs';

/** `live` or `polling`. */
export const mode = signal('polling');
/** Seconds between two polls while there is no socket. */
export const interval = signal(2);

/** The token has expired. */
const EXPIRED = 4401;
/** After this many handshakes that fail at once the tab gives up the socket, because a proxy refuses it. */
const REFUSALS = 2;
/** How long a socket has to stay open to count as accepted. */
const LET_IN_MS = 2000;

let socket = /** @type {WebSocket | null} */ (null);
let wanted = false;
let refused = 0;
let attempt = 0;
/** How many parts of the page watch a job. @type {Map<string, number>} */
const watched = new Map();

effect(() => {
  // A user who has to change the password first gets no events yet.
  const on = state.value === 'in' && !user.value?.must_change_password;
  if (on === wanted) return;
  wanted = on;
  if (on) connect();
  else socket?.close();
});

async function connect() {
  if (!wanted || socket || refused >= REFUSALS) return;
  const token = await freshToken().catch(() => null);
  if (!token || !wanted || socket) return;
  const opening = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, ['hijrah.v1', `bearer.${token}`]);
  socket = opening;
  const since = Date.now();
  let wasOpen = false;
  opening.onopen = () => {
    wasOpen = true;
    refused = 0;
    attempt = 0;
    mode.value = 'live';
    connection.value = 'ok';
    for (const id of watched.keys()) loadJob(id).catch(() => {});
  };
  opening.onmessage = ({ data }) => take(String(data));
  opening.onclose = async ({ code }) => {
    socket = null;
    mode.value = 'polling';
    if (!wanted) return;
    if (!wasOpen && Date.now() - since < LET_IN_MS) refused += 1;
    if (code === 1001) connection.value = 'updating';
    // A poll soon shows whether the server answers at all.
    if (code === EXPIRED) await renew().catch(() => false);
    else await pause(backoff(attempt++) * (0.5 + Math.random()));
    connect();
  };
}

addEventListener('online', () => connect());

/** Events of one frame are drawn once: they come in bursts. @type {Map<string, any>} */
const pending = new Map();
let frame = 0;

/** @param {string} text */
function take(text) {
  /** @type {{event?: string, data?: any}} */
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return;
  }
  const { event, data } = message;
  if (!data?.job_id) return;
  if (event === 'migration:progress' || event === 'migration:validation_progress') {
    pending.set(data.job_id, data);
    frame ||= requestAnimationFrame(draw);
    return;
  }
  if (event === 'migration:status' || event === 'migration:validated' || event === 'migration:completed') {
    changes.value += 1;
    if (watched.has(data.job_id)) loadJob(data.job_id).catch(() => {});
  }
}

function draw() {
  frame = 0;
  for (const [id, { processed, total, progress_percentage }] of pending) {
    const known = job(id).peek();
    if (!isRunning(known) || known.processed_rows > processed) continue;
    put({ id, processed_rows: processed, total_rows: total, progress_percentage });
  }
  pending.clear();
}

/** How often it is checked whether to poll. */
const TICK_MS = 250;

/**
 * Seconds until the next question: soon at first, a run may be over in a moment. Where events come, once after every change of state,
 * for one may have come before the page listened, and now and then, for one may be lost.
 * @param {number} asked @param {number} since
 */
function wait(asked, since) {
  if (mode.peek() === 'live') return asked === 0 ? 0.3 : 15;
  if (document.hidden) return 15;
  if (Date.now() - since > 60_000) return 5;
  return [0.3, 0.7, 1.5][asked] ?? 2;
}

/** Keeps a job's signal up to date while a part of the page shows it. @param {string} id */
export function useWatch(id) {
  useEffect(() => {
    watched.set(id, (watched.get(id) ?? 0) + 1);
    const end = new AbortController();
    ask(id, end.signal);
    return () => {
      end.abort();
      const rest = (watched.get(id) ?? 1) - 1;
      if (rest > 0) watched.set(id, rest);
      else watched.delete(id);
    };
  }, [id]);
  return job(id);
}

/** @param {string} id @param {AbortSignal} end */
async function ask(id, end) {
  let since = Date.now();
  let last = since;
  let asked = 0;
  let status = '';
  while (!end.aborted) {
    try {
      await pause(TICK_MS, end);
      const known = job(id).peek();
      const now = Date.now();
      if (known && known.status !== status) [status, since, last, asked] = [known.status, now, now, 0];
      if (!isRunning(known)) continue;
      const seconds = wait(asked, since);
      interval.value = Math.max(2, Math.ceil(seconds));
      if (now - last < seconds * 1000) continue;
      asked += 1;
      last = now;
      await loadJob(id, end);
      tabs?.postMessage('job-changed');
    } catch {
      if (end.aborted) return;
      await pause(2000, end).catch(() => {});
    }
  }
}

tabs?.addEventListener('message', ({ data }) => {
  if (data === 'job-changed' && mode.peek() !== 'live') changes.value += 1;
});
