// @ts-check
// Agensi: its name and clock, what it may do, and the matches that are remembered.
import { html, useState } from '../../vendor/preact.mjs';
import { del, get, JOBS, patch } from '../api.mjs';
import { size } from '../format.mjs';
import { to } from '../router.mjs';
import { amendUser, user } from '../session.mjs';
import { count, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { SelectField, TextField } from '../ui/field.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { say } from '../ui/status.mjs';
import { When } from './imports.mjs';

const ZONES = ['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura'];

export function Agency() {
  const load = useLoad((signal) => get('/tenant', { signal }), []);
  return html`<${Heading} title=${t('agency.title')} />
    <${Loaded} load=${load} lines=${5}>${(/** @type {any} */ tenant) => html`<${Settings} tenant=${tenant} />
      <section class="card form" aria-labelledby="limits"><h2 id="limits">${t('agency.limits')}</h2><${Limits} limits=${tenant.limits ?? {}} /></section>`}</${Loaded}>
    <section aria-labelledby="mappings"><h2 id="mappings" tabindex="-1">${t('agency.mappings')}</h2><${Mappings} /></section>
    <section aria-labelledby="more"><h2 id="more">${t('agency.more')}</h2>
      <ul class="actions"><li><a class="button" href=${to('aktivitas')}>${t('activity.title')}</a></li><li><a class="button" href=${to('mesin')}>${t('machines.title')}</a></li></ul>
    </section>`;
}

/** @param {{tenant: any}} props */
function Settings({ tenant }) {
  const [name, setName] = useState(tenant.name);
  const [zone, setZone] = useState(tenant.time_zone);
  async function save() {
    const answer = await patch('/tenant', { name: name.trim(), time_zone: zone });
    amendUser({ tenant: { ...user.value.tenant, name: answer.name, time_zone: answer.time_zone } });
    say(t('saved'));
  }
  return html`<section class="card form stack" aria-label=${t('agency.title')}>
    <${TextField} label=${t('agency.name')} value=${name} onInput=${setName} autocomplete="organization" />
    <${SelectField} label=${t('agency.zone')} value=${zone} onChange=${setZone} choices=${ZONES.map((it) => ({ value: it, label: t(`zone.${it}`) }))} />
    <p><${Action} run=${save} kind="primary" busy=${t('saving')}>${t('save')}</${Action}></p>
  </section>`;
}

/** @param {{limits: any}} props */
const Limits = ({ limits }) => html`<dl class="facts">
  ${/** @type {[string, (n: number) => string][]} */ ([
    ['max_upload_bytes', size],
    ['concurrent_imports', count],
    ['rollback_hours', (n) => t('limit.hours', { n })],
    ['file_days', (n) => t('limit.days', { n })],
    ['error_days', (n) => t('limit.days', { n })],
  ]).filter(([key]) => limits[key] !== undefined).map(([key, words]) => html`<dt key=${key}>${t(`limit.${key}`)}</dt><dd>${words(limits[key])}</dd>`)}
</dl>`;

function Mappings() {
  const load = useLoad((signal) => get(`${JOBS}/mappings`, { signal }), []);
  async function forget(/** @type {string} */ id) {
    await del(`${JOBS}/mappings/${id}`);
    say(t('agency.forgotten'));
    // The button goes with its match.
    document.getElementById('mappings')?.focus();
    load.reload();
  }
  return html`<${Loaded} load=${load}>${(/** @type {any} */ { data }) =>
    data.length === 0
      ? html`<p class="empty">${t('agency.no-mappings')}</p>`
      : html`<ul class="list">${data.map((/** @type {any} */ it) => html`<li key=${it.id} class="card row">
          <span><b>${t('agency.mapping-of', { type: t(`type.${it.import_type}`), n: it.headers.length })}</b>
            <span class="under"><${Name} text=${it.headers.join(', ')} /></span>
            <span class="under">${t('agency.mapping-used')} <${When} at=${it.used_at} />${it.decided_by && html` · <${Name} text=${it.decided_by.nama_lengkap} />`}</span></span>
          <span class="end"><${Action} run=${() => forget(it.id)} busy=${t('deleting')}>${t('agency.forget')}<span class="unseen"> ${it.headers.join(', ')}</span></${Action}></span>
        </li>`)}</ul>`}</${Loaded}>`;
}
