// @ts-check
// The first rows, as they are in the file and as they would be stored; and the notices about the whole file.
import { html, useState } from '../../vendor/preact.mjs';
import { reasonOf } from '../issues.mjs';
import { count, label, notice, t } from '../words.mjs';
import { Cell, Name } from '../ui/cell.mjs';
import { Icon } from '../ui/icon.mjs';
import { Table } from '../ui/table.mjs';
import { columnName } from './column-name.mjs';

/** @param {{preview: any, columns: any[], fields: any[]}} props */
export function Preview({ preview, columns, fields }) {
  const [isStored, setStored] = useState(false);
  const shown = isStored ? columns.filter((column) => column.field) : columns;
  const titles = [
    { key: 'row', title: t('preview.row'), head: true, cell: (/** @type {any} */ row) => count(row.row_number) },
    ...shown.map((column) => ({
      key: String(column.index),
      title: isStored ? label(fields.find((field) => field.name === column.field)?.label) || column.field : columnName(column, columns),
      cell: (/** @type {any} */ row) => html`<${PreviewCell} row=${row} column=${column} name=${columnName(column, columns)} fields=${fields} isStored=${isStored} />`,
    })),
  ];
  return html`
    <section aria-labelledby="preview">
      <div class="title-row section-title">
        <h2 id="preview">${t('preview.title')} <span class="quiet small">${t('preview.rows', { n: preview.rows.length })}</span></h2>
        <div class="switch" role="group" aria-label=${t('preview.show')}>
          <button type="button" aria-pressed=${String(!isStored)} onClick=${() => setStored(false)}>${t('preview.raw')}</button>
          <button type="button" aria-pressed=${String(isStored)} onClick=${() => setStored(true)}>${t('preview.stored')}</button>
        </div>
      </div>
      <div class="preview"><${Table} isWide caption=${t('preview.title')} columns=${titles} rows=${preview.rows} id=${(/** @type {any} */ row) => row.row_number} /></div>
    </section>
    ${preview.notices?.length > 0 &&
    html`<section aria-labelledby="notices"><h2 id="notices">${t('notices.title')}</h2>
      <ul class="plain-list">${preview.notices.map((/** @type {any} */ it, /** @type {number} */ index) => html`<li key=${index} class="sentence"><${Name} text=${notice(it, fields)} /></li>`)}</ul>
    </section>`}`;
}

/** @param {{row: any, column: any, name: string, fields: any[], isStored: boolean}} props */
function PreviewCell({ row, column, name, fields, isStored }) {
  const raw = row.cells[column.index] ?? '';
  const issue = row.issues?.find((/** @type {any} */ it) => it.column_index === column.index);
  const why = issue && reasonOf({ ...issue, column: name }, fields);
  const mark = issue && html`<span title=${why}><${Icon} name="warn" /><span class="unseen">${why}</span></span>`;
  if (!isStored) return html`<${Cell} text=${raw} /> ${mark}`;
  const value = row.values?.[column.field];
  const text = value === null || value === undefined ? '' : String(value);
  return text === raw.trim() ? html`<${Cell} text=${text} /> ${mark}` : html`<b><${Cell} text=${text} /></b> ${mark}`;
}
