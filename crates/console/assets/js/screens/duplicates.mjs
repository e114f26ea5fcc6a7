// @ts-check
// Rows whose record is in the system already: what becomes of them, as the user wants it, and how many of each kind there are.
import { html } from '../../vendor/preact.mjs';
import { count, t } from '../words.mjs';
import { SelectField } from '../ui/field.mjs';

const CHOICES = ['reject', 'skip', 'update'];

/** @param {{value: string, onChange: (value: string) => void, error?: any}} props */
export const Duplicates = ({ value, onChange, error }) => html`<${SelectField} label=${t('duplicates.label')} value=${value} onChange=${onChange} error=${error}
  hint=${t(`duplicates.about.${value}`)} choices=${CHOICES.map((it) => ({ value: it, label: t(`duplicates.${it}`) }))} />`;

/** Rows that an import stores: new ones, and those that change what is there. @param {any} job */
export const importable = (job) => (job.plan ? job.plan.create_rows + job.plan.update_rows : job.valid_rows);

/**
 * Numbers side by side; those that are not there are left out.
 * @param {{numbers: [string, number | null][]}} props
 */
export const Tally = ({ numbers }) => html`<dl class="tally">
  ${numbers.filter(([, number]) => number !== null).map(([key, number]) => html`<div key=${key}><dt>${t(key)}</dt><dd>${count(number ?? 0)}</dd></div>`)}
</dl>`;
