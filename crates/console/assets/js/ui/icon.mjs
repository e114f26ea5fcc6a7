// @ts-check
// A picture beside words, never instead of them: readers pass it over.
import { html } from '../../vendor/preact.mjs';

const sheet = new URL('../../icons.svg', import.meta.url).pathname;

/** @param {{name: string}} props */
export const Icon = ({ name }) =>
  html`<svg class="icon" aria-hidden="true" focusable="false"><use href=${`${sheet}#${name}`}></use></svg>`;
