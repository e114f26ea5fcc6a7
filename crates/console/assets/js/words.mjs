// @ts-check
// The words of the console in the language of its user. Only the language in use is loaded. A text may hold `{name}` for a value
// and `{n|row|rows}` for the form that goes with a number.
import { signal } from '../vendor/preact.mjs';
import { keep, kept } from './keep.mjs';

export const LANGUAGES = /** @type {const} */ (['id', 'en']);

/** The language in use; texts read it, so that a change redraws them. */
export const language = signal('id');

/** @type {Record<string, string>} */
let texts = {};

/** Loads a language and shows it. @param {string} code */
export async function speak(code) {
  const known = code === 'en' ? 'en' : 'id';
  texts = (await import(`../i18n/${known}.mjs`)).default;
  document.documentElement.lang = known;
  keep('language', known);
  language.value = known;
}

/** The language that was chosen last on this computer. */
export const preferred = () => kept('language') ?? 'id';

/** @param {number} n */
export const count = (n) => new Intl.NumberFormat(language.value === 'en' ? 'en-GB' : 'id-ID').format(n);

/**
 * The text of a key with its values.
 * @param {string} key
 * @param {Record<string, string | number | null | undefined>} [values]
 */
export function t(key, values = {}) {
  // Read even where the text is missing, so that a change of language is seen.
  const spoken = language.value;
  const text = texts[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name, one, other) => {
    const value = values[name];
    if (one !== undefined) return spoken === 'en' && value === 1 ? one : other;
    if (typeof value === 'number') return count(value);
    return value ?? '';
  });
}

/** The server's messages about files. @type {Record<string, Record<string, string>>} */
let sayings = {};

/** @param {typeof sayings} notices */
export const learn = (notices) => {
  sayings = notices;
};

/**
 * The server's message about a file: its sentence is Indonesian, and so is the name of a field in it.
 * @param {{code: string, message: string, params?: Record<string, string>}} notice @param {any[]} fields
 */
export function notice({ code, message, params = {} }, fields) {
  const text = language.value === 'id' ? undefined : sayings[code]?.[language.value];
  if (text === undefined) return message;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name, one, other) => {
    const value = params[name] ?? '';
    if (one !== undefined) return value === '1' ? one : other;
    return label(fields.find((it) => it.label.id === value)?.label) || value;
  });
}

/** What the texts under a name are for. @param {string} name */
export const listed = (name) => Object.keys(texts).filter((key) => key.startsWith(`${name}.`)).map((key) => key.slice(name.length + 1));

/** Whether there is a text for a key. @param {string} key */
export const says = (key) => language.value !== '' && texts[key] !== undefined;

/** A label that the server gives in both languages. @param {{id: string, en: string} | null | undefined} label */
export const label = (label) => label?.[/** @type {'id' | 'en'} */ (language.value)] ?? '';
