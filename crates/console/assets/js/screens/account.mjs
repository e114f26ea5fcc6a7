// @ts-check
// Akun: the user's own password, devices and language.
import { html, useState } from '../../vendor/preact.mjs';
import { del, get, post } from '../api.mjs';
import { user } from '../session.mjs';
import { t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { TextField } from '../ui/field.mjs';
import { Languages } from '../ui/frame.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { say } from '../ui/status.mjs';
import { When } from './imports.mjs';

export function Account() {
  const me = user.value;
  return html`<${Heading} title=${t('account.title')} />
    <section class="card form">
      <dl class="facts">
        <dt>${t('users.name')}</dt><dd><${Name} text=${me.nama_lengkap} /></dd>
        <dt>${t('users.username')}</dt><dd><${Name} text=${me.username} /></dd>
        <dt>${t('users.role')}</dt><dd>${t(`role.${me.role}`)} <span class="quiet">${t(`role.about.${me.role}`)}</span></dd>
        ${me.tenant && html`<dt>${t('agency.title')}</dt><dd><${Name} text=${me.tenant.name} /></dd>`}
        <dt>${t('language')}</dt><dd><${Languages} /></dd>
      </dl>
    </section>
    <section class="card form" aria-labelledby="password"><h2 id="password">${t('password.change')}</h2><${Password} /></section>
    <section aria-labelledby="devices"><h2 id="devices">${t('account.devices')}</h2><${Devices} /></section>`;
}

function Password() {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [error, setError] = useState(/** @type {any} */ (null));
  const [isDone, setDone] = useState(false);
  async function change() {
    setError(null);
    setDone(false);
    await post('/auth/password', { current_password: old, new_password: fresh });
    setOld('');
    setFresh('');
    setDone(true);
    say(t('password.changed'));
  }
  const refused = (/** @type {any} */ failure) => {
    setError(failure);
    return failure.code === 'wrong_password' || failure.code === 'validation_failed';
  };
  return html`<div class="stack">
    <${TextField} label=${t('password.old')} value=${old} onInput=${setOld} type="password" autocomplete="current-password" error=${error?.code === 'wrong_password' && t('problem.wrong_password')} />
    <${TextField} label=${t('password.new')} value=${fresh} onInput=${setFresh} type="password" autocomplete="new-password" hint=${t('password.rule')} error=${error?.code === 'validation_failed' && t('password.refused')} />
    ${isDone && html`<p class="notice good">${t('password.changed')}</p>`}
    <p><${Action} run=${change} kind="primary" busy=${t('saving')} onError=${refused}>${t('password.change')}</${Action}></p>
  </div>`;
}

function Devices() {
  const load = useLoad((signal) => get('/auth/sessions', { signal }), []);
  async function end(/** @type {string} */ path) {
    await del(path);
    say(t('account.ended'));
    load.reload();
  }
  return html`<${Loaded} load=${load}>${(/** @type {any} */ answer) => {
    const sessions = Array.isArray(answer) ? answer : answer.data;
    return html`<ul class="list">
        ${sessions.map((/** @type {any} */ it) => html`<li key=${it.id} class="card row">
          <span><b><${Name} text=${device(it.user_agent)} /></b> ${it.current && html`<span class="badge good">${t('account.this')}</span>`}
            <span class="under"><${When} at=${it.last_used_at ?? it.created_at} /></span></span>
          ${!it.current && html`<span class="end"><${Action} run=${() => end(`/auth/sessions/${it.id}`)} busy=${t('busy')}>${t('account.end')}</${Action}></span>`}
        </li>`)}
      </ul>
      ${sessions.length > 1 && html`<p class="space"><${Action} run=${() => end('/auth/sessions')} busy=${t('busy')}>${t('account.end-all')}</${Action}></p>`}`;
  }}</${Loaded}>`;
}

const BROWSERS = /** @type {const} */ ([[/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']]);
const SYSTEMS = /** @type {const} */ ([[/Windows/, 'Windows'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Mac OS/, 'macOS'], [/Linux/, 'Linux']]);

/** What people call their device. @param {string | null} agent */
function device(agent) {
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent ?? ''))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent ?? ''))?.[1];
  return [browser, system].filter(Boolean).join(' · ') || agent || t('account.unknown-device');
}
