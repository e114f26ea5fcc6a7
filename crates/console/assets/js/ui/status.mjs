// @ts-check
// The one place where the page speaks to readers of screens: what has begun, what has ended, and now and then how far it is.
import { html, signal } from '../../vendor/preact.mjs';

const said = signal('');

/** Says something once. The same words twice are two messages. @param {string} text */
export function say(text) {
  said.value = said.peek() === text ? `${text}\u00a0` : text;
}

export const StatusLine = () => html`<div role="status" class="unseen">${said.value}</div>`;
