// @ts-check
// One import at its present step. An address that does not fit is replaced by the right one.
import { html, useEffect } from '../../vendor/preact.mjs';
import { go, to } from '../router.mjs';
import { may } from '../session.mjs';
import { loadJob, stepOf, stepsOpen } from '../store.mjs';
import { t } from '../words.mjs';
import { useWatch } from '../live.mjs';
import { Badge } from '../ui/badge.mjs';
import { Name } from '../ui/cell.mjs';
import { Loading, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { Problem } from '../ui/problem.mjs';
import { say } from '../ui/status.mjs';
import { Steps } from '../ui/steps.mjs';
import { Check } from './check.mjs';
import { Match } from './match.mjs';
import { Result } from './result.mjs';
import { Run } from './run.mjs';

/** @type {Record<string, any>} */
const SCREENS = { cocokkan: Match, periksa: Check, jalankan: Run, hasil: Result };

/** @param {{params: Record<string, string>, query: URLSearchParams}} props */
export function Job({ params, query }) {
  const id = params.id ?? '';
  const { step } = params;
  const load = useLoad((signal) => loadJob(id, signal), [id]);
  const job = useWatch(id).value;
  const open = job ? stepsOpen(job) : [];
  const right = job && stepOf(job);
  const fits = step !== undefined && open.includes(step);
  useEffect(() => {
    if (!job || fits || load.error) return;
    if (step && step !== right) say(t('step.moved', { step: t(`step.${right}`) }));
    go(to(`impor/${id}/${right}`), { replace: true });
  }, [job, fits]);
  if (load.error) {
    if (load.error.status === 404 || load.error.status === 400) {
      return html`<${Heading} title=${t('job.not-found')} /><p>${t('not-found.text')}</p><p><a href=${to('')}>${t('back-to-imports')}</a></p>`;
    }
    return html`<${Heading} title=${t(load.error.status === 403 ? 'forbidden.title' : 'imports.title')} /><${Problem} error=${load.error} retry=${load.reload} />`;
  }
  if (!job || load.isLoading || !fits) return html`<${Loading} lines=${6} retry=${load.reload} />`;
  if (!may('manage_imports') && (step === 'cocokkan' || step === 'periksa')) return html`<${Seen} job=${job} />`;
  return html`<${Steps} step=${step} job=${id} open=${open} />
    <${SCREENS[step]} key=${step} job=${job} query=${query} />`;
}

/** For users who may see an import, but not change it. @param {{job: any}} props */
const Seen = ({ job }) => html`<${Heading} title=${t('imports.title')} about=${job.file_name} />
  <p class="card row"><span class="file"><${Name} text=${job.file_name} /></span><${Badge} job=${job} /><span class="quiet">${t('rows', { n: job.total_rows })}</span></p>
  <p><a href=${to('')}>${t('back-to-imports')}</a></p>`;
