// Runs the client class of the published API document, unchanged, through its whole flow, and prints what happened as one
// line of JSON. What may not happen is judged by the test that calls this (tests/it/published_client.rs).
//
//   node run.mjs BASE_URL TOKEN IMPORT_TYPE FILE
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import typescript from 'typescript';

const [baseURL, token, importType, path] = process.argv.slice(2);

// Types off, nothing else: the class is not exported in the document, so an export is added after it.
const source = await readFile(new URL('./migration-client.ts', import.meta.url), 'utf8');
const { outputText } = typescript.transpileModule(`${source}\nexport { MigrationClient };\n`, {
  compilerOptions: {
    module: typescript.ModuleKind.ESNext,
    target: typescript.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
  },
});
const compiled = new URL(`./.migration-client-${process.pid}.mjs`, import.meta.url);
await writeFile(compiled, outputText);
const { MigrationClient } = await import(compiled.href).finally(() => rm(compiled));

// As much of a browser as `downloadErrors` touches.
const downloads = [];
let saved;
globalThis.window = {
  URL: {
    createObjectURL(blob) {
      saved = blob;
      return 'blob:errors';
    },
  },
};
globalThis.document = {
  body: { appendChild() {} },
  createElement(name) {
    const attributes = {};
    return {
      name,
      setAttribute(key, value) {
        attributes[key] = value;
      },
      click() {
        downloads.push({ href: this.href, download: attributes.download, blob: saved });
      },
    };
  },
};

const client = new MigrationClient(baseURL, token);
const socket = client.socket;
const events = [];
socket.onAny((event, data) => events.push({ event, data }));
const connected = new Promise((resolve, reject) => {
  socket.once('connect', resolve);
  socket.once('connect_error', reject);
});
const completed = new Promise((resolve) => socket.once('migration:completed', resolve));

await connected;
const transport = socket.io.engine.transport.name;
const file = new File([await readFile(path)], basename(path), { type: 'text/csv' });
const uploaded = await client.uploadCSV(file, importType);
const progress = [];
client.trackProgress(uploaded.job_id, (data) => progress.push(data));
const started = await client.startImport(uploaded.job_id);
const completion = await completed;
const status = await client.getStatus(uploaded.job_id);
await client.downloadErrors(uploaded.job_id);
const [download] = downloads;

console.log(
  JSON.stringify({
    transport,
    uploaded,
    started,
    progress,
    completion,
    status,
    events,
    download: { href: download.href, name: download.download, text: await download.blob.text() },
  }),
);
socket.close();
