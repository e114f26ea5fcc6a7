// @ts-check
// Tables that stay tables for screen readers, and become cards where there is no room: `display: block` takes a table's
// meaning from its parts, so each says by its role what it is.
import { html } from '../../vendor/preact.mjs';
import { count, t } from '../words.mjs';

/**
 * @typedef {object} Column
 * @property {string} key
 * @property {any} title
 * @property {(row: any) => any} cell
 * @property {boolean} [head] names its row
 * @property {string} [kind] `number` or `time`
 * @property {string} [sort] what the server sorts by
 * @property {(row: any) => Record<string, any>} [more] attributes of the cell
 */

/**
 * @param {{caption: string, columns: Column[], rows: any[], id: (row: any) => string | number, sorted?: string, onSort?: (key: string) => void, isBusy?: boolean, isWide?: boolean}} props
 * `sorted` is `key:asc` or `key:desc`. `isWide`: it is scrolled where there is no room, and stays a table.
 */
export function Table({ caption, columns, rows, id, sorted = '', onSort, isBusy = false, isWide = false }) {
  const [by, order] = sorted.split(':');
  return html`<div class=${isWide ? 'scroll' : 'scroll folds'} role="region" tabindex="0" aria-label=${caption} aria-busy=${isBusy ? 'true' : null}>
    <table role="table" class=${isWide ? '' : 'cards'}>
      <caption class="unseen">${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            (column) => html`<th key=${column.key} role="columnheader" scope="col" class=${column.kind ?? ''}
              aria-sort=${column.sort && by === column.sort ? (order === 'desc' ? 'descending' : 'ascending') : null}>
              ${column.sort && onSort
                ? html`<button type="button" class="sort" onClick=${() => onSort(`${column.sort}:${by === column.sort && order === 'asc' ? 'desc' : 'asc'}`)}>
                    ${column.title}<span class="arrow" aria-hidden="true">${by === column.sort ? (order === 'desc' ? '↓' : '↑') : '↕'}</span>
                  </button>`
                : column.title}
            </th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (row) => html`<tr key=${id(row)} role="row">
            ${columns.map((column) => {
              const more = column.more?.(row) ?? {};
              const name = [column.kind ?? '', more.class ?? ''].join(' ').trim();
              return column.head
                ? html`<th key=${column.key} role="rowheader" scope="row" data-h=${text(column.title)} ...${more} class=${name}>${column.cell(row)}</th>`
                : html`<td key=${column.key} role="cell" data-h=${text(column.title)} ...${more} class=${name}>${column.cell(row)}</td>`;
            })}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** @param {any} title */
const text = (title) => (typeof title === 'string' ? title : '');

/**
 * @param {{from: number, to: number, total: number, onBefore: (() => void) | null, onNext: (() => void) | null, name: string, range?: string, before?: string}} props
 * `range` is said instead of the places where these are unknown, `before` where the button does not lead to the page before.
 */
export const Pager = ({ from, to, total, onBefore, onNext, name, range = '', before = '' }) =>
  html`<nav class="pager" aria-label=${name}>
    ${(onBefore || onNext) && html`<button type="button" class="button" disabled=${!onBefore} onClick=${onBefore}>${before || t('before')}</button>`}
    <span>${range || t('range', { from: count(from), to: count(to), total: count(total) })}</span>
    ${(onBefore || onNext) && html`<button type="button" class="button" disabled=${!onNext} onClick=${onNext}>${t('next')}</button>`}
  </nav>`;
