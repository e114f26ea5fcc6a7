// @ts-check
// The entry point: restores the session, then shows the screen of the address.
import { html, render, useEffect, useErrorBoundary, useMemo, useState } from '../vendor/preact.mjs';
import { BASE, go, isOwn, place, to } from './router.mjs';
import { may, resume, state, user } from './session.mjs';
import { preferred, speak, t } from './words.mjs';
import './live.mjs';
import { Frame } from './ui/frame.mjs';
import { Loading } from './ui/load.mjs';
import { Heading, refocus } from './ui/page.mjs';
import { Login } from './screens/login.mjs';
import { Imports } from './screens/imports.mjs';
import { Problem } from './ui/problem.mjs';

/** A screen that is loaded on the first visit. @param {string} name @param {string} part */
const lazily = (name, part) => ({ load: () => import(`./screens/${name}.mjs`).then((module) => module[part]) });

const JOB = lazily('job', 'Job');

/**
 * Addresses, what they need, and what is shown there. `:id` stands for one part of the path.
 * @type {[string, string | null, any][]}
 */
const ROUTES = [
  ['', 'view_imports', Imports],
  ['impor/baru', 'manage_imports', lazily('upload', 'Upload')],
  ['impor/:id', 'view_imports', JOB],
  ['impor/:id/:step', 'view_imports', JOB],
  ['data/:kind', 'manage_resources', lazily('data', 'Data')],
  ['templat', null, lazily('templates', 'Templates')],
  ['bantuan', null, lazily('help', 'Help')],
  ['akun', null, lazily('account', 'Account')],
  ['pengguna', 'manage_users', lazily('users', 'Users')],
  ['pengguna/:id', 'manage_users', lazily('users', 'User')],
  ['agensi', 'manage_tenant', lazily('agency', 'Agency')],
  ['aktivitas', 'manage_tenant', lazily('activity', 'Activity')],
  ['mesin', 'manage_tenant', lazily('machines', 'Machines')],
];

/** @param {string} path */
function match(path) {
  const parts = path.split('/');
  for (const [pattern, need, screen] of ROUTES) {
    const wanted = pattern.split('/');
    if (wanted.length !== parts.length) continue;
    /** @type {Record<string, string>} */
    const params = {};
    const fits = wanted.every((part, index) => {
      const given = parts[index] ?? '';
      if (!part.startsWith(':')) return part === given;
      params[part.slice(1)] = given;
      return given !== '';
    });
    if (fits) return { need, screen, params };
  }
  return null;
}

const NotFound = () => html`<${Heading} title=${t('not-found.title')} />
  <p>${t('not-found.text')}</p>
  <p><a href=${BASE}>${t('back-to-imports')}</a></p>`;

const Forbidden = () => html`<${Heading} title=${t('forbidden.title')} />
  <p><a href=${BASE}>${t('back-to-imports')}</a></p>`;

/** @param {{load: () => Promise<any>, params: Record<string, string>, query: URLSearchParams}} props */
function Lazy({ load, params, query }) {
  const [screen, setScreen] = useState(/** @type {{is: any} | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isShown = true;
    setScreen(null);
    setError(null);
    load().then(
      (is) => isShown && setScreen({ is }),
      (failure) => isShown && setError(failure),
    );
    return () => {
      isShown = false;
    };
  }, [load, turn]);
  // Some browsers remember that a module could not be fetched: the second try reloads the page.
  if (error) return html`<${Problem} error=${{ status: 0 }} retry=${() => (turn === 0 ? setTurn(1) : location.reload())} />`;
  return screen ? html`<${screen.is} params=${params} query=${query} />` : html`<${Loading} />`;
}

function Screen() {
  const { path, query } = place.value;
  const [error, clear] = useErrorBoundary((failure) => console.error(failure));
  useEffect(() => {
    if (error) clear();
  }, [path]);
  if (error) return html`<${Problem} error=${{}} retry=${() => location.reload()} />`;
  const found = match(path);
  if (!found) return html`<${NotFound} />`;
  const { need, screen, params } = found;
  if (need && !may(need)) return html`<${Forbidden} />`;
  // Another job is another screen: no state of the first one stays.
  return screen.load
    ? html`<${Lazy} key=${params.id ?? path} load=${screen.load} params=${params} query=${query} />`
    : html`<${screen} key=${params.id ?? path} params=${params} query=${query} />`;
}

function App() {
  const { path, query } = place.value;
  const now = state.value;
  // Before the headings below are drawn: afterwards, the next drawing of one would take the focus from where it has gone since.
  useMemo(refocus, [now]);
  useEffect(() => {
    const wanted = query.get('ke');
    if (now === 'out' && path !== 'masuk') go(to('masuk', { ke: path ? location.pathname + location.search : null }), { replace: true });
    if (now === 'in' && path === 'masuk' && !user.value?.must_change_password) go(wanted && isOwn(wanted) ? wanted : BASE, { replace: true });
  }, [now, path, user.value]);
  if (now === 'starting') return html`<main id="isi" class="bare"><${Loading} /></main>`;
  if (now === 'unreachable') {
    return html`<main id="isi" class="bare"><h1>${t('product')}</h1><${Problem} error=${{ status: 503, code: 'unreachable' }} retry=${resume} /></main>`;
  }
  if (now === 'out' || user.value?.must_change_password) return html`<${Login} />`;
  if (path === 'masuk') return null;
  return html`<${Frame}><${Screen} /></${Frame}>`;
}

// The main button of a step, wherever the focus is.
addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || document.querySelector('dialog[open]')) return;
  const main = /** @type {HTMLElement | null} */ (document.querySelector('main [data-main]'));
  if (main) {
    event.preventDefault();
    main.click();
  }
});

// The session is requested while the words are loading: on a slow network each round trip counts.
const coming = resume();
await speak(preferred());
render(html`<${App} />`, /** @type {Element} */ (document.getElementById('app')));
await coming;

// Most users import something, so the wizard is fetched once the first page is shown.
const whenIdle = globalThis.requestIdleCallback ?? ((/** @type {() => void} */ task) => setTimeout(task, 500));
if (may('manage_imports')) whenIdle(() => Promise.all([import('./screens/upload.mjs'), import('./screens/job.mjs')]).catch(() => {}));
