// @ts-check
// What a column is called on the page: by its header, and by its place where the header does not say which one it is.
import { visible } from '../format.mjs';
import { t } from '../words.mjs';

/** @param {{index: number, header: string}} column @param {{index: number, header: string}[]} columns */
export function columnName(column, columns) {
  const header = visible(column.header ?? '').trim();
  if (header === '') return t('match.untitled', { n: column.index + 1 });
  const isRepeated = columns.some((other) => other.index !== column.index && (other.header ?? '').trim() === column.header.trim());
  const short = header.length > 80 ? `${header.slice(0, 80)}…` : header;
  return isRepeated ? t('match.repeated', { header: short, n: column.index + 1 }) : short;
}
