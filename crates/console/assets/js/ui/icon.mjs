// @ts-check
// A picture beside words, never instead of them: screen readers skip it.
import { html } from '../../vendor/preact.mjs';

const sheet = new URL('../../icons.svg', import.meta.url).pathname;

/** @param {{name: string}} props */
export const Icon = ({ name }) =>
  html`<svg class="icon" aria-hidden="true" focusable="false"><use href=${`${sheet}#${name}`}></use></svg>`;
