// @ts-check
// Errors, in the words of the console.
import { html, useState } from '../../vendor/preact.mjs';
import { count, language, says, t } from '../words.mjs';

/** The sentence for a refusal. @param {any} error @returns {string} */
export function problem(error) {
  const { status, code, details = {}, message, requestId, retryAfter } = error ?? {};
  if (status === 0) return t('problem.unsent');
  const values = { ...(details ?? {}), n: retryAfter || 1, code: requestId ?? '–', limit: details?.limit ?? 10 };
  for (const key of [details?.reason && `problem.${code}.${details.reason}`, `problem.${code}`]) {
    if (key && says(key)) return t(key, values);
  }
  if (status >= 500) return t('problem.server', values);
  if (status === undefined) {
    // A fault of this page, not an answer.
    console.error(error);
    return t('problem.page');
  }
  // The server's sentences are Indonesian.
  return language.value === 'id' && message ? message : t('problem.other', { code: code ?? count(status) });
}

/** A page, or a part of one, that could not be read. @param {{error: any, retry?: () => void}} props */
export function Problem({ error, retry }) {
  const [copied, setCopied] = useState(false);
  const id = error?.requestId;
  const copy = async () => {
    await navigator.clipboard?.writeText(id).catch(() => {});
    setCopied(true);
  };
  return html`<div class="notice bad" role="alert">
    <p>${problem(error)}</p>
    <p class="actions">
      ${retry && html`<button type="button" class="button" onClick=${retry}>${t('retry')}</button>`}
      ${id && error.status >= 500 && html`<button type="button" class="button" onClick=${copy}>${t(copied ? 'copied' : 'copy-code')}</button>`}
    </p>
  </div>`;
}
