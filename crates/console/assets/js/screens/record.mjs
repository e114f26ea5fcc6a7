// @ts-check
// The record of an import: its facts, and the berita acara on paper, for the binder, where everything is black on white and
// NIKs are masked.
import { html, render } from '../../vendor/preact.mjs';
import { get, JOBS } from '../api.mjs';
import { moment, span } from '../format.mjs';
import { meant, reasonOf, titleOf } from '../issues.mjs';
import { user } from '../session.mjs';
import { loadTypes } from '../store.mjs';
import { count, t } from '../words.mjs';
import { Name } from '../ui/cell.mjs';
import { loadGroups } from './check.mjs';
import { When } from './imports.mjs';

/** The most rows on paper; the workbook has all of them. */
const MOST_ROWS = 500;
const SENSITIVE_DIGITS = /\d{12,}/g;

/** "317501******9001". @param {string} text */
export const masked = (text) => text.replace(SENSITIVE_DIGITS, (digits) => digits.slice(0, 6) + '*'.repeat(digits.length - 10) + digits.slice(-4));

/** @param {{job: any}} props */
export function Facts({ job }) {
  const took = job.started_at && job.completed_at ? span((Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000) : null;
  /** @type {[string, any][]} */
  const facts = [
    ['fact.file', html`<${Name} text=${job.file_name} />`],
    ['fact.type', t(`type.${job.import_type}`)],
    ['fact.by', job.created_by && html`<${Name} text=${job.created_by.nama_lengkap} />`],
    ['fact.started-by', job.started_by && job.started_by.id !== job.created_by?.id && html`<${Name} text=${job.started_by.nama_lengkap} />`],
    ['fact.started', job.started_at && html`<${When} at=${job.started_at} />`],
    ['fact.ended', job.completed_at && html`<${When} at=${job.completed_at} />`],
    ['fact.took', took],
    ['fact.cancelled-by', job.cancelled_by && html`<${Name} text=${job.cancelled_by.nama_lengkap} />`],
    ['fact.rolled-back-by', job.rolled_back_by && html`<${Name} text=${job.rolled_back_by.nama_lengkap} />`],
  ];
  return html`<dl class="facts">${facts.filter(([, value]) => value).map(([key, value]) => html`<dt key=${key}>${t(key)}</dt><dd>${value}</dd>`)}</dl>`;
}

/** @param {any} job */
export async function printRecord(job) {
  const [types, groups, failed] = await Promise.all([
    loadTypes(),
    loadGroups(job),
    job.failed_rows > 0 ? failedRows(job.id, MOST_ROWS) : { columns: [], rows: [], total: 0 },
  ]);
  const fields = types.find((it) => it.type === job.import_type)?.fields ?? [];
  const paper = document.createElement('div');
  paper.className = 'record';
  document.querySelector('main')?.append(paper);
  render(html`<${Record} job=${job} fields=${fields} groups=${groups} failed=${failed} />`, paper);
  document.body.classList.add('printing');
  const end = () => {
    document.body.classList.remove('printing');
    render(null, paper);
    paper.remove();
  };
  addEventListener('afterprint', end, { once: true });
  window.print();
}

/** All rows that were not imported, up to a number. @param {string} id @param {number} most */
async function failedRows(id, most) {
  /** @type {any[]} */
  const rows = [];
  let after = null;
  let answer;
  do {
    answer = await get(`${JOBS}/${id}/failed-rows`, { query: { format: 'json', after, limit: 100 } });
    rows.push(...answer.data);
    after = answer.next;
  } while (after && rows.length < most);
  return { columns: answer.columns, rows: rows.slice(0, most), total: answer.total };
}

/** @param {{job: any, fields: any[], groups: any, failed: any}} props */
function Record({ job, fields, groups, failed }) {
  const lines = failed.rows.flatMap((/** @type {any} */ row) => row.errors.map((/** @type {any} */ error) => ({ row, error })));
  return html`
    <h1>${t('record.title')}</h1>
    <p><b><${Name} text=${user.value?.tenant?.name ?? ''} /></b></p>
    <h2>${t('result.facts')}</h2>
    <${Facts} job=${job} />
    <h2>${t('record.counts')}</h2>
    <p>${t('record.count-line', { total: job.total_rows, n: job.imported_rows, m: job.failed_rows })}</p>
    ${job.updated_rows + job.skipped_rows > 0 && html`<p>${t('record.known-line', { n: job.created_rows, u: job.updated_rows, s: job.skipped_rows })}</p>`}
    ${groups.causes.length + groups.known.length > 0 &&
    html`<h2>${t('record.causes')}</h2>
      <ul>${[...groups.causes, ...groups.known].map((/** @type {any} */ group, /** @type {number} */ index) => html`<li key=${index}>${t('rows', { n: group.rows })}: <${Name} text=${titleOf(group, fields)} /></li>`)}</ul>`}
    ${lines.length > 0 &&
    html`<h2>${t('record.rows')}</h2>
      ${failed.total > failed.rows.length && html`<p>${t('record.first', { n: failed.rows.length, total: failed.total })}</p>`}
      <table>
        <thead><tr><th scope="col">${t('record.row')}</th><th scope="col">${t('record.column')}</th><th scope="col">${t('record.value')}</th><th scope="col">${t('record.problem')}</th></tr></thead>
        <tbody>
          ${lines.map(
            (/** @type {any} */ { row, error }, /** @type {number} */ index) => html`<tr key=${index}>
              <td>${count(row.row_number)}</td>
              <td><${Name} text=${failed.columns[error.column_index] ?? ''} /></td>
              <td><${Name} text=${masked(row.cells[error.column_index] ?? '')} /></td>
              <td>${reasonOf(meant({ ...error, column: failed.columns[error.column_index] ?? '' }, job), fields)}</td>
            </tr>`,
          )}
        </tbody>
      </table>`}
    <div class="signatures">
      <div><p>${t('record.made-by')}</p><${Name} text=${user.value?.nama_lengkap ?? ''} />, ${moment(new Date().toISOString())}</div>
      <div><p>${t('record.checked-by')}</p></div>
    </div>`;
}
