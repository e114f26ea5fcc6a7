// @ts-check
// Impor: unfinished, running and past imports. The first page of every user.
import { html, useEffect, useState } from '../../vendor/preact.mjs';
import { del, get, JOBS, post } from '../api.mjs';
import { ago, moment } from '../format.mjs';
import { go, to } from '../router.mjs';
import { may } from '../session.mjs';
import { changes, ORDER, put, stateOf } from '../store.mjs';
import { count, t } from '../words.mjs';
import { mode, useWatch } from '../live.mjs';
import { Action } from '../ui/action.mjs';
import { Badge } from '../ui/badge.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { SelectField, TextField } from '../ui/field.mjs';
import { Icon } from '../ui/icon.mjs';
import { Loaded, Loading, useLoad } from '../ui/load.mjs';
import { afterDrawing, focusHeading, Heading } from '../ui/page.mjs';
import { Progress } from '../ui/progress.mjs';
import { say } from '../ui/status.mjs';
import { Pager, Table } from '../ui/table.mjs';
import { TemplateLinks } from '../ui/template.mjs';

const PAGE = 20;
/** Drafts and running jobs are few; a longer list is not read. */
const OPEN = 20;
/** Lists are read again this long after the last of a burst of events. */
const SETTLE_MS = 400;
/** How often lists are read again while there is no socket. */
const POLL_MS = 15_000;

const UNENDED = ['pending', 'validating', 'importing'];
const ENDED = ['completed', 'failed', 'rolled_back'];

/** @param {URLSearchParams} query */
const filters = (query) => ({
  import_type: query.get('jenis'),
  status: query.get('status'),
  search: query.get('cari'),
  user_id: query.get('oleh'),
  created_from: query.get('dari'),
  created_to: query.get('sampai'),
});

/** @param {{query: URLSearchParams}} props */
export function Imports({ query }) {
  const wanted = filters(query);
  const page = Math.max(1, Number(query.get('hal')) || 1);
  const isFiltered = Object.values(wanted).some(Boolean);
  const turn = useSettled();
  const open = useLoad((signal) => get(JOBS, { signal, query: { status: UNENDED, limit: OPEN } }), [turn]);
  const past = useLoad(
    (signal) => get(JOBS, { signal, query: { ...wanted, status: wanted.status ?? ENDED, page, limit: PAGE } }),
    [turn, query.toString()],
  );
  const running = (open.data?.data ?? []).filter((/** @type {any} */ it) => it.status !== 'pending');
  const drafts = (open.data?.data ?? []).filter((/** @type {any} */ it) => it.status === 'pending');
  const isNew = open.data?.total === 0 && past.data?.total === 0 && !isFiltered;
  const reload = () => {
    open.reload();
    past.reload();
  };
  // Which of two pages this is, is known with the answers: a heading that changes would lose the focus.
  if ((open.data === null && !open.error) || (past.data === null && !past.error)) return html`<${Loading} lines=${6} />`;
  if (isNew) return may('manage_imports') ? html`<${Welcome} />` : html`<${NothingYet} />`;
  return html`
    <div class="title-row">
      <${Heading} title=${t('imports.title')} />
      ${may('manage_imports') && html`<a class="button primary" href=${to('impor/baru')} data-main="true"><${Icon} name="upload" /><span>${t('imports.new')}</span></a>`}
    </div>
    ${running.length > 0 &&
    html`<section aria-labelledby="running"><h2 id="running">${t('imports.running')}</h2>
      <ul class="list">${running.map((/** @type {any} */ it) => html`<${Running} key=${it.id} known=${it} />`)}</ul></section>`}
    ${drafts.length > 0 &&
    html`<section aria-labelledby="drafts"><h2 id="drafts">${t('imports.drafts')}</h2>
      <ul class="list">${drafts.map((/** @type {any} */ it) => html`<${Draft} key=${it.id} job=${it} onDone=${reload} />`)}</ul></section>`}
    <section>
      <h2>${t('imports.history')}</h2>
      <${Filters} key=${isFiltered} query=${query} isFiltered=${isFiltered} />
      <${Loaded} load=${past}>${(/** @type {any} */ answer) =>
        answer.data.length === 0
          ? html`<p class="empty">${t(isFiltered ? 'imports.no-match' : 'imports.none-ended')}</p>`
          : html`<${History} answer=${answer} page=${page} query=${query} isBusy=${past.isLoading} />`}
      </${Loaded}>
    </section>`;
}

/** Counts up when lists should be read again: a little after the last event, and by the clock where there are no events. */
function useSettled() {
  const [turn, setTurn] = useState(0);
  const seen = changes.value;
  useEffect(() => {
    if (seen === 0) return;
    const timer = setTimeout(() => setTurn((last) => last + 1), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [seen]);
  const isLive = mode.value === 'live';
  useEffect(() => {
    if (isLive) return;
    const timer = setInterval(() => !document.hidden && setTurn((last) => last + 1), POLL_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return turn;
}

/** @param {{known: any}} props */
function Running({ known }) {
  const signal = useWatch(known.id);
  useEffect(() => {
    put(known);
  }, [known.status]);
  const job = signal.value ?? known;
  const label = t(`state.${stateOf(job)}`, { p: job.progress_percentage });
  return html`<li class="card">
    <div class="row">
      <a class="file" href=${to(`impor/${job.id}`)}><${Name} text=${job.file_name} /></a>
      <span class="quiet">${t(`type.${job.import_type}`)}</span>
      <span class="end"><${Badge} job=${job} /></span>
    </div>
    <${Progress} label=${label} done=${job.processed_rows} total=${job.total_rows} percent=${job.progress_percentage} isSaid=${false} />
  </li>`;
}

/** @param {{job: any, onDone: () => void}} props */
function Draft({ job, onDone }) {
  return html`<li class="card row">
    <a class="file" href=${to(`impor/${job.id}`)}><${Name} text=${job.file_name} /></a>
    <span class="quiet">${t(`type.${job.import_type}`)} · ${t('rows', { n: job.total_rows })} · <${When} at=${job.created_at} /></span>
    <span class="end row">
      <${Badge} job=${job} />
      ${may('manage_imports') &&
      html`<a class="button" href=${to(`impor/${job.id}`)} aria-label=${t('imports.go-on-with', { file: job.file_name })}>${t('imports.go-on')}</a>
        <${Discard} job=${job} onDone=${onDone} />`}
    </span>
  </li>`;
}

/** Discards a draft: an import that was never started leaves no trace. @param {{job: any, onDone: () => void, kind?: string}} props */
export function Discard({ job, onDone, kind = '' }) {
  const [isAsked, setAsked] = useState(false);
  async function discard() {
    await post(`${JOBS}/${job.id}/cancel`);
    await del(`${JOBS}/${job.id}`);
    setAsked(false);
    say(t('imports.discarded'));
    onDone();
    afterDrawing(focusHeading);
  }
  return html`<button type="button" class=${`button ${kind}`} onClick=${() => setAsked(true)} aria-label=${t('imports.discard-file', { file: job.file_name })}>${t('imports.discard')}</button>
    ${isAsked &&
    html`<${Dialog} title=${t('discard.title')} onClose=${() => setAsked(false)}
      actions=${html`<${Action} run=${discard} kind="danger" busy=${t('discard.busy')}>${t('discard.do')}</${Action}>`}>
      <p>${t('discard.text')}</p><p class="file"><${Name} text=${job.file_name} /></p>
    </${Dialog}>`}`;
}

/** @param {{at: string | null}} props */
export const When = ({ at }) => (at ? html`<time datetime=${at} title=${ago(at)}>${moment(at)}</time>` : null);

/** @param {{answer: any, page: number, query: URLSearchParams, isBusy: boolean}} props */
function History({ answer, page, query, isBusy }) {
  const turnTo = (/** @type {number} */ number) => () => go(to('', { ...Object.fromEntries(query), hal: number > 1 ? number : null }));
  const from = (answer.page - 1) * answer.limit + 1;
  const upTo = from + answer.data.length - 1;
  return html`
    <${Table} caption=${t('imports.history')} rows=${answer.data} id=${(/** @type {any} */ it) => it.id} isBusy=${isBusy} columns=${[
      {
        key: 'file', title: t('column.file'), head: true,
        cell: (/** @type {any} */ it) => html`<a class="file" href=${to(`impor/${it.id}/hasil`)}><${Name} text=${it.file_name} /></a><span class="under">${t(`type.${it.import_type}`)}</span>`,
      },
      { key: 'status', title: t('column.status'), cell: (/** @type {any} */ it) => html`<${Badge} job=${it} />` },
      { key: 'rows', title: t('column.rows'), kind: 'number', cell: rowsOf },
      { key: 'by', title: t('column.by'), cell: (/** @type {any} */ it) => html`${it.created_by ? html`<a href=${to('', { ...Object.fromEntries(query), hal: null, oleh: it.created_by.id })} title=${t('filter.by')}><${Name} text=${it.created_by.nama_lengkap} /></a>` : '–'}` },
      { key: 'at', title: t('column.at'), kind: 'time', cell: (/** @type {any} */ it) => html`<${When} at=${it.completed_at ?? it.created_at} />` },
    ]} />
    ${answer.total > answer.limit &&
    html`<${Pager} name=${t('imports.history')} from=${from} to=${upTo} total=${answer.total}
      onBefore=${page > 1 ? turnTo(page - 1) : null} onNext=${upTo < answer.total ? turnTo(page + 1) : null} />`}`;
}

/** @param {any} it */
const rowsOf = (it) =>
  it.status === 'rolled_back' || it.imported_rows > 0 || it.status === 'completed'
    ? t('imports.rows-of', { n: it.imported_rows, total: it.total_rows })
    : count(it.total_rows);

/** @param {{query: URLSearchParams, isFiltered: boolean}} props */
function Filters({ query, isFiltered }) {
  const [text, setText] = useState(query.get('cari') ?? '');
  const [from, setFrom] = useState(query.get('dari') ?? '');
  const [upTo, setUpTo] = useState(query.get('sampai') ?? '');
  const change = (/** @type {Record<string, string>} */ parts) => go(to('', { ...Object.fromEntries(query), hal: null, ...parts }), { replace: true });
  return html`<form class="filters" role="search" aria-label=${t('imports.filter')} onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    change({ cari: text.trim(), dari: from, sampai: upTo });
  }}>
    <${TextField} label=${t('filter.search')} value=${text} onInput=${setText} type="search" />
    <${SelectField} label=${t('filter.type')} value=${query.get('jenis') ?? ''} onChange=${(/** @type {string} */ value) => change({ jenis: value })}
      choices=${[{ value: '', label: t('filter.all-types') }, ...ORDER.map((type) => ({ value: type, label: t(`type.${type}`) }))]} />
    <${SelectField} label=${t('filter.status')} value=${query.get('status') ?? ''} onChange=${(/** @type {string} */ value) => change({ status: value })}
      choices=${[{ value: '', label: t('filter.all-states') }, ...ENDED.map((status) => ({ value: status, label: t(`filter.${status}`) }))]} />
    <${TextField} label=${t('filter.from')} type="date" value=${from} onInput=${setFrom} />
    <${TextField} label=${t('filter.to')} type="date" value=${upTo} onInput=${setUpTo} />
    <button type="submit" class="button">${t('filter.apply')}</button>
    ${isFiltered && html`<a class="button link" href=${to('')}>${t('imports.clear')}</a>`}
  </form>`;
}

/** The order in which records refer to each other is the order in which files are imported. */
const Welcome = () => html`
  <${Heading} title=${t('welcome.title')} />
  <p class="lead">${t('welcome.text')}</p>
  <ol class="welcome">
    ${ORDER.map(
      (type, index) => html`<li key=${type} class="card">
        <span class="ordinal" aria-hidden="true">${index + 1}</span>
        <h2>${t(`type.${type}`)}</h2>
        <p class="quiet">${t(`welcome.${type}`)}</p>
        <p class="actions">
          <a class=${index === 0 ? 'button primary' : 'button'} href=${to('impor/baru', { jenis: type })}>${t('welcome.import', { type: t(`type.${type}`) })}</a>
          <${TemplateLinks} type=${type} />
        </p>
      </li>`,
    )}
  </ol>`;

const NothingYet = () => html`
  <${Heading} title=${t('imports.title')} />
  <p class="lead">${t('agent.nothing')}</p>
  <p><a class="button primary" href=${to('templat')}>${t('agent.templates')}</a></p>`;
