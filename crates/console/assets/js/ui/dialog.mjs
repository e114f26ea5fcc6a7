// @ts-check
// A question over the page. Focus goes to its heading and back to the control that opened it, or to the page's heading if that no
// longer exists; Esc and the second button close it, and the button that cannot be undone is never the one that Enter presses.
import { html, useLayoutEffect, useRef } from '../../vendor/preact.mjs';
import { t } from '../words.mjs';
import { afterDrawing, focusHeading } from './page.mjs';

/**
 * @param {{title: any, onClose: (() => void) | null, children?: any, actions?: any, close?: string, wide?: boolean}} props
 * `onClose` is `null` if the question has to be answered.
 */
export function Dialog({ title, onClose, children, actions, close, wide = false }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const dialog = box.current;
    dialog?.showModal();
    /** @type {HTMLElement | null | undefined} */ (dialog?.querySelector('h2'))?.focus();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      // What opened it may go in the same drawing: an event from the server can end both before the answer of the button is there.
      afterDrawing(() => document.activeElement === document.body && focusHeading());
    };
  }, []);
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose?.();
  };
  return html`<dialog ref=${box} class=${wide ? 'wide' : ''} onCancel=${cancel} aria-labelledby="dialog-title">
    <h2 id="dialog-title" tabindex="-1">${title}</h2>
    <div class="dialog-body">${children}</div>
    ${(onClose || actions) &&
    html`<div class="actions">
      ${actions}
      ${onClose && html`<button type="button" class="button" onClick=${onClose}>${close ?? t('cancel')}</button>`}
    </div>`}
  </dialog>`;
}
