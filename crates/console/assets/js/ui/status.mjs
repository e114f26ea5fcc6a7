// @ts-check
// The only place for announcements to screen readers: what has begun, what has ended, and occasionally the progress.
import { html, signal } from '../../vendor/preact.mjs';

/** Messages that follow each other faster would replace each other before they are read: they stand together. */
const TOGETHER_MS = 1000;

const said = signal(/** @type {{turn: number, text: string}[]} */ ([]));
let turn = 0;
let last = -Infinity;

/** Announces a text once. The same text twice is two messages. @param {string} text */
export function say(text) {
  const now = performance.now();
  const before = now - last < TOGETHER_MS ? said.peek().filter((it) => it.text !== text) : [];
  last = now;
  turn += 1;
  said.value = [...before, { turn, text }];
}

export const StatusLine = () => html`<div role="status" aria-atomic="false" class="unseen">${said.value.map((it) => html`<p key=${it.turn}>${it.text}</p>`)}</div>`;
