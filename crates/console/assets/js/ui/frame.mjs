// @ts-check
// The frame of every screen: the login, the menu, the state of the connection, and the login over a page whose session ended.
import { html, signal, useEffect, useRef, useState } from '../../vendor/preact.mjs';
import { connection, pausedUntil, servedVersion } from '../api.mjs';
import { BASE, place, to } from '../router.mjs';
import { logIn, logOut, may, state, tabs, user } from '../session.mjs';
import { LANGUAGES, language, speak, t } from '../words.mjs';
import { Name } from './cell.mjs';
import { Dialog } from './dialog.mjs';
import { CheckField, TextField } from './field.mjs';
import { Icon } from './icon.mjs';
import { problem } from './problem.mjs';
import { say, StatusLine } from './status.mjs';

/** Entries, what each needs, and the first part of its address. */
const MENU = /** @type {const} */ ([
  ['menu.imports', 'view_imports', '', ['', 'impor']],
  ['menu.data', 'manage_resources', 'data/paket', ['data']],
  ['menu.templates', null, 'templat', ['templat']],
  ['menu.users', 'manage_users', 'pengguna', ['pengguna']],
  ['menu.agency', 'manage_tenant', 'agensi', ['agensi', 'aktivitas', 'mesin']],
  ['menu.help', null, 'bantuan', ['bantuan']],
]);

/** The version of this page, which stands in the address of its files. */
const OWN_VERSION = new URL('.', import.meta.url).pathname.split('/')[3];
const isOutdated = signal(false);

/** @param {{children?: any}} props */
export function Frame({ children }) {
  const [isOpen, setOpen] = useState(false);
  const { path } = place.value;
  const first = path.split('/')[0] ?? '';
  useEffect(() => setOpen(false), [place.value]);
  return html`
    <a class="skip" href="#isi" onClick=${skip}>${t('skip')}</a>
    <header class="top">
      <div class="top-inner">
        <a class="product" href=${BASE}>${t('product')}</a>
        <button type="button" class="button menu-button" aria-expanded=${String(isOpen)} aria-controls="menu" onClick=${() => setOpen(!isOpen)}>
          <${Icon} name="menu" /><span>${t('menu')}</span>
        </button>
        <div id="menu" class=${isOpen ? 'menu open' : 'menu'}>
          <nav aria-label=${t('menu')}>
            <ul>
              ${MENU.filter(([, need]) => !need || may(need)).map(
                ([words, , address, parts]) => html`<li key=${words}>
                  <a href=${to(address)} aria-current=${/** @type {readonly string[]} */ (parts).includes(first) ? 'page' : null}>${t(words)}</a>
                </li>`,
              )}
            </ul>
          </nav>
          <div class="who">
            <a href=${to('akun')} class="account">
              <span class="unseen">${t('account')}</span>
              <span><${Name} text=${user.value.nama_lengkap} /></span>
              ${user.value.tenant && html`<span class="quiet"><${Name} text=${user.value.tenant.name} /></span>`}
            </a>
            <${Languages} />
            <button type="button" class="button" onClick=${logOut}>${t('log-out')}</button>
          </div>
        </div>
      </div>
    </header>
    <${Connection} />
    <main id="isi" tabindex="-1">${children}</main>
    <${StatusLine} />
    ${state.value === 'over' && html`<${Relogin} />`}
  `;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  const heading = /** @type {HTMLElement | null} */ (document.querySelector('main h1') ?? document.querySelector('main'));
  heading?.focus();
}

export const Languages = () => html`<div class="languages" role="group" aria-label=${t('language')}>
  ${LANGUAGES.map(
    (code) => html`<button key=${code} type="button" class="link" lang=${code} aria-pressed=${String(language.value === code)} onClick=${() => choose(code)}>
      ${code === 'id' ? 'Bahasa Indonesia' : 'English'}
    </button>`,
  )}
</div>`;

/** @param {string} code */
async function choose(code) {
  await speak(code);
  tabs?.postMessage('language');
}

/** The state of the connection: announced once, shown as long as it lasts. */
function Connection() {
  const now = connection.value;
  const before = useRef(now);
  useEffect(() => {
    if (before.current === now) return;
    before.current = now;
    say(now === 'ok' ? t('connection.back') : t(`connection.${now}`));
    if (now === 'ok') askForVersion();
  }, [now]);
  const seconds = useSecondsUntil(pausedUntil.value);
  return html`
    ${now !== 'ok' && html`<div class="bar warn"><p>${t(`connection.${now}`)}</p></div>`}
    ${seconds > 0 && html`<div class="bar warn"><p>${t('connection.paused', { n: seconds })}</p></div>`}
    ${isOutdated.value &&
    html`<div class="bar info"><p>${t('version.new')} <button type="button" class="button" onClick=${() => location.reload()}>${t('version.reload')}</button></p></div>`}
  `;
}

async function askForVersion() {
  const served = await servedVersion();
  if (served && OWN_VERSION !== 'dev' && served !== `"${OWN_VERSION}"`) isOutdated.value = true;
}

/** Whole seconds until a time, counting down. @param {number} until */
export function useSecondsUntil(until) {
  const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left());
  useEffect(() => {
    setSeconds(left());
    if (left() === 0) return;
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return until > Date.now() ? seconds : 0;
}

/** The page stays; pending requests continue after the login. */
function Relogin() {
  return html`<${Dialog} title=${t('session.over')} onClose=${null}>
    <${LoginForm} name=${user.value?.username ?? ''} />
  </${Dialog}>`;
}

/** @param {{name?: string}} props */
export function LoginForm({ name = '' }) {
  const [username, setUsername] = useState(name);
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const [until, setUntil] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const lock = useRef(false);
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const seconds = useSecondsUntil(until);

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    if (lock.current || seconds > 0) return;
    lock.current = true;
    setBusy(true);
    setError(null);
    try {
      await logIn(username.trim(), password, remember);
    } catch (/** @type {any} */ failure) {
      setError(failure);
      if (failure.status === 429) setUntil(Date.now() + Math.max(1, failure.retryAfter) * 1000);
      field.current?.focus();
      field.current?.select();
    } finally {
      lock.current = false;
      setBusy(false);
    }
  }

  const isWaiting = error?.status === 429 && seconds > 0;
  const message = !error || (error.status === 429 && seconds === 0) ? null : isWaiting ? t('login.wait', { n: seconds }) : problem(error);
  return html`<form onSubmit=${submit} class="stack">
    <${TextField} label=${t('login.username')} value=${username} onInput=${setUsername} name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} required />
    <${TextField} label=${t('login.password')} value=${password} onInput=${setPassword} type="password" name="password" autocomplete="current-password" required inputRef=${field} />
    <${CheckField} label=${t('login.remember')} checked=${remember} onChange=${setRemember} />
    ${message && html`<p class="bad-text" role=${isWaiting ? null : 'alert'}>${message}</p>`}
    <button type="submit" class="button primary wide" disabled=${isBusy || seconds > 0}>${t(isBusy ? 'login.busy' : 'login.submit')}</button>
  </form>`;
}
