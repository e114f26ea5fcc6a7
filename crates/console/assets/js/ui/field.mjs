// @ts-check
// Form fields with their label, what is expected of them, and what is wrong with them.
import { html, useId, useState } from '../../vendor/preact.mjs';
import { says, t } from '../words.mjs';

/**
 * @param {{label: any, value: string, onInput: (value: string) => void, type?: string, hint?: any, error?: any, name?: string,
 *   autocomplete?: string, required?: boolean, inputRef?: any, [more: string]: any}} props
 */
export function TextField({ label, value, onInput, type = 'text', hint, error, inputRef, ...more }) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const isSecret = type === 'password';
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <div class=${isSecret ? 'with-button' : ''}>
      <input id=${id} ref=${inputRef} type=${isSecret && shown ? 'text' : type} value=${value}
        aria-invalid=${error ? 'true' : null} aria-describedby=${describedBy(id, hint, error)}
        onInput=${(/** @type {any} */ event) => onInput(event.target.value)} ...${more} />
      ${isSecret &&
      html`<button type="button" class="button" aria-pressed=${String(shown)} aria-controls=${id} onClick=${() => setShown(!shown)}>
        ${t(shown ? 'hide' : 'show')}<span class="unseen"> ${label}</span>
      </button>`}
    </div>
    <${Under} id=${id} hint=${hint} error=${error} />
  </div>`;
}

/**
 * @param {{label: any, value: string, onChange: (value: string) => void, choices: {value: string, label: string, disabled?: boolean}[],
 *   hint?: any, error?: any, hidden?: boolean, [more: string]: any}} props
 * `hidden` keeps the label for screen readers alone.
 */
export function SelectField({ label, value, onChange, choices, hint, error, hidden = false, ...more }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id} class=${hidden ? 'unseen' : ''}>${label}</label>
    <select id=${id} value=${value} aria-invalid=${error ? 'true' : null} aria-describedby=${describedBy(id, hint, error)}
      onChange=${(/** @type {any} */ event) => onChange(event.target.value)} ...${more}>
      ${choices.map((choice) => html`<option key=${choice.value} value=${choice.value} disabled=${choice.disabled} selected=${choice.value === value}>${choice.label}</option>`)}
    </select>
    <${Under} id=${id} hint=${hint} error=${error} />
  </div>`;
}

/** @param {{label: any, checked: boolean, onChange: (checked: boolean) => void}} props */
export const CheckField = ({ label, checked, onChange }) =>
  html`<label class="check"><input type="checkbox" checked=${checked} onChange=${(/** @type {any} */ event) => onChange(event.target.checked)} /><span>${label}</span></label>`;

/** What was refused, by the name of the field. @param {any} error @returns {Record<string, string>} */
export const byField = (error) => Object.fromEntries((error.details?.errors ?? []).map((/** @type {any} */ it) => [it.field, refusal(it)]));

/** The sentence is shown below the field, so it does not repeat the name of the field. @param {any} it */
function refusal({ code, expected, message }) {
  if (code === 'required') return t('field.required');
  const said = says(`issue.${code}`) ? t(`issue.${code}`, { field: '\u0001', column: '\u0001' }) : '\u0001';
  if (!said.includes('\u0001')) return said;
  return expected ? t('field.invalid', { expected }) : message;
}

/** @param {string} id @param {any} hint @param {any} error */
const describedBy = (id, hint, error) => [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || null;

/** @param {{id: string, hint?: any, error?: any}} props */
const Under = ({ id, hint, error }) => html`
  ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  ${error && html`<p class="bad-text" id=${`${id}-error`} role="alert">${error}</p>`}`;
