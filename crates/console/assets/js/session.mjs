// @ts-check
// The logged-in user. The long-lived token is in a cookie that no script can read; the short-lived one is in a variable here
// and nowhere else. Tabs renew it in turn, and are notified of each other's logout.
import { signal } from '../vendor/preact.mjs';
import { ApiError, call, useSession } from './api.mjs';
import { timeZone } from './format.mjs';
import { canKeep, keep, kept } from './keep.mjs';
import { preferred, speak } from './words.mjs';

/** The user, `null` while no user is logged in. @type {import('../vendor/preact.mjs').Signal<any>} */
export const user = signal(null);
/** `starting`, `out`, `in`, `over` (a dialog asks to log in again), `unreachable`. */
export const state = signal('starting');
/** Other tabs of this browser. */
export const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('hijrah') : null;

/** How long before its end it is renewed, so that no request carries a token that expires on the way. */
const BEFORE_END_MS = 60_000;

let token = /** @type {string | null} */ (null);
let endsAt = 0;
let renewal = /** @type {Promise<boolean> | null} */ (null);
let timer = 0;
/** Requests that wait for their user. @type {(() => void)[]} */
let waiting = [];

const mode = () => ({ 'X-Session': kept('remember') ? 'cookie-remember' : 'cookie' });

/** @param {any} answer */
function open(answer) {
  token = answer.access_token;
  keep('session', '1');
  endsAt = Date.now() + answer.expires_in * 1000;
  user.value = answer.user;
  timeZone.value = answer.user.tenant?.time_zone ?? timeZone.value;
  clearTimeout(timer);
  timer = setTimeout(renew, Math.max(1000, answer.expires_in * 1000 - BEFORE_END_MS));
}

function close() {
  token = null;
  keep('session', null);
  endsAt = 0;
  clearTimeout(timer);
}

/** Whether the user may do something, by its name in the API. @param {string} permission */
export const may = (permission) => user.value?.permissions.includes(permission) ?? false;

/** The access token that a socket presents. */
export async function freshToken() {
  if (token && endsAt - Date.now() < BEFORE_END_MS) await renew();
  return token;
}

/** One renewal at a time, in this tab and, where the browser can, in all of them. Whether there is a session. */
export function renew() {
  const running = renewal ?? turn(refresh).finally(() => {
    renewal = null;
  });
  renewal = running;
  return running;
}

/** @param {() => Promise<boolean>} task @returns {Promise<any>} */
const turn = (task) => (navigator.locks ? navigator.locks.request('hijrah-renew', task) : task());

async function refresh() {
  try {
    open(await call('POST', '/auth/refresh', { headers: mode(), open: true }));
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    close();
    return false;
  }
}

/** Restores the browser's session, if it has one. If none was opened, the page does not wait for an answer of the server. */
export async function resume() {
  if (canKeep() && !kept('session')) {
    state.value = 'out';
    return;
  }
  state.value = 'starting';
  try {
    state.value = (await renew()) ? 'in' : 'out';
  } catch {
    state.value = 'unreachable';
  }
}

/** @param {string} username @param {string} password @param {boolean} remember */
export async function logIn(username, password, remember) {
  keep('remember', remember ? '1' : null);
  const before = user.value;
  const answer = await call('POST', '/auth/login', { body: { username, password }, headers: mode(), open: true });
  open(answer);
  state.value = 'in';
  if (before && before.id !== answer.user.id) {
    // The content of the page and the waiting requests belong to another user.
    location.replace('/console/');
    return;
  }
  for (const proceed of waiting.splice(0)) proceed();
}

export async function logOut() {
  try {
    await call('POST', '/auth/logout', { headers: mode(), open: true });
  } finally {
    tabs?.postMessage('logged-out');
    leave();
  }
}

/** Reloads the page, so that nothing of the user stays in it. */
function leave() {
  close();
  location.replace('/console/masuk');
}

/** The session is over: the page stays, and pending requests wait for the login. */
function relogin() {
  if (state.value === 'starting' || state.value === 'out') return Promise.reject(new ApiError({ status: 401, code: 'unauthorized' }));
  close();
  state.value = 'over';
  return /** @type {Promise<void>} */ (new Promise((resolve) => waiting.push(resolve)));
}

/** After the user has changed the password that they had to change, or something about the account. @param {any} changes */
export function amendUser(changes) {
  user.value = { ...user.value, ...changes };
  timeZone.value = user.value.tenant?.time_zone ?? timeZone.value;
}

useSession({ token: freshToken, renew, relogin, mustChange: () => amendUser({ must_change_password: true }) });

tabs?.addEventListener('message', ({ data }) => {
  if (data === 'logged-out') leave();
  if (data === 'language') speak(preferred());
});

// A page that comes back by the back button after a logout must not show what it showed.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
