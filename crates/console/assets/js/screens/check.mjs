// @ts-check
// 3 Periksa: what is right, what is wrong and why, and what can be done about it before anything is stored.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/preact.mjs';
import { download, get, JOBS, patch, pause, post } from '../api.mjs';
import { isThere, meant } from '../issues.mjs';
import { go, place, to } from '../router.mjs';
import { loadJob, loadTypes, put } from '../store.mjs';
import { t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { focusHeading, Heading } from '../ui/page.mjs';
import { problem } from '../ui/problem.mjs';
import { Progress } from '../ui/progress.mjs';
import { say } from '../ui/status.mjs';
import { Causes } from './causes.mjs';
import { Duplicates, importable, Tally } from './duplicates.mjs';
import { Discard } from './imports.mjs';
import { nothing, Rows } from './rows.mjs';

/** @param {{job: any, query: URLSearchParams}} props */
export const Check = ({ job, query }) => (job.status === 'validating' ? html`<${Checking} job=${job} />` : html`<${Checked} job=${job} query=${query} />`);

/** @param {{job: any}} props */
function Checking({ job }) {
  useEffect(() => {
    say(t('check.busy', { n: job.total_rows }));
    return () => say(t('check.done'));
  }, []);
  const title = t('check.busy', { n: job.total_rows });
  async function stop() {
    await post(`${JOBS}/${job.id}/cancel`);
    await loadJob(job.id);
  }
  return html`<${Heading} title=${title} about=${job.file_name} percent=${job.processed_rows > 0 ? job.progress_percentage : null} />
    <div class="card run">
      <${Progress} label=${title} done=${job.processed_rows} total=${job.total_rows} percent=${job.progress_percentage} />
      <p class="quiet">${t('check.may-close')}</p>
      <p><${Action} run=${stop} busy=${t('check.stopping')}>${t('check.stop')}</${Action}></p>
    </div>`;
}

/** Groups of errors, of what is there already, and of warnings. @param {any} job @param {AbortSignal} [signal] */
export async function loadGroups(job, signal) {
  const [errors, warnings] = await Promise.all([
    job.invalid_rows > 0 || job.failed_rows > 0 ? get(`${JOBS}/${job.id}/error-groups`, { signal, query: { severity: 'error' } }) : { data: [] },
    job.warning_rows > 0 ? get(`${JOBS}/${job.id}/error-groups`, { signal, query: { severity: 'warning' } }) : { data: [] },
  ]);
  const groups = errors.data.map((/** @type {any} */ group) => meant(group, job));
  return {
    causes: groups.filter((/** @type {any} */ group) => !isThere(group)),
    known: groups.filter(isThere),
    warnings: warnings.data,
  };
}

/** @param {any} job @param {Awaited<ReturnType<typeof loadGroups>>} groups */
function headline(job, { causes, known }) {
  const n = importable(job);
  const m = job.invalid_rows;
  const skipped = job.plan?.skip_rows ?? 0;
  if (m === 0) return n === 0 && skipped > 0 ? t('check.known', { n: skipped }) : t('check.all', { n });
  const isKnown = causes.length === 0 && known.length > 0;
  if (n > 0) return t(isKnown ? 'check.some-known' : 'check.some', { n, m });
  return isKnown ? t('check.known', { n: m + skipped }) : t('check.none');
}

/** @param {{job: any, query: URLSearchParams}} props */
function Checked({ job, query }) {
  const load = useLoad(
    async (signal) => {
      const [types, groups] = await Promise.all([loadTypes(), loadGroups(job, signal)]);
      return { fields: types.find((it) => it.type === job.import_type)?.fields ?? [], groups };
    },
    [job.id, job.validated_at],
  );
  return html`<${Loaded} load=${load} lines=${8}>${(/** @type {any} */ { fields, groups }) =>
    html`<${Findings} job=${job} query=${query} fields=${fields} groups=${groups} />`}
  </${Loaded}>`;
}

/** Where the focus goes when a check that was asked for from a group has ended: to the group, or to the heading without it. */
let expected = /** @type {string | null} */ (null);

/** @param {{job: any, query: URLSearchParams, fields: any[], groups: any}} props */
function Findings({ job, query, fields, groups }) {
  const title = headline(job, groups);
  const ready = importable(job);
  const hasAll = ready === 0 && groups.causes.length === 0 && (groups.known.length > 0 || job.plan?.skip_rows > 0);
  const hasKnown = groups.known.length > 0 || job.on_duplicate !== 'reject';
  const dirty = useRef(nothing()).current;
  const [unsaved, setUnsaved] = useState(0);
  useLayoutEffect(() => {
    if (!expected) return;
    const summary = /** @type {HTMLElement | null} */ (document.getElementById(`cause-${expected}`)?.querySelector('summary'));
    expected = null;
    if (summary) summary.focus();
    else focusHeading();
  }, []);

  /**
   * Edited cells are part of what is checked and imported. A cell that could not be saved shows its own error, and nothing is done.
   * @template {any[]} A @param {(...args: A) => Promise<any>} run
   */
  const saved = (run) => async (/** @type {A} */ ...args) => {
    await dirty.saving;
    if (dirty.cells.size === 0) await run(...args);
  };

  /** @param {string} [from] the group that asked */
  async function recheck(from) {
    expected = from ?? '-';
    await post(`${JOBS}/${job.id}/validate`);
    setUnsaved(0);
    put({ id: job.id, status: 'validating', processed_rows: 0, progress_percentage: 0, validated_at: null });
  }

  /** @param {string} key @param {string} field @param {Record<string, string>} choices */
  async function apply(key, field, choices) {
    await patch(`${JOBS}/${job.id}`, { value_mapping: { [field]: choices } });
    await recheck(key);
  }

  /** @param {string} choice */
  async function treat(choice) {
    put({ id: job.id, on_duplicate: choice });
    await patch(`${JOBS}/${job.id}`, { on_duplicate: choice });
    await recheck();
  }

  return html`
    <${Heading} title=${title} about=${job.file_name} />
    <p class="subtitle"><span class="file"><${Name} text=${job.file_name} /></span> · ${t(`type.${job.import_type}`)} · ${t('rows', { n: job.total_rows })}${groups.causes.length > 0 && ready > 0 ? `. ${t('check.subtitle')}` : ''}</p>
    ${hasAll && html`<p class="lead">${t('check.known-text')}</p>`}
    ${job.plan && job.on_duplicate !== 'reject' &&
    html`<div class="space"><${Tally} numbers=${[
      ['plan.create', job.plan.create_rows],
      ['plan.update', job.on_duplicate === 'update' ? job.plan.update_rows : null],
      ['plan.skip', job.on_duplicate === 'skip' ? job.plan.skip_rows : null],
      ['plan.problem', job.plan.problem_rows],
    ]} /></div>`}
    <${Causes} job=${job} groups=${groups} fields=${fields} onApply=${saved(apply)} />
    ${hasKnown && html`<section class="form"><${Treatment} value=${job.on_duplicate} onChoose=${saved(treat)} /></section>`}
    ${groups.causes.length > 0 &&
    html`<${Rows} job=${job} query=${query} fields=${fields} groups=${groups.causes} unsaved=${unsaved} onAmended=${setUnsaved} onRecheck=${saved(recheck)} dirty=${dirty} />`}
    <div class="foot">
      ${ready > 0 && html`<${ImportRows} job=${job} onStart=${saved(startAndFollow)} />`}
      ${groups.causes.length > 0 && html`<${FailedRows} job=${job} />`}
      <a class="button" href=${to('impor/baru', { ganti: job.id })}>${t('match.replace')}</a>
      <a class="button" href=${to(`impor/${job.id}/cocokkan`)}>${t('check.back')}</a>
      <${Discard} job=${job} onDone=${() => go(to(''))} />
      ${ready > 0 && groups.causes.length > 0 && html`<p class="quiet">${t('check.later', { n: job.invalid_rows })}</p>`}
    </div>`;
}

/** The choice is checked at once: the numbers on this page follow from it. @param {{value: string, onChoose: (choice: string) => Promise<void>}} props */
function Treatment({ value, onChoose }) {
  const [error, setError] = useState(/** @type {any} */ (null));
  return html`<${Duplicates} value=${value} error=${error && problem(error)} onChange=${(/** @type {string} */ choice) => onChoose(choice).catch(setError)} />`;
}

/** The rows to correct, as a workbook of text cells. @param {{job: any}} props */
export const FailedRows = ({ job }) =>
  html`<${Action} icon="download" busy=${t('downloading')} run=${() => download(`${JOBS}/${job.id}/failed-rows`, `${job.file_name.replace(/\.[^.]*$/, '').slice(0, 60)}-perbaiki.xlsx`, { format: 'xlsx' })}>
    ${t('check.download')}
  </${Action}>`;

/** An import that ends within this time is not shown as running. */
const MOMENT_MS = [150, 250, 300, 300];

/** @param {string} id */
export async function startAndFollow(id) {
  const from = place.peek().path;
  await post(`${JOBS}/${id}/start`);
  for (const wait of MOMENT_MS) {
    await pause(wait);
    const now = await loadJob(id);
    if (now.status !== 'importing' && now.status !== 'validating') break;
  }
  // A user whom an event led to the result, or who went elsewhere, stays there: an open question would be closed.
  if (place.peek().path === from) await go(to(`impor/${id}`));
}

/** @param {{job: any, onStart: (id: string) => Promise<void>}} props */
function ImportRows({ job, onStart }) {
  const [isAsked, setAsked] = useState(false);
  const words = t('check.import', { n: importable(job) });
  // Rows that are skipped on purpose are not missing.
  const isFew = importable(job) * 2 < job.total_rows - (job.plan?.skip_rows ?? 0);
  const start = () => onStart(job.id);
  return html`
    ${isFew
      ? html`<span class="action"><button type="button" class="button primary" data-main="true" onClick=${() => setAsked(true)}>${words}</button></span>`
      : html`<${Action} run=${start} kind="primary" busy=${t('check.importing')} main>${words}</${Action}>`}
    ${isAsked &&
    html`<${Dialog} title=${t('check.few-title', { n: importable(job), total: job.total_rows })} onClose=${() => setAsked(false)}
      actions=${html`<${Action} run=${start} kind="primary" busy=${t('check.importing')}>${words}</${Action}>`}>
      <p>${t('check.few-text')}</p>
    </${Dialog}>`}`;
}
