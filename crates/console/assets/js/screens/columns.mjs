// @ts-check
// The table of a file's columns, one row each, with where it goes.
import { html } from '../../vendor/preact.mjs';
import { label, notice, says, t } from '../words.mjs';
import { Cell, Name } from '../ui/cell.mjs';
import { Icon } from '../ui/icon.mjs';
import { problem } from '../ui/problem.mjs';
import { Table } from '../ui/table.mjs';
import { columnName } from './column-name.mjs';

/**
 * @param {{columns: any[], fields: any[], taken: Map<string, any>, onChoose: (column: any, field: string) => void,
 *   fault: {error: any, where: string} | null}} props
 */
export function Columns({ columns, fields, taken, onChoose, fault }) {
  const titles = [
    { key: 'header', title: t('match.column'), head: true, cell: (/** @type {any} */ it) => html`<span class="file"><${Name} text=${columnName(it, columns)} /></span>` },
    { key: 'samples', title: t('match.samples'), cell: (/** @type {any} */ it) => html`<${Samples} column=${it} fields=${fields} />` },
    { key: 'filled', title: t('match.filled'), kind: 'time', cell: (/** @type {any} */ it) => t('match.filled-of', { n: it.filled, of: it.of }) },
    {
      key: 'field', title: t('match.field'),
      cell: (/** @type {any} */ it) => html`<${FieldSelect} column=${it} columns=${columns} fields=${fields} taken=${taken} onChoose=${onChoose}
        fault=${fault?.where === `column-${it.index}` ? fault.error : null} />`,
    },
    { key: 'reason', title: t('match.reason'), cell: (/** @type {any} */ it) => html`<${Reason} column=${it} columns=${columns} fields=${fields} onChoose=${onChoose} />` },
  ];
  return html`<div class="columns"><${Table} caption=${t('match.table')} columns=${titles} rows=${columns} id=${(/** @type {any} */ it) => it.index} /></div>`;
}

/** @param {{column: any, fields: any[]}} props */
const Samples = ({ column, fields }) => html`
  ${column.samples.length === 0 ? html`<${Cell} text="" />` : html`<ul class="samples">${column.samples.map((/** @type {string} */ sample, /** @type {number} */ index) => html`<li key=${index} dir="auto"><${Name} text=${sample} /></li>`)}</ul>`}
  ${column.alarm && html`<p class="alarm"><${Icon} name="warn" /> ${notice(column.alarm, fields)}</p>`}`;

/** @param {{column: any, columns: any[], fields: any[], taken: Map<string, any>, onChoose: (column: any, field: string) => void, fault: any}} props */
function FieldSelect({ column, columns, fields, taken, onChoose, fault }) {
  const id = `column-${column.index}`;
  const option = (/** @type {any} */ field) => {
    const user = taken.get(field.name);
    const expected = label(field.expected);
    const used = user && user.index !== column.index ? ` ${t('match.used', { header: columnName(user, columns) })}` : '';
    return html`<option key=${field.name} value=${field.name} selected=${column.field === field.name}>${label(field.label)}${expected ? ` — ${expected}` : ''}${used}</option>`;
  };
  return html`<div class="field">
    <label for=${id} class="unseen">${t('match.field-of', { header: columnName(column, columns) })}</label>
    <select id=${id} value=${column.field ?? ''} aria-invalid=${fault ? 'true' : null} aria-describedby=${fault ? `${id}-fault` : null}
      onChange=${(/** @type {any} */ event) => onChoose(column, event.target.value)}>
      <option value="" selected=${!column.field}>${t('match.none')}</option>
      <optgroup label=${t('match.required')}>${fields.filter((field) => field.required).map(option)}</optgroup>
      <optgroup label=${t('match.optional')}>${fields.filter((field) => !field.required).map(option)}</optgroup>
    </select>
    ${fault && html`<p id=${`${id}-fault`} class="bad-text" role="alert">${problem(fault)}</p>`}
  </div>`;
}

const KNOWN = ['name', 'alias', 'natural_key'];

/** @param {{column: any, columns: any[], fields: any[], onChoose: (column: any, field: string) => void}} props */
function Reason({ column, columns, fields, onChoose }) {
  const suggestion = column.reason === 'none' && !column.field && column.suggestions?.[0];
  const field = suggestion && fields.find((it) => it.name === suggestion.field);
  if (field) {
    const words = label(field.label);
    return html`<span class="reason">${t('match.like', { field: words })}</span>${' '}
      <button type="button" class="button small" onClick=${() => onChoose(column, field.name)}>${t('match.use')}<span class="unseen"> ${words}, ${columnName(column, columns)}</span></button>`;
  }
  const by = columns.find((it) => it.field && it.field === column.matched);
  const reason = column.reason === 'beaten' && !by ? 'beaten-by-another' : column.reason;
  const key = KNOWN.includes(reason) ? 'known' : reason;
  return html`<span class="reason">${says(`reason.${key}`) ? t(`reason.${key}`, { by: by ? columnName(by, columns) : '' }) : ''}</span>`;
}
