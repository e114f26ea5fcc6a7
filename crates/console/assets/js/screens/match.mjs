// @ts-check
// 2 Cocokkan: which column of the file goes where, why, and what would be stored.
import { html, useState } from '../../vendor/preact.mjs';
import { JOBS, post } from '../api.mjs';
import { go, to } from '../router.mjs';
import { loadTypes, put, remarkOn, remember } from '../store.mjs';
import { label, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { Icon } from '../ui/icon.mjs';
import { Loaded, Loading, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { Problem, problem } from '../ui/problem.mjs';
import { say } from '../ui/status.mjs';
import { columnName } from './column-name.mjs';
import { Columns } from './columns.mjs';
import { useDraft } from './draft.mjs';
import { Duplicates } from './duplicates.mjs';
import { Discard, When } from './imports.mjs';
import { Preview } from './preview.mjs';
import { Reading } from './reading.mjs';

/** @param {{job: any}} props */
export function Match({ job }) {
  const draft = useDraft(job.id, job.updated_at);
  const types = useLoad(loadTypes, []);
  return html`<${Heading} title=${t('match.title')} about=${job.file_name} />
    <${Loaded} load=${types} lines=${8}>${(/** @type {any[]} */ all) =>
      draft.load.error
        ? html`<${Problem} error=${draft.load.error} retry=${draft.load.reload} />`
        : draft.load.data === null
          ? html`<${Loading} lines=${8} retry=${draft.load.reload} />`
          : html`<${Matching} job=${job} draft=${draft} preview=${draft.load.data} types=${all} />`}
    </${Loaded}>`;
}

/** @param {{job: any, draft: ReturnType<typeof useDraft>, preview: any, types: any[]}} props */
function Matching({ job, draft, preview, types }) {
  const chosen = draft.pending.import_type ?? job.import_type;
  const fields = types.find((it) => it.type === chosen)?.fields ?? [];
  /** @type {any[]} */
  const columns = preview.columns.map((/** @type {any} */ column) => {
    const choice = draft.pending.columns?.[column.index];
    return choice === undefined ? column : { ...column, field: choice || null, reason: choice ? 'caller' : 'none', suggestions: [], alarm: choice ? column.alarm : null };
  });
  const taken = new Map(columns.filter((column) => column.field).map((column) => [column.field, column]));
  const missing = fields.filter((/** @type {any} */ field) => field.required && !taken.has(field.name));

  /** @param {any} column @param {string} field */
  function choose(column, field) {
    const other = taken.get(field);
    const changes = { [column.index]: field };
    if (field && other && other.index !== column.index) {
      changes[other.index] = '';
      const words = label(fields.find((/** @type {any} */ it) => it.name === field)?.label);
      say(t('match.moved', { field: words, to: columnName(column, columns), from: columnName(other, columns) }));
    }
    draft.change({ columns: changes }, `column-${column.index}`);
  }

  async function check() {
    if (!(await draft.flush())) return;
    await post(`${JOBS}/${job.id}/validate`);
    put({ id: job.id, status: 'validating', processed_rows: 0, progress_percentage: 0, validated_at: null });
    await go(to(`impor/${job.id}/periksa`));
  }

  const blocked = missing.length > 0 ? t('match.missing', { fields: missing.map((/** @type {any} */ field) => label(field.label)).join(', ') }) : null;
  return html`
    <p class="subtitle"><span class="file"><${Name} text=${job.file_name} /></span> · ${t(`type.${chosen}`)} · ${t('match.summary', { rows: job.total_rows, columns: columns.length })}</p>
    <${Remarks} job=${job} draft=${draft} looksLike=${preview.looks_like} />
    <section aria-labelledby="needed">
      <h2 id="needed">${t('match.needed')}</h2>
      <ul class="needs">
        ${fields.filter((/** @type {any} */ field) => field.required).map((/** @type {any} */ field) => {
          const column = taken.get(field.name);
          return html`<li key=${field.name} class=${column ? 'met' : 'unmet'}>
            <${Icon} name=${column ? 'check' : 'cross'} /><span>${label(field.label)}</span>
            ${column ? html`<span class="quiet">← <${Name} text=${columnName(column, columns)} /></span>` : html`<span>(${t('match.unmet')})</span>`}
          </li>`;
        })}
      </ul>
    </section>
    <section><h2 class="unseen">${t('match.table')}</h2>
      <${Columns} columns=${columns} fields=${fields} taken=${taken} onChoose=${choose} fault=${draft.fault} />
    </section>
    <section class="form">
      <${Duplicates} value=${draft.pending.on_duplicate ?? preview.on_duplicate} onChange=${(/** @type {string} */ value) => draft.change({ on_duplicate: value }, 'duplicates')}
        error=${draft.fault?.where === 'duplicates' && problem(draft.fault.error)} />
    </section>
    <${Reading} preview=${preview} draft=${draft} />
    <${Preview} preview=${preview} columns=${columns} fields=${fields} />
    <div class="foot">
      <${Action} run=${check} kind="primary" busy=${t('match.checking')} blocked=${blocked} main>${t('match.check')}</${Action}>
      <a class="button" href=${to('impor/baru', { ganti: job.id })}>${t('match.replace')}</a>
      <${Discard} job=${job} onDone=${() => go(to(''))} />
      ${blocked && html`<p class="quiet">${blocked}</p>`}
    </div>`;
}

/** What the upload reported about the file: that it was imported before, or that it contains another type. @param {{job: any, draft: ReturnType<typeof useDraft>, looksLike?: string | null}} props */
function Remarks({ job, draft, looksLike }) {
  const [remark, setRemark] = useState({ ...remarkOn(job.id), ...(looksLike ? { looksLike } : {}) });
  const settle = (/** @type {Partial<typeof remark>} */ part) => {
    const rest = { ...remark, ...part };
    remember(job.id, rest);
    setRemark(rest);
  };
  const { same, looksLike: other } = remark;
  return html`
    ${same &&
    html`<div class="notice info" role="status">
      <p>${t('same.text', { at: '\u0001', name: same.created_by?.nama_lengkap ?? '–', n: same.imported_rows }).split('\u0001').map((part, index) => html`${index > 0 && html`<${When} at=${same.created_at} />`}${part}`)}</p>
      <p class="actions">
        <a class="button" href=${to(`impor/${same.job_id}`)}>${t('same.see')}</a>
        <button type="button" class="button" onClick=${() => settle({ same: null })}>${t('same.go-on')}</button>
      </p>
    </div>`}
    ${other && other !== job.import_type &&
    html`<div class="notice warn" role="status">
      <p>${t('looks.text', { type: t(`type.${other}`), chosen: t(`type.${job.import_type}`) })}</p>
      <p class="actions">
        <button type="button" class="button" onClick=${() => {
          draft.change({ import_type: other });
          settle({ looksLike: null });
        }}>${t('looks.change', { type: t(`type.${other}`) })}</button>
        <button type="button" class="button" onClick=${() => settle({ looksLike: null })}>${t('looks.keep', { chosen: t(`type.${job.import_type}`) })}</button>
      </p>
    </div>`}`;
}
