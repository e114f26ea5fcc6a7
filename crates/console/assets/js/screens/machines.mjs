// @ts-check
// Sambungan program: keys for programs that import. Webhooks are next to them for users who may manage them.
import { html, useState } from '../../vendor/preact.mjs';
import { del, get, post } from '../api.mjs';
import { moment } from '../format.mjs';
import { may } from '../session.mjs';
import { t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { byField, CheckField, TextField } from '../ui/field.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { Secret } from '../ui/secret.mjs';
import { Webhooks } from './webhooks.mjs';

const SCOPES = ['manage_imports', 'view_imports', 'download_templates', 'manage_resources'];
const DEFAULT_DAYS = 90;

export const Machines = () => html`<${Heading} title=${t('machines.title')} />
  <section aria-labelledby="keys"><h2 id="keys">${t('machines.keys')}</h2><p class="quiet">${t('machines.keys-text')}</p><${Keys} /></section>
  ${may('manage_webhooks') && html`<section aria-labelledby="webhooks"><h2 id="webhooks">${t('machines.webhooks')}</h2><p class="quiet">${t('machines.webhooks-text')}</p><${Webhooks} /></section>`}`;

function Keys() {
  const load = useLoad((signal) => get('/api-keys', { signal }), []);
  const [isNew, setNew] = useState(false);
  const [made, setMade] = useState(/** @type {any} */ (null));
  return html`<div class="space"><${Loaded} load=${load}>${(/** @type {any} */ { data }) => html`
      ${data.length === 0
        ? html`<p class="empty">${t('machines.no-keys')}</p>`
        : html`<ul class="list">${data.map((/** @type {any} */ it) => html`<li key=${it.id} class="card row">
            <span><b><${Name} text=${it.name} /></b> <code>${it.hint}…</code>
              <span class="under">${it.scopes.map((/** @type {string} */ scope) => t(`scope.${scope}`)).join(', ')} · ${t('machines.expires')} ${moment(it.expires_at)} · ${t('machines.last-used')} ${it.last_used_at ? moment(it.last_used_at) : t('machines.never')}</span></span>
            <span class="end"><${Remove} path=${`/api-keys/${it.id}`} name=${it.name} onDone=${load.reload} /></span>
          </li>`)}</ul>`}
      <p class="space"><button type="button" class="button" onClick=${() => setNew(true)}>${t('machines.new-key')}</button></p>
    `}</${Loaded}></div>
    ${isNew && html`<${NewKey} onClose=${() => setNew(false)} onMade=${(/** @type {any} */ key) => {
      setNew(false);
      setMade(key);
      load.reload();
    }} />`}
    ${made && html`<${Secret} title=${t('machines.secret', { name: made.name })} text=${t('machines.once')} secret=${made.key} onClose=${() => setMade(null)} />`}`;
}

/** @param {{onClose: () => void, onMade: (key: any) => void}} props */
function NewKey({ onClose, onMade }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState(String(DEFAULT_DAYS));
  const [scopes, setScopes] = useState(['manage_imports', 'view_imports']);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const create = async () => onMade(await post('/api-keys', { name: name.trim(), scopes, expires_in_days: Number(days) || DEFAULT_DAYS }));
  const refused = (/** @type {any} */ error) => {
    setErrors(byField(error));
    return Object.keys(byField(error)).length > 0;
  };
  return html`<${Dialog} title=${t('machines.new-key')} onClose=${onClose} actions=${html`<${Action} run=${create} kind="primary" busy=${t('machines.creating')} onError=${refused}>${t('machines.create')}</${Action}>`}>
    <div class="stack">
      <${TextField} label=${t('machines.name')} value=${name} onInput=${setName} error=${errors.name} autocomplete="off" />
      <fieldset><legend class="label">${t('machines.scopes')}</legend>
        <div class="stack tight">${SCOPES.filter(may).map((scope) => html`<${CheckField} key=${scope} label=${t(`scope.${scope}`)} checked=${scopes.includes(scope)}
          onChange=${(/** @type {boolean} */ on) => setScopes(on ? [...scopes, scope] : scopes.filter((it) => it !== scope))} />`)}</div>
        ${errors.scopes && html`<p class="bad-text" role="alert">${errors.scopes}</p>`}
      </fieldset>
      <${TextField} label=${t('machines.days')} value=${days} onInput=${setDays} type="number" min="1" max="365" error=${errors.expires_in_days} />
    </div>
  </${Dialog}>`;
}

/** @param {{path: string, name: string, onDone: () => void}} props */
function Remove({ path, name, onDone }) {
  const [isAsked, setAsked] = useState(false);
  async function remove() {
    await del(path);
    setAsked(false);
    onDone();
  }
  return html`<button type="button" class="button danger" onClick=${() => setAsked(true)}>${t('machines.revoke')}<span class="unseen"> ${name}</span></button>
    ${isAsked && html`<${Dialog} title=${t('machines.revoke-title', { name })} onClose=${() => setAsked(false)} actions=${html`<${Action} run=${remove} kind="danger" busy=${t('deleting')}>${t('machines.revoke')}</${Action}>`}>
      <p>${t('machines.revoke-text')}</p></${Dialog}>`}`;
}
