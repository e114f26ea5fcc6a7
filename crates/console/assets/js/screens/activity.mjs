// @ts-check
// Aktivitas: who did what, and when. It contains no cells of files.
import { html, useEffect, useState } from '../../vendor/preact.mjs';
import { get } from '../api.mjs';
import { go, to } from '../router.mjs';
import { may } from '../session.mjs';
import { listed, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { SelectField } from '../ui/field.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { Table } from '../ui/table.mjs';
import { When } from './imports.mjs';

const PAGE = 50;

/** @param {{query: URLSearchParams}} props */
export function Activity({ query }) {
  const user = query.get('oleh') ?? '';
  const action = query.get('tindakan') ?? '';
  const [more, setMore] = useState(/** @type {any[]} */ ([]));
  const [next, setNext] = useState(/** @type {any} */ (null));
  const load = useLoad((signal) => get('/activity', { signal, query: { limit: PAGE, user_id: user, action } }), [user, action]);
  // Only some of those who may read this may list the users.
  const users = useLoad((signal) => (may('manage_users') ? get('/users', { signal, query: { limit: 100 } }) : Promise.resolve({ items: [] })), []);
  useEffect(() => {
    setMore([]);
    setNext(load.data?.next ?? null);
  }, [load.data]);
  async function older() {
    const answer = await get('/activity', { query: { limit: PAGE, user_id: user, action, after: next } });
    setMore([...more, ...answer.data]);
    setNext(answer.next);
  }
  const change = (/** @type {string} */ name) => (/** @type {string} */ value) => go(to('aktivitas', { ...Object.fromEntries(query), [name]: value }), { replace: true });
  return html`<${Heading} title=${t('activity.title')} />
    <p class="lead">${t('activity.text')}</p>
    <section>
      <div class="filters">
        ${(users.data?.items.length ?? 0) > 0 &&
        html`<${SelectField} label=${t('activity.user')} value=${user} onChange=${change('oleh')} choices=${[{ value: '', label: t('activity.all-users') }, ...(users.data?.items ?? []).map((/** @type {any} */ it) => ({ value: it.id, label: it.nama_lengkap }))]} />`}
        <${SelectField} label=${t('activity.action')} value=${action} onChange=${change('tindakan')} choices=${[{ value: '', label: t('activity.all-actions') }, ...listed('action').map((it) => ({ value: it, label: t(`action.${it}`) }))]} />
      </div>
      <${Loaded} load=${load} lines=${8}>${(/** @type {any} */ { data }) =>
        data.length === 0
          ? html`<p class="empty">${t('activity.none')}</p>`
          : html`<${Table} caption=${t('activity.title')} rows=${[...data, ...more].map((it, index) => ({ ...it, index }))} id=${(/** @type {any} */ it) => it.index} columns=${[
              { key: 'at', title: t('column.at'), kind: 'time', head: true, cell: (/** @type {any} */ it) => html`<${When} at=${it.at} />` },
              { key: 'who', title: t('activity.user'), cell: (/** @type {any} */ it) => html`<${Name} text=${it.user?.nama_lengkap ?? t('activity.system')} />` },
              { key: 'what', title: t('activity.what'), cell: (/** @type {any} */ it) => t(`action.${it.action}`) },
              { key: 'file', title: t('column.file'), cell: (/** @type {any} */ it) => (it.file_name ? (it.job_id ? html`<a href=${to(`impor/${it.job_id}`)}><${Name} text=${it.file_name} /></a>` : html`<${Name} text=${it.file_name} />`) : '–') },
            ]} />
            ${next && html`<p class="space"><${Action} run=${older} busy=${t('busy')}>${t('activity.more')}</${Action}></p>`}`}
      </${Loaded}>
    </section>`;
}
