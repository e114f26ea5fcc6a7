// @ts-check
// A button that does something on the server. It is off and renamed in the frame of the click, so a second click cannot pass; what
// went wrong stands below it.
import { html, useLayoutEffect, useRef, useState } from '../../vendor/preact.mjs';
import { t } from '../words.mjs';
import { Icon } from './icon.mjs';
import { problem } from './problem.mjs';

/**
 * @param {{run: () => Promise<any>, children?: any, busy?: string, kind?: string, icon?: string, blocked?: string | null,
 *   onError?: (error: any) => any, main?: boolean}} props
 * `blocked` is the reason why it cannot be pressed yet. `onError` may return `true` if it shows the error itself.
 */
export function Action({ run, children, busy, kind = '', icon, blocked = null, onError, main = false }) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const [why, setWhy] = useState(/** @type {string | null} */ (null));
  const lock = useRef(false);
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  // A button that was off has lost the focus. It gets it back in the drawing that turns it on, before the next key.
  const hasLost = useRef(false);
  useLayoutEffect(() => {
    if (isBusy || !hasLost.current) return;
    hasLost.current = false;
    button.current?.focus();
  }, [isBusy]);

  async function press() {
    if (lock.current) return;
    if (blocked) {
      setWhy(blocked);
      return;
    }
    lock.current = true;
    setWhy(null);
    setError(null);
    setBusy(true);
    try {
      await run();
    } catch (failure) {
      if (!(await onError?.(failure))) setError(failure);
    } finally {
      lock.current = false;
      hasLost.current = document.activeElement === document.body;
      setBusy(false);
    }
  }

  const message = why ?? (error && problem(error));
  return html`<span class="action">
    <button ref=${button} type="button" class=${`button ${kind}`} disabled=${isBusy} aria-disabled=${blocked ? 'true' : null} data-main=${main || null} onClick=${press}>
      ${icon && html`<${Icon} name=${icon} />`}<span>${isBusy ? (busy ?? t('busy')) : children}</span>
    </button>
    ${message && html`<span role="alert" class="bad-text">${message}</span>`}
  </span>`;
}
