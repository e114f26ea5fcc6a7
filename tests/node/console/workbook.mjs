// As much of workbooks as the scenarios need: the cells of a sheet with their types, and a workbook of texts.
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';

/** The parts of an archive by their names. */
async function parts(path) {
  const bytes = await readFile(path);
  const found = new Map();
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + size);
    found.set(bytes.toString('utf8', at + 46, at + 46 + name), method === 0 ? content : inflateRawSync(content));
    at += 46 + name + extra + comment;
  }
  return found;
}

/** The cells of the first sheet that hold something: `{at, type, text}`. A number has no type. A cell that is only tinted closes itself. */
export async function cells(path) {
  const archive = await parts(path);
  const texts = [...(archive.get('xl/sharedStrings.xml')?.toString() ?? '').matchAll(/<si>(.*?)<\/si>/gs)].map(([, item]) =>
    [...item.matchAll(/<t[^>]*>(.*?)<\/t>/gs)].map(([, text]) => text).join(''),
  );
  const sheet = archive.get('xl/worksheets/sheet1.xml').toString();
  return [...sheet.matchAll(/<c r="([A-Z]+\d+)"([^>]*[^>/])>(.*?)<\/c>/gs)].map(([, at, attributes, content]) => {
    const type = attributes.match(/\bt="(\w+)"/)?.[1] ?? null;
    const value = content.match(/<(?:v|t)[^>]*>(.*?)<\/(?:v|t)>/s)?.[1] ?? '';
    return { at, type, text: type === 's' ? texts[Number(value)] : value };
  });
}

/** @param {Buffer} bytes */
function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** An archive whose parts are not compressed. @param {Record<string, string>} contents */
function archive(contents) {
  const local = [];
  const central = [];
  let at = 0;
  for (const [path, text] of Object.entries(contents)) {
    const [name, bytes] = [Buffer.from(path), Buffer.from(text)];
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(bytes.length, 14);
    about.writeUInt32LE(bytes.length, 18);
    about.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(at, 12);
    local.push(Buffer.from('PK\x03\x04'), about, name, bytes);
    central.push(Buffer.from('PK\x01\x02\x14\x00'), about, entry.subarray(2), name);
    at += 30 + name.length + bytes.length;
  }
  const listing = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(contents).length, 8);
  end.writeUInt16LE(Object.keys(contents).length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, listing, end]);
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** A workbook of text cells, as a file to upload. @param {string} name @param {Record<string, string[][]>} sheets rows by the names of sheets */
export function workbook(name, sheets) {
  const names = Object.keys(sheets);
  const each = (/** @type {(sheet: string, number: number) => string} */ write) => names.map((sheet, index) => write(sheet, index + 1)).join('');
  const relations = (/** @type {string} */ content) => `<Relationships xmlns="${PACKAGE}/relationships">${content}</Relationships>`;
  const contents = {
    '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/>${each((_, n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${TYPES}.worksheet+xml"/>`)}</Types>`,
    '_rels/.rels': relations(`<Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/>`),
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${each((sheet, n) => `<sheet name="${sheet}" sheetId="${n}" r:id="rId${n}"/>`)}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(each((_, n) => `<Relationship Id="rId${n}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${n}.xml"/>`)),
  };
  names.forEach((sheet, index) => {
    const rows = sheets[sheet].map((row) => `<row>${row.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`);
    contents[`xl/worksheets/sheet${index + 1}.xml`] = `<worksheet xmlns="${MAIN}"><sheetData>${rows.join('')}</sheetData></worksheet>`;
  });
  return { name, mimeType: `${TYPES}.sheet`, buffer: archive(contents) };
}
