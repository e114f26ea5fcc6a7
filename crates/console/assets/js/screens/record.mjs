// @ts-check
// Berita acara: the record of an import on paper, for the binder. Everything is black on white, and NIKs are masked.
import { html, render } from '../../vendor/preact.mjs';
import { moment } from '../format.mjs';
import { meant, reasonOf, titleOf } from '../issues.mjs';
import { user } from '../session.mjs';
import { loadTypes } from '../store.mjs';
import { count, t } from '../words.mjs';
import { Name } from '../ui/cell.mjs';
import { loadGroups } from './check.mjs';
import { Facts, failedRows } from './result.mjs';

/** The most rows on paper; the workbook has all of them. */
const MOST_ROWS = 500;
const SENSITIVE_DIGITS = /\d{12,}/g;

/** "317501******9001". @param {string} text */
export const masked = (text) => text.replace(SENSITIVE_DIGITS, (digits) => digits.slice(0, 6) + '*'.repeat(digits.length - 10) + digits.slice(-4));

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
