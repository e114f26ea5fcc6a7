// @ts-check
// What is wrong with a file, as far as that can be determined before it is sent.
import { size } from '../format.mjs';
import { t } from '../words.mjs';

/** The first bytes of files that are not tables, whatever their names are. */
const NO_TABLES = [
  [0x25, 0x50, 0x44, 0x46], // %PDF
  [0xff, 0xd8, 0xff], // JPEG
  [0x89, 0x50, 0x4e, 0x47], // PNG
];
const NO_TABLE_NAMES = /\.(numbers|docx?|pdf|jpe?g|png|pages|pptx?)$/i;

/** @param {File[]} files @param {number} limit @returns {Promise<string | null>} */
export async function fileFault(files, limit) {
  const [file, ...others] = files;
  if (!file || others.length > 0) return t('upload.many');
  // A folder looks like an empty file without a type, and cannot be read.
  if (file.size === 0) return t('upload.empty');
  if (file.size > limit) return t('upload.large', { size: size(file.size), limit: size(limit) });
  if (NO_TABLE_NAMES.test(file.name)) return t('upload.no-table');
  try {
    const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
    if (NO_TABLES.some((bytes) => bytes.every((byte, index) => start[index] === byte))) return t('upload.no-table');
  } catch {
    // It has changed since it was chosen, or another program holds it.
    return !file.type && file.size % 4096 === 0 && !/\./.test(file.name) ? t('upload.many') : t('upload.locked');
  }
  return null;
}
