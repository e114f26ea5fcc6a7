// @ts-check
// Batalkan impor ini: first shows what would be deleted and what prevents it, and only then rolls back.
import { html, useEffect, useState } from '../../vendor/preact.mjs';
import { get, JOBS, post } from '../api.mjs';
import { moment, span } from '../format.mjs';
import { to } from '../router.mjs';
import { loadJob, put } from '../store.mjs';
import { t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { Problem } from '../ui/problem.mjs';

/** How often the remaining time is recomputed. */
const TICK_MS = 20_000;

/** @param {{job: any}} props */
export function Rollback({ job }) {
  const [now, setNow] = useState(Date.now());
  const [preview, setPreview] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  if (!job.rollback_deadline) return null;
  const left = (Date.parse(job.rollback_deadline) - now) / 1000;
  const open = async () => setPreview(await get(`${JOBS}/${job.id}/rollback`));
  return html`<section aria-labelledby="rollback" class="screen-only">
    <h2 id="rollback">${t('rollback.title')}</h2>
    ${left <= 0
      ? html`<p class="quiet">${t('rollback.expired')}</p>`
      : html`<p class="quiet">${t('rollback.until', { at: moment(job.rollback_deadline), left: span(left) })}</p>
          <p class="space"><${Action} run=${open} kind="danger" icon="undo" busy=${t('rollback.opening')}>${t('rollback.title')}</${Action}></p>`}
    ${preview && html`<${Question} job=${job} preview=${preview} onClose=${() => setPreview(null)} onChanged=${setPreview} />`}
  </section>`;
}

/** @param {{job: any, preview: any, onClose: () => void, onChanged: (preview: any) => void}} props */
function Question({ job, preview, onClose, onChanged }) {
  const [error, setError] = useState(/** @type {any} */ (null));
  const type = t(`of.${job.import_type}`);
  const kept = preview.changed + preview.referenced;
  async function remove() {
    try {
      const done = await post(`${JOBS}/${job.id}/rollback`, undefined, { query: kept > 0 ? { keep_changed: true } : {} });
      put({ id: job.id, removed_rows: done.removed_rows, restored_rows: done.restored_rows, kept_rows_total: done.kept_rows_total, kept_rows: done.kept_rows });
      await loadJob(job.id);
      onClose();
    } catch (/** @type {any} */ failure) {
      // A record was changed between the question and the answer: ask again with the new numbers.
      if (failure.status === 409) onChanged(await get(`${JOBS}/${job.id}/rollback`));
      else setError(failure);
    }
  }
  const title = t('rollback.ask', { file: job.file_name.length > 60 ? `${job.file_name.slice(0, 60)}…` : job.file_name });
  if (preview.reason === 'expired' || preview.reason === 'status') {
    return html`<${Dialog} title=${title} onClose=${onClose} close=${t('close')}><p>${t('rollback.expired')}</p></${Dialog}>`;
  }
  const n = preview.removable_rows;
  const restored = preview.restorable_rows;
  const words = restored > 0
    ? html`<span class="sentence">${[n > 0 && t('rollback.delete', { n }), t('rollback.restore', { n: restored }), kept > 0 && t('rollback.keep', { n: kept })].filter(Boolean).join(', ')}</span>`
    : t(kept > 0 ? 'rollback.partly' : 'rollback.do', { n, type, k: kept });
  return html`<${Dialog} title=${title} onClose=${onClose} close=${t('rollback.dont')}
    actions=${n + restored > 0 || kept === 0 ? html`<${Action} run=${remove} kind="danger" busy=${t('rollback.busy')}>${words}</${Action}>` : null}>
    ${kept === 0 && (n > 0 || restored === 0) && html`<p>${t('rollback.clean', { n, type })}</p>`}
    ${restored > 0 && html`<p>${t('rollback.restorable', { n: restored, type })}</p>`}
    ${preview.referenced > 0 &&
    html`<p>${t('rollback.used', { r: preview.referenced, n: preview.imported_rows, type })}</p>
      <ul class="plain-list">
        ${(preview.blocked_by ?? []).map((/** @type {any} */ it, /** @type {number} */ index) => html`<li key=${index}><${Blocker} blocker=${it} /></li>`)}
      </ul>`}
    ${preview.changed > 0 && html`<p>${t('rollback.changed', { c: preview.changed })}</p>`}
    ${kept > 0 && preview.examples?.length > 0 &&
    html`<p class="quiet small">${t('rollback.examples')} ${preview.examples.slice(0, 5).map((/** @type {any} */ it) => t('rollback.row', { row: it.row_number, label: it.label ?? '' })).join('; ')}</p>`}
    ${error && html`<${Problem} error=${error} />`}
  </${Dialog}>`;
}

/** @param {{blocker: any}} props */
function Blocker({ blocker }) {
  const other = t(`of.${blocker.import_type}`);
  if (!blocker.job_id) return t('rollback.blocked-by-hand', { n: blocker.rows, other });
  const [before, after] = t('rollback.blocked', { n: blocker.rows, other, file: '\u0001' }).split('\u0001');
  return html`${before}<a href=${to(`impor/${blocker.job_id}/hasil`)}><${Name} text=${blocker.file_name} /></a>${after}`;
}
