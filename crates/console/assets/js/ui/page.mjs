// @ts-check
// A screen's heading. It takes the focus when the screen is new, and names the window.
import { html, useEffect, useLayoutEffect, useRef } from '../../vendor/preact.mjs';
import { place } from '../router.mjs';
import { t } from '../words.mjs';

/** The address whose heading has had the focus: data that comes later does not take it again. */
let focused = /** @type {string | null} */ (null);

/** A screen of its own: its address without what only filters it. */
const screen = () => place.peek().path;

/** @param {{title: string, about?: string, children?: any, percent?: number | null}} props */
export function Heading({ title, about = '', children, percent = null }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (focused === screen()) return;
    focused = screen();
    scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  });
  useEffect(() => {
    const running = percent === null ? '' : `(${percent} %) `;
    document.title = running + [percent === null ? title : null, about, t('product')].filter(Boolean).join(' · ');
  }, [title, about, percent]);
  return html`<h1 tabindex="-1" ref=${heading}>${children ?? title}</h1>`;
}

/** Moves the focus to the heading of this screen, if the element that had it no longer exists. */
export function focusHeading() {
  /** @type {HTMLElement | null} */ (document.querySelector('main h1'))?.focus();
}

/**
 * Runs a task when what was just changed is drawn. Preact draws in a microtask, so one that is asked for after the change runs
 * right after the drawing; a timer or a frame would let keys pass in between, to what is no longer there.
 * @param {() => void} task
 */
export const afterDrawing = (task) => queueMicrotask(task);

/** The next heading takes the focus, whatever its address, because a user has logged in. */
export function refocus() {
  focused = null;
}
