// @ts-check
// Numbers, times and texts of others as people read them. Times are shown in the zone of the agency, whatever the zone of the computer is.
import { signal } from '../vendor/preact.mjs';
import { count, language, t } from './words.mjs';

/** The zone of the agency, as the session knows it. */
export const timeZone = signal('Asia/Jakarta');

const locale = () => (language.value === 'en' ? 'en-GB' : 'id-ID');

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options */
function dateFormat(options) {
  const key = `${locale()} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale(), options);
    formats.set(key, format);
  }
  return format;
}

/** The zone's short name; English texts have no word for those of Indonesia, so the Indonesian one serves both. @param {Date} at */
function zoneName(at) {
  const parts = new Intl.DateTimeFormat('id-ID', { timeZone: timeZone.value, timeZoneName: 'short' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** "27 Nov 2026, 23.43 WIB". @param {string | null | undefined} at */
export function moment(at) {
  if (!at) return '';
  const date = new Date(at);
  const zone = { timeZone: timeZone.value };
  const day = dateFormat({ ...zone, day: 'numeric', month: 'short', year: 'numeric' }).format(date);
  const time = dateFormat({ ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
  return `${day}, ${time} ${zoneName(date)}`;
}

/** "09.12 WIB". @param {string} at */
export function timeOfDay(at) {
  const date = new Date(at);
  const time = dateFormat({ timeZone: timeZone.value, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
  return `${time} ${zoneName(date)}`;
}

/** A date without a time belongs to no zone. @param {string | null | undefined} date */
export function day(date) {
  if (!date) return '';
  const [year, month, of] = date.slice(0, 10).split('-').map(Number);
  return dateFormat({ timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' }).format(
    new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, of ?? 1)),
  );
}

/** "3 jam yang lalu". @param {string} at */
export function ago(at) {
  const seconds = (new Date(at).getTime() - Date.now()) / 1000;
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  for (const [unit, size] of /** @type {const} */ ([['day', 86400], ['hour', 3600], ['minute', 60]])) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return t('time.now');
}

/** "3 jam 12 menit". @param {number} seconds */
export function span(seconds) {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return t('time.hours', { h: hours, m: minutes % 60 });
  if (minutes > 0) return t('time.minutes', { m: minutes });
  const whole = Math.round(seconds);
  return `${whole < 1 ? '< ' : ''}${t('time.seconds', { s: Math.max(1, whole) })}`;
}

/** "3,2 MB". @param {number} bytes */
export function size(bytes) {
  const unit = bytes >= 1e6 ? [1048576, 'MB'] : [1024, 'KB'];
  const value = bytes / Number(unit[0]);
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)} ${unit[1]}`;
}

/** "Rp 25.000.000". @param {number | null | undefined} amount */
export const rupiah = (amount) => (amount === null || amount === undefined ? '' : `Rp ${count(amount)}`);

/**
 * Characters that would turn, hide or split the text around them: controls, marks of direction, and what has no width.
 */
const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** The text with such characters spelt out. @param {string} text */
export const visible = (text) =>
  text.replace(INVISIBLE, (character) => `⟦U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`);

/** "6, 9, 12–40", at most so many parts. @param {number[]} rows @param {number} [most] */
export function rowList(rows, most = 6) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const row of rows) {
    const last = runs[runs.length - 1];
    if (last && row === last[1] + 1) last[1] = row;
    else runs.push([row, row]);
  }
  const shown = runs.slice(0, most).map(([from, to]) => (from === to ? `${count(from)}` : `${count(from)}–${count(to)}`));
  return shown.join(', ') + (runs.length > most ? ', …' : '');
}
