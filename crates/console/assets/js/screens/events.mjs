// @ts-check
// Riwayat kejadian: who did what to an import.
import { html } from '../../vendor/preact.mjs';
import { get, JOBS } from '../api.mjs';
import { t } from '../words.mjs';
import { Name } from '../ui/cell.mjs';
import { useLoad } from '../ui/load.mjs';
import { When } from './imports.mjs';

/** @param {{job: any}} props */
export function Events({ job }) {
  const load = useLoad((signal) => get(`${JOBS}/${job.id}/activity`, { signal }), [job.id, job.status]);
  // The page is useful without its history.
  if (!load.data?.data?.length) return null;
  return html`<section aria-labelledby="events">
    <h2 id="events">${t('result.events')}</h2>
    <ul class="plain-list">
      ${load.data.data.map((/** @type {any} */ it, /** @type {number} */ index) => html`<li key=${index}>${it.user && html`<b><${Name} text=${it.user.nama_lengkap} /></b> `}<span class=${it.user ? '' : 'sentence'}>${t(`action.${it.action}`)}</span> <span class="quiet">· <${When} at=${it.at} /></span></li>`)}
    </ul>
  </section>`;
}
