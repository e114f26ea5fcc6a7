// @ts-check
// The last answers of the server about jobs and types, one signal for each job.
import { signal } from '../vendor/preact.mjs';
import { get, JOBS } from './api.mjs';
import { learn } from './words.mjs';

/** @typedef {import('../vendor/preact.mjs').Signal<any>} JobSignal */

/** @type {Map<string, JobSignal>} */
const jobs = new Map();

/** Counts the events after which lists are read again. */
export const changes = signal(0);

/** The signal of a job; its value is `null` until an answer has come. @param {string} id */
export function job(id) {
  let known = jobs.get(id);
  if (!known) {
    known = signal(null);
    jobs.set(id, known);
  }
  return known;
}

const RUNNING = ['validating', 'importing'];

/** @param {any} it */
export const isRunning = (it) => RUNNING.includes(it?.status);

/** States that a job leaves only for later ones. @type {Record<string, number>} */
const LATE = { completed: 1, rolled_back: 2 };

/**
 * Takes an answer or an event. The numbers of a run never decrease, and an ended job does not run again, in whatever order the answers arrive.
 * @param {any} news
 */
export function put(news) {
  const known = job(news.id);
  const last = known.peek();
  if (news.status && (LATE[last?.status] ?? 0) > (LATE[news.status] ?? 0)) return known;
  const next = { ...last, ...news };
  if (isRunning(next) && last?.status === next.status && last.processed_rows > next.processed_rows) {
    next.processed_rows = last.processed_rows;
    next.progress_percentage = last.progress_percentage;
  }
  known.value = next;
  return known;
}

/** Reads the status of a job. @param {string} id @param {AbortSignal} [abort] */
export const loadJob = async (id, abort) => put(await get(`${JOBS}/${id}/status`, { signal: abort })).peek();

/** @param {string} id */
export const forget = (id) => jobs.delete(id);

/** @type {Promise<any[]> | null} */
let types = null;

/** The import types in the order in which they refer to each other. @returns {Promise<any[]>} */
export function loadTypes() {
  types ??= get(`${JOBS}/types`)
    .then(({ data, notices }) => {
      learn(notices);
      return [...data].sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
    })
    .catch((error) => {
      types = null;
      throw error;
    });
  return types;
}

/** Packages, then who travels on them, then what they paid. */
export const ORDER = ['package', 'jamaah', 'payment'];

/**
 * What a job is to its user, from the facts and not from its status alone.
 * @param {any} it
 */
export function stateOf(it) {
  switch (it.status) {
    case 'pending':
      if (!it.validated_at) return 'draft';
      return it.can_proceed ? 'ready' : 'unready';
    case 'completed':
      return it.failed_rows > 0 ? 'partly' : 'done';
    case 'failed':
      if (!it.cancelled_at) return 'failed';
      return it.started_at ? 'stopped' : 'discarded';
    default:
      return it.status;
  }
}

/** The step of a job. @param {any} it */
export function stepOf(it) {
  switch (stateOf(it)) {
    case 'draft':
      return 'cocokkan';
    case 'ready':
    case 'unready':
    case 'validating':
      return 'periksa';
    case 'importing':
      return 'jalankan';
    default:
      return 'hasil';
  }
}

/** Steps that may be opened at the present step of a job. @param {any} it */
export function stepsOpen(it) {
  const state = stateOf(it);
  if (state === 'draft') return ['cocokkan'];
  if (state === 'ready' || state === 'unready') return ['cocokkan', 'periksa'];
  return [stepOf(it)];
}

/** What an upload reported about its file, until the page is reloaded. @type {Map<string, {same: any, looksLike: string | null}>} */
const remarks = new Map();

/** @param {string} id @param {{same: any, looksLike: string | null}} remark */
export const remember = (id, remark) => remarks.set(id, remark);
/** @param {string} id */
export const remarkOn = (id) => remarks.get(id) ?? { same: null, looksLike: null };
