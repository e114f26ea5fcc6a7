// @ts-check
// Text that comes from files and people. It is only ever text: characters that would turn or hide the text around them are
// spelt out, and long texts are cut.
import { html, useState } from '../../vendor/preact.mjs';
import { visible } from '../format.mjs';
import { t } from '../words.mjs';

/** Longer texts are cut; a table cell is not the place for a page of text. */
const LONGEST = 300;

/** A name that stands in a sentence. @param {{text: string | null | undefined}} props */
export const Name = ({ text }) => html`<bdi>${short(visible(text ?? ''))}</bdi>`;

/** @param {string} text */
const short = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** What a cell holds. @param {{text: string | null | undefined, empty?: string}} props */
export function Cell({ text, empty }) {
  const [whole, setWhole] = useState(false);
  if (text === null || text === undefined || text.trim() === '') {
    return html`<i class="quiet">${empty ?? t('cell.empty')}</i>`;
  }
  const shown = visible(text);
  if (shown.length <= LONGEST) return html`<span dir="auto" class="cell">${shown}</span>`;
  return html`<span dir="auto" class="cell">${whole ? shown : short(shown)}</span>${' '}
    <button type="button" class="link" onClick=${() => setWhole(!whole)}>${t(whole ? 'cell.less' : 'cell.all')}</button>`;
}
