// @ts-check
// 1 Unggah: the import type and the file. Faults that can be found without sending the file are reported before it is sent.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/preact.mjs';
import { get, JOBS, send } from '../api.mjs';
import { size } from '../format.mjs';
import { keep, kept } from '../keep.mjs';
import { go, to } from '../router.mjs';
import { may } from '../session.mjs';
import { loadJob, loadTypes, ORDER, remember } from '../store.mjs';
import { label, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { SelectField } from '../ui/field.mjs';
import { Icon } from '../ui/icon.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { problem } from '../ui/problem.mjs';
import { say } from '../ui/status.mjs';
import { Steps } from '../ui/steps.mjs';
import { TemplateLinks } from '../ui/template.mjs';
import { fileFault } from './file-fault.mjs';
import { PasteDialog } from './paste.mjs';

/** Used until the server has answered with its limit. */
const DEFAULT_LIMIT = 10 * 1024 * 1024;

/** @param {{query: URLSearchParams}} props */
export function Upload({ query }) {
  const replaces = query.get('ganti');
  const corrects = query.get('perbaiki');
  const other = replaces ?? corrects;
  const load = useLoad(
    async (signal) => {
      const [types, job, agents] = await Promise.all([loadTypes(), other ? loadJob(other, signal) : null, loadAgents(signal)]);
      return { types, job, agents };
    },
    [other],
  );
  return html`<${Steps} step="unggah" />
    <${Heading} title=${t(replaces ? 'upload.replace' : corrects ? 'upload.correct' : 'upload.title')} />
    <${Loaded} load=${load} lines=${6}>${(/** @type {any} */ { types, job, agents }) =>
      html`<${Form} types=${types} job=${job} agents=${agents} replaces=${replaces} corrects=${corrects} asked=${query.get('jenis')} />`}
    </${Loaded}>`;
}

/** Agents for whom a file may be imported. Only users who manage accounts may list them. @param {AbortSignal} signal @returns {Promise<any[]>} */
async function loadAgents(signal) {
  if (!may('manage_users')) return [];
  const { items } = await get('/users', { signal, query: { filter: ['role=agent', 'is_active=true'], limit: 100 } });
  return items;
}

/** @param {{types: any[], job: any, agents: any[], replaces: string | null, corrects: string | null, asked: string | null}} props */
function Form({ types, job, agents, replaces, corrects, asked }) {
  const first = [job?.import_type, asked, kept('import-type')].find((type) => ORDER.includes(type ?? '')) ?? 'package';
  const [type, setType] = useState(first);
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [fault, setFault] = useState(/** @type {string | null} */ (null));
  const [isPasting, setPasting] = useState(false);
  const [agent, setAgent] = useState('');
  const limit = types.find((it) => it.type === type)?.max_upload_bytes ?? DEFAULT_LIMIT;

  /** @param {FileList | File[]} files */
  async function choose(files) {
    const wrong = await fileFault([...files], limit);
    setFault(wrong);
    setFile(wrong ? null : (files[0] ?? null));
  }

  return html`
    ${!job &&
    html`<fieldset>
      <legend class="label section-label">${t('upload.type')}</legend>
      <div class="types">
        ${types.map(
          (it) => html`<div key=${it.type} class=${it.type === type ? 'type on' : 'type'}>
            <label class="check">
              <input type="radio" name="type" value=${it.type} checked=${it.type === type} onChange=${() => setType(it.type)} />
              <span><b>${label(it.label)}</b><span class="quiet">${t(`upload.about.${it.type}`)}</span></span>
            </label>
            <span class="row"><${TemplateLinks} type=${it.type} /></span>
          </div>`,
        )}
      </div>
    </fieldset>`}
    ${agents.length > 0 && !replaces &&
    html`<section><${SelectField} label=${t('upload.behalf')} hint=${t('upload.behalf-hint')} value=${agent} onChange=${setAgent}
      choices=${[{ value: '', label: t('upload.behalf-none') }, ...agents.map((it) => ({ value: it.id, label: it.nama_lengkap }))]} /></section>`}
    <section aria-labelledby="file-label">
      <h2 id="file-label">${t('upload.file')}</h2>
      ${file
        ? html`<${Chosen} file=${file} type=${type} agent=${agent} replaces=${replaces} corrects=${corrects} onChange=${() => setFile(null)} />`
        : html`<${Drop} limit=${limit} fault=${fault} onFiles=${choose} onPaste=${() => setPasting(true)} />`}
    </section>
    ${isPasting &&
    html`<${PasteDialog} onClose=${() => setPasting(false)} onFile=${(/** @type {File} */ pasted) => {
      setPasting(false);
      choose([pasted]);
    }} />`}`;
}

/** @param {{limit: number, fault: string | null, onFiles: (files: FileList) => void, onPaste: () => void}} props */
function Drop({ limit, fault, onFiles, onPaste }) {
  const [isOver, setOver] = useState(false);
  const take = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer) onFiles(event.dataTransfer.files);
  };
  const over = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(true);
  };
  return html`<div class=${isOver ? 'drop over' : 'drop'} onDragOver=${over} onDragLeave=${() => setOver(false)} onDrop=${take}>
    <${Icon} name="file" />
    <label for="file" class="label">${t('upload.choose')}</label>
    <input id="file" type="file" accept=".xlsx,.xls,.ods,.csv,.tsv,.txt" aria-describedby=${fault ? 'file-limit file-fault' : 'file-limit'} aria-invalid=${fault ? 'true' : null}
      onChange=${(/** @type {any} */ event) => event.target.files.length > 0 && onFiles(event.target.files)} />
    <p class="hint" id="file-limit">${t('upload.limit', { size: size(limit) })}</p>
    ${fault && html`<p class="bad-text" id="file-fault" role="alert">${fault}</p>`}
    <button type="button" class="button" onClick=${onPaste}><${Icon} name="clipboard" /><span>${t('upload.paste')}</span></button>
  </div>`;
}

/** @param {{file: File, type: string, agent: string, replaces: string | null, corrects: string | null, onChange: () => void}} props */
function Chosen({ file, type, agent, replaces, corrects, onChange }) {
  const [sent, setSent] = useState(/** @type {{sent: number, total: number} | null} */ (null));
  const [message, setMessage] = useState(/** @type {string | null} */ (null));
  const control = useRef(/** @type {AbortController | null} */ (null));
  // One key for a file, however often it has to be sent: the server makes one job of it.
  const key = useRef(randomKey());
  useEffect(() => {
    key.current = randomKey();
  }, [file, type, agent]);
  useLayoutEffect(() => {
    // The control that had the focus, the choice of a file, no longer exists.
    /** @type {HTMLElement | null} */ (document.querySelector('main [data-main]'))?.focus();
    return () => control.current?.abort();
  }, []);

  async function upload() {
    setMessage(null);
    const fault = await fileFault([file], Infinity);
    if (fault) {
      setMessage(fault);
      return;
    }
    control.current = new AbortController();
    setSent({ sent: 0, total: file.size });
    say(t('upload.busy'));
    const form = () => {
      const data = new FormData();
      data.append('import_type', type);
      data.append('draft', 'true');
      if (replaces) data.append('replaces', replaces);
      if (corrects) data.append('corrects', corrects);
      if (agent) data.append('on_behalf_of', agent);
      data.append('file', file, file.name);
      return data;
    };
    try {
      const answer = await send(`${JOBS}/upload`, form, {
        signal: control.current.signal,
        headers: { 'Idempotency-Key': key.current },
        onProgress: (done, total) => setSent({ sent: done, total }),
      });
      keep('import-type', type);
      remember(answer.job_id, { same: answer.same_file ?? null, looksLike: answer.looks_like ?? null });
      await go(to(`impor/${answer.job_id}/cocokkan`));
    } catch (/** @type {any} */ error) {
      if (error.name === 'AbortError') setMessage(t('upload.stopped'));
      else if (error.status === 0) setMessage(t('upload.lost'));
      else setMessage(refusal(error));
      // An answer completes the key; a refused file is sent under a new one.
      if (error.status > 0) key.current = randomKey();
    } finally {
      setSent(null);
    }
  }

  return html`<div class="chosen">
      <${Icon} name="file" />
      <span class="file"><${Name} text=${file.name} /></span><span class="quiet">${size(file.size)}</span>
      <span class="end">${!sent && html`<button type="button" class="button" onClick=${onChange}>${t('upload.change')}</button>`}</span>
    </div>
    ${sent && html`<${Sending} sent=${sent.sent} total=${sent.total} onStop=${() => control.current?.abort()} />`}
    ${message && html`<div class="notice bad" role="alert"><p>${message}</p></div>`}
    <div class="stick actions space">
      <${Action} run=${upload} kind="primary" busy=${t('upload.busy')} main>${message ? t('retry') : t('upload.go')}</${Action}>
    </div>`;
}

/** @param {{sent: number, total: number, onStop: () => void}} props */
function Sending({ sent, total, onStop }) {
  const isSent = sent >= total && total > 0;
  const words = isSent ? t('upload.reading') : t('upload.sending', { sent: size(sent), total: size(total) });
  return html`<div class="progress">
    <progress aria-label=${words} ...${isSent ? {} : { value: sent, max: total }}></progress>
    <div class="row"><p>${words}</p>${!isSent && html`<button type="button" class="button" onClick=${onStop}>${t('upload.stop')}</button>`}</div>
  </div>`;
}

/** @param {any} error */
function refusal(error) {
  if (error.code === 'missing_columns') return t('upload.missing', { fields: (error.details?.missing ?? []).join(', ') });
  return problem(error);
}

/** Hexadecimal, since `randomUUID` is not there where the console is served without TLS. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
