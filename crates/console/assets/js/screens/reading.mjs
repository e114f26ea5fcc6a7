// @ts-check
// How the file is read, and the controls to change it.
import { html } from '../../vendor/preact.mjs';
import { t } from '../words.mjs';
import { SelectField, TextField } from '../ui/field.mjs';
import { problem } from '../ui/problem.mjs';

const UPPER = new Map([['utf-8', 'UTF-8'], ['windows-1252', 'Windows-1252'], ['utf-16le', 'UTF-16']]);
/** Letters that show a wrong encoding first. */
const TELLING = /[^\u0000-\u007f]/;

/** @param {{preview: any, draft: any}} props */
export function Reading({ preview, draft }) {
  const { reading, sheets = [], sheet } = preview;
  const { pending } = draft;
  const value = (/** @type {string} */ name, /** @type {any} */ known) => (pending[name] !== undefined ? pending[name] : known);
  const sample = preview.rows.flatMap((/** @type {any} */ row) => row.cells).find((/** @type {string} */ cell) => TELLING.test(cell ?? ''));
  const encoding = reading?.encoding;
  const delimiter = reading?.delimiter;
  const headerRow = reading?.header_row ?? 0;
  const recognisedRow = reading?.recognised_header_row;
  const isChanged = [encoding, delimiter].some((it) => it && it.value !== it.recognised) || (recognisedRow !== undefined && recognisedRow !== headerRow);
  const choices = (/** @type {any} */ part, /** @type {(it: string) => string} */ words) =>
    [...new Set([part.recognised, ...part.choices])].filter(Boolean).map((it) => ({ value: it, label: it === part.recognised ? t('reading.recognised', { value: words(it) }) : words(it) }));
  return html`<details class="reading" open=${encoding?.certain === false || isChanged}>
    <summary>${t('reading.title')}</summary>
    <div class="grid">
      ${sheets.length > 1 &&
      html`<${SelectField} label=${t('reading.sheet')} value=${value('sheet', sheet) ?? ''} onChange=${(/** @type {string} */ it) => draft.change({ sheet: it }, 'reading')}
        choices=${sheets.map((/** @type {any} */ it) => ({ value: it.name, label: t('reading.sheet-rows', { name: it.name, n: it.rows }) }))} />`}
      ${delimiter &&
      html`<${SelectField} label=${t('reading.delimiter')} value=${value('delimiter', delimiter.value) ?? delimiter.recognised} onChange=${(/** @type {string} */ it) => draft.change({ delimiter: it }, 'reading')}
        choices=${choices(delimiter, (it) => t(`delimiter.${it}`))} />`}
      ${encoding &&
      html`<${SelectField} label=${t('reading.encoding')} value=${value('encoding', encoding.value) ?? encoding.recognised} onChange=${(/** @type {string} */ it) => draft.change({ encoding: it }, 'reading')}
        choices=${choices(encoding, (it) => UPPER.get(it) ?? it)} hint=${sample && html`<bdi>${sample.slice(0, 60)}</bdi>`} />`}
      ${reading &&
      html`<${TextField} label=${t('reading.header')} type="number" min="0" max="1000" value=${String(value('header_row', headerRow) ?? recognisedRow ?? '')} hint=${t('reading.no-header')}
        onInput=${(/** @type {string} */ it) => /^\d{1,4}$/.test(it) && draft.change({ header_row: Number(it) }, 'reading')} />`}
    </div>
    ${draft.fault?.where === 'reading' && html`<p class="bad-text" role="alert">${problem(draft.fault.error)}</p>`}
    ${(isChanged || ['encoding', 'delimiter', 'header_row', 'sheet'].some((name) => pending[name] !== undefined)) &&
    html`<p class="space"><button type="button" class="button" onClick=${() => draft.change({ encoding: null, delimiter: null, header_row: null, ...(sheets.length > 1 ? { sheet: null } : {}) }, 'reading')}>${t('reading.automatic')}</button></p>`}
  </details>`;
}
