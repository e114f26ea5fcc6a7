// @ts-check
// Progress, as a bar and as numbers beside it. The bar has no end until the first number has arrived, because numbers come in
// bursts.
import { html, useEffect, useRef } from '../../vendor/preact.mjs';
import { t } from '../words.mjs';
import { say } from './status.mjs';

/** How often screen readers announce it at most. */
const SAID_EVERY_MS = 10_000;
const SAID_EVERY_PERCENT = 25;

/** @param {{label: string, done: number, total: number, percent: number, isSaid?: boolean}} props */
export function Progress({ label, done, total, percent, isSaid = true }) {
  const last = useRef({ at: Date.now(), percent: 0 });
  useEffect(() => {
    if (!isSaid || done === 0) return;
    const now = Date.now();
    if (percent - last.current.percent < SAID_EVERY_PERCENT && now - last.current.at < SAID_EVERY_MS) return;
    last.current = { at: now, percent };
    say(t('progress.said', { p: percent }));
  }, [percent]);
  const isKnown = done > 0;
  return html`<div class="progress">
    <progress aria-label=${label} ...${isKnown ? { value: percent, max: 100 } : {}}></progress>
    <p>${isKnown ? t('progress.numbers', { p: percent, done, total }) : t('progress.begun', { total })}</p>
  </div>`;
}
