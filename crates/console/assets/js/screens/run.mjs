// @ts-check
// 4 Jalankan: the progress of the import. The page may be closed; the import continues.
import { html, useEffect, useRef, useState } from '../../vendor/preact.mjs';
import { JOBS, post } from '../api.mjs';
import { span } from '../format.mjs';
import { interval, mode } from '../live.mjs';
import { may } from '../session.mjs';
import { loadJob } from '../store.mjs';
import { t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { Heading } from '../ui/page.mjs';
import { Progress } from '../ui/progress.mjs';
import { say } from '../ui/status.mjs';
import { importable } from './duplicates.mjs';

/** The rate is the mean over this time, and is shown after numbers have arrived for this long. */
const WINDOW_MS = 10_000;
const SETTLED_MS = 3000;

/** Rows a second and remaining seconds, once there are enough numbers. @param {any} job */
function useRate(job) {
  const seen = useRef(/** @type {{at: number, rows: number}[]} */ ([]));
  const now = Date.now();
  const points = seen.current;
  if (points[points.length - 1]?.rows !== job.processed_rows) points.push({ at: now, rows: job.processed_rows });
  while (points.length > 2 && now - (points[0]?.at ?? now) > WINDOW_MS) points.shift();
  const first = points[0];
  if (!first || now - first.at < SETTLED_MS) return null;
  const rate = ((job.processed_rows - first.rows) * 1000) / (now - first.at);
  if (rate < 1) return null;
  const left = (job.total_rows - job.processed_rows) / rate;
  // No more precise than it can be: ten seconds, then minutes.
  const rounded = left < 60 ? Math.ceil(left / 10) * 10 : Math.ceil(left / 60) * 60;
  const step = rate < 100 ? 1 : 100;
  return { rate: Math.max(1, Math.round(rate / step) * step), left: rounded };
}

/** @param {{job: any}} props */
export function Run({ job }) {
  const [isAsked, setAsked] = useState(false);
  const [isStopping, setStopping] = useState(Boolean(job.cancelled_at));
  const title = t('run.title', { n: importable(job) || job.total_rows });
  const rate = useRate(job);
  useEffect(() => {
    say(title);
  }, []);
  async function stop() {
    await post(`${JOBS}/${job.id}/cancel`);
    setAsked(false);
    setStopping(true);
    await loadJob(job.id);
  }
  return html`<${Heading} title=${title} about=${job.file_name} percent=${job.progress_percentage} />
    <p class="subtitle"><span class="file"><${Name} text=${job.file_name} /></span> · ${t(`type.${job.import_type}`)}</p>
    <div class="card run">
      <${Progress} label=${title} done=${job.processed_rows} total=${job.total_rows} percent=${job.progress_percentage} />
      <p>${rate ? t('run.rate', { n: rate.rate, left: span(rate.left) }) : '\u00a0'}</p>
      <p>${t('run.may-close')} <span class="quiet small">${mode.value === 'live' ? t('run.live') : t('run.polling', { n: interval.value })}</span></p>
      ${isStopping
        ? html`<p class="notice info">${t('run.stop-asked')}</p>`
        : may('manage_imports') && html`<p><button type="button" class="button danger" onClick=${() => setAsked(true)}>${t('run.stop')}</button></p>`}
    </div>
    ${isAsked &&
    html`<${Dialog} title=${t('run.stop-title')} onClose=${() => setAsked(false)} close=${t('run.go-on')}
      actions=${html`<${Action} run=${stop} kind="danger" busy=${t('run.stopping')}>${t('run.stop')}</${Action}>`}>
      <p>${t('run.stop-text', { n: job.processed_rows })}</p>
    </${Dialog}>`}`;
}
