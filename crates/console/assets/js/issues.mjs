// @ts-check
// What a code of the server means to its user: a title, what to do, and the sentence beside a cell.
import { count, label, language, says, t } from './words.mjs';

/** Codes whose remedy is the same. @type {Record<string, string>} */
const REMEDIES = {
  required: 'fix.required',
  excel_scientific: 'fix.excel', excel_rounded: 'fix.excel', digits_rounded: 'fix.excel',
  excel_hashes: 'fix.excel_hashes',
  excel_lost_zero: 'fix.excel_lost_zero',
  invalid_nik: 'fix.digits', digits_count: 'fix.digits', digits: 'fix.digits',
  email: 'fix.email', invalid_email: 'fix.email',
  invalid_phone: 'fix.phone', phone_with_letters: 'fix.phone', several_phones: 'fix.phone',
  date_impossible: 'fix.date_impossible',
  date: 'fix.date', date_incomplete: 'fix.date', date_century: 'fix.date',
  date_order: 'fix.date_order', date_month_first: 'fix.date_order',
  number_ambiguous: 'fix.number', number_groups: 'fix.number',
  number_negative: 'fix.amount', number_currency: 'fix.amount',
  choice: 'fix.choice',
  reference_not_found: 'fix.reference_not_found',
  reference_ambiguous: 'fix.reference_ambiguous',
  duplicate_in_file: 'fix.duplicate_in_file', record_in_file: 'fix.duplicate_in_file',
  taken: 'fix.taken',
  duplicate_in_system: 'fix.duplicate_in_system',
  open_quote: 'fix.structure', text_after_quote: 'fix.structure', too_few_cells: 'fix.structure', too_many_cells: 'fix.structure',
  uncorrected: 'fix.uncorrected',
};

/** The part of the help that goes with a code. @type {Record<string, string>} */
const HELP = {
  'fix.excel': 'nik-excel',
  'fix.digits': 'nik-excel',
  'fix.excel_lost_zero': 'nol-hp',
  'fix.phone': 'nol-hp',
  'fix.reference_not_found': 'paket-tidak-ditemukan',
};

const ALREADY_THERE = 'duplicate_in_system';

/**
 * An issue as its job means it. Where records that are there are not refused, a row has the key of another record than its own.
 * @param {any} issue @param {any} job
 */
export const meant = (issue, job) => (issue.code === ALREADY_THERE && job.on_duplicate !== 'reject' ? { ...issue, meaning: 'taken' } : issue);

/** @param {any} issue */
const meaningOf = (issue) => issue.meaning ?? issue.code;

/** Whether there is nothing to correct. @param {any} issue */
export const isThere = (issue) => meaningOf(issue) === ALREADY_THERE;

/** @param {any} issue @param {any[]} fields */
function names(issue, fields) {
  const field = fields.find((it) => it.name === issue.field_name);
  const words = label(field?.label) || issue.field_name || '';
  return { field: words, column: issue.column?.replace(/[\s*]+$/, '').trim() || words, row: issue.params?.row ?? issue.params?.first_row ?? '' };
}

/** The title of a group. @param {any} group @param {any[]} fields */
export function titleOf(group, fields) {
  const values = names(group, fields);
  const key = `issue.${meaningOf(group)}`;
  if (says(key)) return t(key, values);
  return sentence(group.message) ?? t('issue.other', { ...values, message: group.expected_format ?? '' });
}

/** @param {string | undefined} message the server's sentences are Indonesian */
const sentence = (message) => (language.value === 'id' && message ? message : null);

/** What to do, as one or several steps. @param {any} group @param {any[]} fields @returns {string[]} */
export function remedyOf(group, fields) {
  const key = REMEDIES[meaningOf(group)];
  if (key) return t(key, { ...names(group, fields), field: names(group, fields).field.toLowerCase() }).split('|').map((step) => step.replace(/^\d /, ''));
  return group.expected_format ? [t('fix.other', { expected: group.expected_format })] : [];
}

/** @param {any} group */
export const helpOf = (group) => HELP[REMEDIES[group.code] ?? ''] ?? null;

/** The sentence beside a cell. @param {any} error @param {any[]} fields */
export function reasonOf(error, fields) {
  const values = names(error, fields);
  const key = `row-issue.${error.code}`;
  if (says(key) && (error.code !== 'duplicate_in_file' || values.row)) return t(key, { ...values, row: rowNumber(values.row) });
  if (says(`issue.${meaningOf(error)}`)) return t(`issue.${meaningOf(error)}`, values);
  return sentence(error.message) ?? t('issue.other', { ...values, message: '' });
}

/** @param {any} row */
const rowNumber = (row) => (row === '' ? '' : count(Number(row)));

/** Names a group in addresses and on the page. @param {any} group */
export const groupKey = (group) => `${group.code}:${group.column_index ?? ''}`;
