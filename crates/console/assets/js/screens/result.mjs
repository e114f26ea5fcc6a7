// @ts-check
// 5 Hasil: the result of an import, what is still to be done, and the button for a rollback.
import { html, useEffect, useState } from '../../vendor/preact.mjs';
import { del, download, JOBS } from '../api.mjs';
import { moment } from '../format.mjs';
import { go, to } from '../router.mjs';
import { may } from '../session.mjs';
import { forget, loadTypes, ORDER, stateOf } from '../store.mjs';
import { count, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Badge } from '../ui/badge.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { Icon } from '../ui/icon.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { say } from '../ui/status.mjs';
import { Causes } from './causes.mjs';
import { Tally } from './duplicates.mjs';
import { FailedRows, loadGroups, startAndFollow } from './check.mjs';
import { Events } from './events.mjs';
import { Facts, printRecord } from './record.mjs';
import { Rollback } from './rollback.mjs';

/** Where the records of a type are shown. @type {Record<string, string>} */
export const DATA = { package: 'data/paket', jamaah: 'data/jamaah', payment: 'data/pembayaran' };

/** @param {any} job */
function headline(job) {
  const n = job.imported_rows;
  switch (stateOf(job)) {
    case 'done':
      return t('result.done', { n });
    case 'partly':
      return t('result.partly', { n, m: job.failed_rows });
    case 'stopped':
      return t('result.stopped', { n });
    case 'discarded':
      return t('result.discarded');
    case 'rolled_back':
      if (job.restored_rows > 0) return t('result.restored', { n: job.removed_rows, k: job.restored_rows });
      return job.removed_rows ? t('result.rolled_back', { n: job.removed_rows }) : t('result.rolled-back');
    default:
      return job.validated_at || job.imported_rows > 0 ? t('result.failed') : t('failed.title');
  }
}

/** @param {{job: any}} props */
export function Result({ job }) {
  const title = headline(job);
  const state = stateOf(job);
  const canManage = may('manage_imports');
  useEffect(() => say(title), [title]);
  const hasFailed = state === 'failed';
  const next = ORDER[ORDER.indexOf(job.import_type) + 1];
  return html`<${Heading} title=${title} about=${job.file_name} />
    <p class="subtitle row"><span class="file"><${Name} text=${job.file_name} /></span><span>${t(`type.${job.import_type}`)}</span><${Badge} job=${job} /></p>
    ${hasFailed &&
    html`<div class="notice bad"><p lang="id"><${Name} text=${job.error_message} /></p>
      ${job.imported_rows > 0 && html`<p>${t('result.came-in', { n: job.imported_rows })}</p>`}
      ${canManage &&
      html`<p class="actions">
        <${Action} run=${() => startAndFollow(job.id)} busy=${t('result.again-busy')}>${t('result.again')}</${Action}>
        <a class="button" href=${to('impor/baru', { jenis: job.import_type })}>${t('failed.other')}</a>
      </p>`}
    </div>`}
    ${job.kept_rows_total > 0 && html`<div class="notice info"><p>${t('result.kept', { n: job.kept_rows_total })}: ${job.kept_rows.slice(0, 20).map((/** @type {any} */ row) => count(row.row_number)).join(', ')}</p></div>`}
    <div class="result-grid">
      <div>
        <${Tally} numbers=${[
          ['result.imported', job.updated_rows > 0 ? null : job.imported_rows],
          ['plan.create', job.updated_rows > 0 ? job.created_rows : null],
          ['plan.update', job.updated_rows > 0 ? job.updated_rows : null],
          ['plan.skip', job.skipped_rows > 0 ? job.skipped_rows : null],
          ['result.open', job.failed_rows],
          ['result.total', job.total_rows],
        ]} />
        ${canManage && job.imported_rows > 0 && state !== 'rolled_back' &&
        html`<p class="actions">
          ${next && html`<a class="button primary" data-main="true" href=${to('impor/baru', { jenis: next })}>${t('result.next', { type: t(`type.${next}`) })}</a>`}
          ${may('manage_resources') && html`<a class="button" href=${to(DATA[job.import_type] ?? '', { impor: job.id })}>${t(`result.see.${job.import_type}`)}</a>`}
        </p>`}
        ${job.failed_rows > 0 && state !== 'rolled_back' && html`<${Open} job=${job} canManage=${canManage} />`}
      </div>
      <aside class="card" aria-labelledby="facts">
        <h2 id="facts">${t('result.facts')}</h2>
        <${Facts} job=${job} />
        ${canManage &&
        html`<p class="actions">
          <${Action} icon="printer" run=${() => printRecord(job)} busy=${t('result.printing')}>${t('result.print')}</${Action}>
          <${Action} icon="download" run=${() => download(`${JOBS}/${job.id}/file`, job.file_name)} busy=${t('downloading')}>${t('result.original')}</${Action}>
        </p>`}
      </aside>
    </div>
    ${canManage && job.imported_rows > 0 && state !== 'rolled_back' && html`<${Rollback} job=${job} />`}
    ${canManage && html`<${Events} job=${job} />`}
    ${canManage && html`<${Delete} job=${job} />`}`;
}

/** What was not imported, by cause. @param {{job: any, canManage: boolean}} props */
function Open({ job, canManage }) {
  const load = useLoad(
    async (signal) => {
      const [types, groups] = await Promise.all([loadTypes(), loadGroups(job, signal)]);
      return { fields: types.find((it) => it.type === job.import_type)?.fields ?? [], groups };
    },
    [job.id, job.completed_at],
  );
  if (!canManage) return null;
  const hasCorrections = (job.corrections ?? []).length > 0;
  const still = hasCorrections ? job.still_failed_rows : job.failed_rows;
  return html`<section aria-labelledby="open">
    <h2 id="open">${t('result.not-yet')}</h2>
    ${hasCorrections && html`<p class=${`notice ${still > 0 ? 'warn' : 'good'}`}>${still > 0 ? t('result.still', { n: still }) : t('result.corrected')}</p>`}
    <p class="actions space">
      <${FailedRows} job=${job} />
      <a class="button" href=${to('impor/baru', { perbaiki: job.id })}><${Icon} name="upload" /><span>${t('result.upload-corrected')}</span></a>
    </p>
    <${Loaded} load=${load}>${(/** @type {any} */ { fields, groups }) => html`<${Causes} job=${job} fields=${fields} groups=${groups} />`}</${Loaded}>
    ${job.expires?.errors_at && html`<p class="quiet space">${t('result.kept-until', { at: moment(job.expires.errors_at) })}</p>`}
  </section>`;
}

/** @param {{job: any}} props */
function Delete({ job }) {
  const [isAsked, setAsked] = useState(false);
  async function remove() {
    await del(`${JOBS}/${job.id}`);
    say(t('result.deleted'));
    await go(to(''));
    forget(job.id);
  }
  return html`<section class="screen-only">
    <button type="button" class="button link" onClick=${() => setAsked(true)}>${t('result.delete')}</button>
    ${isAsked &&
    html`<${Dialog} title=${t('result.delete-title')} onClose=${() => setAsked(false)}
      actions=${html`<${Action} run=${remove} kind="danger" busy=${t('deleting')}>${t('result.delete')}</${Action}>`}>
      <p>${t('result.delete-text')}</p>
    </${Dialog}>`}
  </section>`;
}
