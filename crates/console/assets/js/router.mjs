// @ts-check
// Addresses and screens: one address for each step, so that F5, back, another tab and a colleague see the same.
import { signal } from '../vendor/preact.mjs';

export const BASE = '/console/';

/** The address below `/console/`, and its parameters. */
export const place = signal(read());

/** The question before the page is left. @type {(() => Promise<boolean>) | null} */
let guard = null;

function read() {
  const { pathname, search } = location;
  return {
    path: pathname.startsWith(BASE) ? pathname.slice(BASE.length).replace(/\/+$/, '') : '',
    query: new URLSearchParams(search),
  };
}

/** The address of a screen. @param {string} path @param {Record<string, any>} [query] */
export function to(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `${BASE}${path}${text ? `?${text}` : ''}`;
}

/** Shows an address. @param {string} address @param {{replace?: boolean}} [options] */
export async function go(address, { replace = false } = {}) {
  if (guard && !replace && !(await guard())) return;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  place.value = read();
}

/** Sets the question before the page is left; `null` removes it. @param {(() => Promise<boolean>) | null} question */
export function askBeforeLeaving(question) {
  guard = question;
}

/** Whether an address leads to a page of this console: where a login may send people. @param {string | null} address */
export const isOwn = (address) => address !== null && address.startsWith(BASE) && !/[\\\s]|\/\//.test(address);

addEventListener('popstate', async () => {
  const shown = to(place.value.path, Object.fromEntries(place.value.query));
  const wanted = location.pathname + location.search;
  if (guard && wanted !== shown && !(await guard())) {
    history.pushState(null, '', shown);
    return;
  }
  place.value = read();
});

addEventListener('click', (event) => {
  const link = /** @type {Element} */ (event.target).closest?.('a[href]');
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target || link.hasAttribute('download')) return;
  if (link.origin !== location.origin || !link.pathname.startsWith(BASE)) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
});
