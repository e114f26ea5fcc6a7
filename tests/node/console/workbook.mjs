// As much of a workbook reader as the scenarios need: the parts of the archive, and the cells of a sheet with their types.
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
