// @ts-check
// Baris bermasalah: the rows with their cells, fifty a page, whose cells can be corrected in place.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/preact.mjs';
import { get, JOBS, patch } from '../api.mjs';
import { groupKey, isThere, meant, reasonOf, titleOf } from '../issues.mjs';
import { askBeforeLeaving, go, to } from '../router.mjs';
import { count, label, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Cell } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { CheckField, SelectField, TextField } from '../ui/field.mjs';
import { Icon } from '../ui/icon.mjs';
import { Loaded, useLoad, useNews } from '../ui/load.mjs';
import { problem } from '../ui/problem.mjs';
import { say } from '../ui/status.mjs';
import { Pager, Table } from '../ui/table.mjs';
import { columnName } from './column-name.mjs';

const PAGE = 50;
/** @typedef {{cells: Set<string>, saving: Promise<any>}} Unsaved the cells that hold what is not saved, and what is being saved, in its order */

/** @returns {Unsaved} */
export const nothing = () => ({ cells: new Set(), saving: Promise.resolve() });

/** The most rows whose edits one call may undo. */
const AMENDED_AT_ONCE = 200;

/**
 * @param {{job: any, query: URLSearchParams, fields: any[], groups: any[], unsaved: number, onAmended: (rows: number) => void,
 *   onRecheck: () => Promise<void>, dirty: Unsaved}} props
 */
export function Rows({ job, query, fields, groups, unsaved, onAmended, onRecheck, dirty }) {
  const cause = query.get('sebab') ?? '';
  const after = Number(query.get('sesudah')) || 0;
  /** Unknown after a jump to a row, because only visited pages are counted. */
  const page = Number(query.get('hal')) || (after > 0 ? 0 : 1);
  const [code, column] = cause.split(':');
  const [hasAllColumns, setAllColumns] = useState(false);
  const [goto, setGoto] = useState('');
  const [isLeaving, setLeaving] = useState(/** @type {{answer: (leave: boolean) => void} | null} */ (null));
  /** Where the previous pages begin, as far as they were visited. */
  const walked = useRef(/** @type {number[]} */ ([]));
  const load = useLoad(
    (signal) => get(`${JOBS}/${job.id}/failed-rows`, { signal, query: { format: 'json', after: after || null, limit: PAGE, code, column_index: column } }),
    [job.id, job.validated_at, cause, after],
  );
  const own = useNews(job.updated_at, () => dirty.cells.size === 0 && load.reload());
  useEffect(() => {
    askBeforeLeaving(async () => {
      // A cell is saved when the focus leaves it; pending saves are awaited.
      await dirty.saving;
      return dirty.cells.size === 0 || new Promise((answer) => setLeaving({ answer }));
    });
    const warn = (/** @type {BeforeUnloadEvent} */ event) => dirty.cells.size > 0 && event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => {
      askBeforeLeaving(null);
      removeEventListener('beforeunload', warn);
    };
  }, []);

  const here = (/** @type {Record<string, any>} */ parts) => to(`impor/${job.id}/periksa`, { sebab: cause, ...parts });
  const next = () => {
    walked.current.push(after);
    go(here({ hal: page > 0 && page + 1, sesudah: load.data.next }));
  };
  const before = () => {
    const start = walked.current.pop() ?? 0;
    go(here(start > 0 ? { hal: page > 1 && page - 1, sesudah: start } : {}));
  };
  const answer = (/** @type {boolean} */ leave) => {
    if (leave) dirty.cells.clear();
    isLeaving?.answer(leave);
    setLeaving(null);
  };

  async function discard() {
    await dirty.saving;
    own.current = true;
    const { data = [] } = await get(`${JOBS}/${job.id}/amendments`);
    const rows = [...new Set(data.map((/** @type {any} */ it) => it.row_number))].map((row_number) => ({ row_number, cells: null }));
    for (let from = 0; from < rows.length; from += AMENDED_AT_ONCE) {
      await patch(`${JOBS}/${job.id}/amendments`, { rows: rows.slice(from, from + AMENDED_AT_ONCE) });
    }
    onAmended(0);
    load.reload();
  }

  const amended = Math.max(unsaved, (load.data?.data ?? []).filter((/** @type {any} */ row) => row.amended).length);
  return html`<section>
    <h2 id="rows" tabindex="-1">${t('check.rows')}</h2>
    <form class="filters" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (/^\d+$/.test(goto)) go(here({ sesudah: Number(goto) - 1 || null }));
    }}>
      <${SelectField} label=${t('rows.filter')} value=${cause} onChange=${(/** @type {string} */ value) => go(to(`impor/${job.id}/periksa`, { sebab: value }))}
        choices=${[{ value: '', label: t('rows.all-causes') }, ...groups.map((group) => ({ value: groupKey(group), label: `${titleOf(group, fields)} (${count(group.rows)})` }))]} />
      <${TextField} label=${t('rows.goto')} value=${goto} onInput=${setGoto} inputmode="numeric" pattern="[0-9]*" />
      <button type="submit" class="button">${t('rows.go')}</button>
      <${CheckField} label=${t('rows.all-columns')} checked=${hasAllColumns} onChange=${setAllColumns} />
    </form>
    ${amended > 0 &&
    html`<div class="notice info row" role="status">
      <p>${t('edit.pending', { n: amended })}</p>
      <span class="end row">
        <${Action} run=${onRecheck} kind="primary" busy=${t('cause.applying')}>${t('edit.recheck')}</${Action}>
        <${Action} run=${discard} busy=${t('edit.discarding')}>${t('edit.discard')}</${Action}>
      </span>
    </div>`}
    <${Loaded} load=${load} lines=${6}>${(/** @type {any} */ data) =>
      html`<${Page} job=${job} data=${data} fields=${fields} hasAllColumns=${hasAllColumns} isBusy=${load.isLoading} dirty=${dirty} own=${own} onAmended=${onAmended} />
        ${data.total > PAGE &&
        html`<${Pager} name=${t('check.rows')} from=${(page - 1) * PAGE + 1} to=${(page - 1) * PAGE + data.data.length} total=${data.total}
          range=${page === 0 && data.data.length > 0 ? t('rows.range', { from: data.data[0].row_number, to: data.data.at(-1).row_number, total: data.total }) : ''}
          before=${walked.current.length > 0 ? '' : t('rows.first')} onBefore=${after > 0 ? before : null} onNext=${data.next ? next : null} />`}`}
    </${Loaded}>
    ${job.metadata?.leftOut?.rows > 0 && html`<p class="quiet space">${t('rows.left-out', { n: job.metadata.leftOut.rows })}</p>`}
    ${isLeaving &&
    html`<${Dialog} title=${t('leave.title')} onClose=${() => answer(false)} actions=${html`<button type="button" class="button" onClick=${() => answer(true)}>${t('leave.do')}</button>`}>
      <p>${t('leave.text')}</p>
    </${Dialog}>`}
  </section>`;
}

/** @param {{job: any, data: any, fields: any[], hasAllColumns: boolean, isBusy: boolean, dirty: Unsaved, own: {current: boolean}, onAmended: (rows: number) => void}} props */
function Page({ job, data, fields, hasAllColumns, isBusy, dirty, own, onAmended }) {
  const understood = (/** @type {any[]} */ errors) => errors.map((error) => meant(error, job));
  const read = () => data.data.map((/** @type {any} */ row) => ({ ...row, errors: understood(row.errors) }));
  const [rows, setRows] = useState(read);
  useEffect(() => setRows(read()), [data]);
  const all = data.columns.map((/** @type {string} */ header, /** @type {number} */ index) => ({ index, header }));
  const mapping = job.metadata?.columnMapping ?? {};
  const wrong = new Set(rows.flatMap((/** @type {any} */ row) => row.errors.map((/** @type {any} */ error) => error.column_index)));
  const shown = hasAllColumns ? all : all.filter((/** @type {any} */ column) => mapping[column.header] || wrong.has(column.index));

  /** Where the focus was when a cell became right. @type {{current: Element | null | undefined}} */
  const held = useRef(null);
  useLayoutEffect(() => {
    if (held.current && document.activeElement === document.body) focusAfter({ goal: 'here', from: held.current });
    held.current = null;
  }, [rows]);

  /** @param {any} row @param {any} column @param {string} text */
  async function save(row, column, text) {
    own.current = true;
    const answer = await patch(`${JOBS}/${job.id}/amendments`, { rows: [{ row_number: row.row_number, cells: { [column.index]: text } }] });
    const checked = answer.data.find((/** @type {any} */ it) => it.row_number === row.row_number);
    held.current = document.activeElement?.closest('.rows-table td');
    setRows((/** @type {any[]} */ last) =>
      last.map((it) => (it.row_number === row.row_number
        ? { ...it, amended: true, cells: it.cells.map((/** @type {string} */ cell, /** @type {number} */ index) => (index === column.index ? text : cell)), errors: checked ? understood(checked.errors) : it.errors }
        : it)));
    onAmended(answer.amended_rows);
    say(t(checked?.valid ? 'edit.fine' : 'edit.wrong', { row: row.row_number }));
  }

  if (rows.length === 0) return html`<p class="empty">${t('rows.none')}</p>`;
  const columns = [
    { key: 'row', title: t('rows.row'), head: true, cell: (/** @type {any} */ row) => html`${count(row.row_number)}${row.errors.filter((/** @type {any} */ error) => error.column_index === null).map((/** @type {any} */ error) => html`<span class="bad-text under">${reasonOf(error, fields)}</span>`)}` },
    ...shown.map((/** @type {any} */ column) => ({
      key: String(column.index),
      title: columnName(column, all),
      more: (/** @type {any} */ row) => ({ class: lookOf(row, column) }),
      cell: (/** @type {any} */ row) => html`<${RowCell} row=${row} column=${column} name=${columnName(column, all)} fields=${fields} onSave=${save} dirty=${dirty} />`,
    })),
  ];
  return html`<div class="rows-table"><${Table} caption=${t('check.rows')} columns=${columns} rows=${rows} id=${(/** @type {any} */ row) => row.row_number} isBusy=${isBusy} /></div>`;
}

/** @param {any} row @param {any} column */
const errorsAt = (row, column) => row.errors.filter((/** @type {any} */ error) => error.column_index === column.index);

/** @param {any} row @param {any} column */
function lookOf(row, column) {
  const errors = errorsAt(row, column);
  if (errors.length === 0) return row.amended ? 'amended' : '';
  if (errors.every(isThere)) return 'wrong known';
  return errors.every((/** @type {any} */ it) => it.severity === 'warning') ? 'wrong warn' : 'wrong';
}

let isPressed = false;
addEventListener('mousedown', () => {
  isPressed = true;
}, true);
addEventListener('mouseup', () => {
  isPressed = false;
}, true);

/** A cell that closes moves what is below it. A pressed button stays where it is until it is released, or the click would miss it. @param {() => void} task */
function whenReleased(task) {
  if (isPressed) addEventListener('mouseup', task, { once: true });
  else task();
}

/** @typedef {{goal: 'here' | 'next', from: Element}} Closed
 * a cell that was closed by a key, and where the focus goes: back to it as long as it is wrong, or to the next wrong one */

/** @param {Closed} closed */
function focusAfter({ goal, from }) {
  const cells = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.rows-table .edit'))];
  const own = cells.find((cell) => from.contains(cell));
  const next = cells.find((cell) => cell !== own && from.isConnected && (from.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
  const chosen = (goal === 'here' && own) || next || cells[0] || document.getElementById('rows');
  chosen?.focus();
}

/** @param {{row: any, column: any, name: string, fields: any[], onSave: (row: any, column: any, text: string) => Promise<void>, dirty: Unsaved}} props */
function RowCell({ row, column, name, fields, onSave, dirty }) {
  const errors = errorsAt(row, column);
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const [sent, setSent] = useState(/** @type {string | null} */ (null));
  const text = sent ?? row.cells[column.index] ?? '';
  const [fault, setFault] = useState(/** @type {any} */ (null));
  /** How many saves are pending. */
  const pending = useRef(0);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  // A removed input fires `blur` like one that is left; text that was undone with Esc must not be saved.
  const isOpen = useRef(false);
  const closed = useRef(/** @type {Closed | null} */ (null));
  // The focus moves during the drawing itself. After the next frame it would be too late: keys that follow at once would be lost.
  useLayoutEffect(() => {
    isOpen.current = draft !== null;
    if (draft !== null) {
      // Opened again because it could not be saved, but not while the user types elsewhere.
      if (!fault || document.activeElement === document.body) input.current?.focus();
    } else if (closed.current) focusAfter(closed.current);
    closed.current = null;
  }, [draft !== null]);
  // A column that is shown only for its wrong cells disappears with the last of them.
  useLayoutEffect(() => () => {
    if (document.activeElement !== input.current) return;
    isOpen.current = false;
    document.getElementById('rows')?.focus({ preventScroll: true });
  }, []);
  if (errors.length === 0 && draft === null) return html`<${Cell} text=${text} />`;
  // A row whose record exists already needs no correction.
  if (errors.every(isThere) && draft === null) {
    return html`<${Cell} text=${text} /><span class="why">${errors.map((/** @type {any} */ error) => reasonOf({ ...error, column: name }, fields))}</span>`;
  }
  const id = `edit-${row.row_number}-${column.index}`;
  const field = fields.find((it) => it.name === errors[0]?.field_name);

  /** Keys that follow at once belong to the next bad cell, so nothing waits for the server. @param {boolean} goesOn to that cell */
  function commit(goesOn) {
    if (draft === null || !isOpen.current) return;
    if (draft !== text) {
      pending.current += 1;
      setSent(draft);
      dirty.saving = save(draft, dirty.saving);
    }
    close(goesOn && 'next');
  }

  /** @param {string} wanted @param {Promise<any>} before what is saved before it */
  async function save(wanted, before) {
    await before;
    try {
      await onSave(row, column, wanted);
    } catch (error) {
      setFault(error);
      setDraft((open) => open ?? wanted);
      isOpen.current = true;
    }
    pending.current -= 1;
    if (pending.current > 0) return;
    setSent(null);
    if (!isOpen.current) dirty.cells.delete(id);
  }

  /** @param {Closed['goal'] | false} goal where the focus goes, unless it has gone elsewhere by itself */
  function close(goal) {
    const from = input.current?.closest('td');
    closed.current = goal && from && document.activeElement === input.current ? { goal, from } : null;
    if (pending.current === 0) dirty.cells.delete(id);
    setFault(null);
    isOpen.current = false;
    setDraft(null);
  }

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      commit(true);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      close('here');
    }
  };

  return html`
    ${draft === null
      ? html`<button type="button" class="edit" id=${`${id}-open`} aria-label=${`${t('edit.label', { column: name, row: row.row_number })}: ${text.slice(0, 100) || t('cell.empty')}`} onClick=${() => {
          setFault(null);
          setDraft(text);
        }}>
          <${Icon} name="warn" /> <${Cell} text=${text.slice(0, 300)} />
        </button>`
      : html`<label class="unseen" for=${id}>${t('edit.label', { column: name, row: row.row_number })}</label>
          <input id=${id} ref=${input} value=${draft} autocomplete="off" spellcheck=${false} aria-invalid="true" aria-describedby=${`${id}-why`}
            onInput=${(/** @type {any} */ event) => {
              dirty.cells.add(id);
              setDraft(event.target.value);
            }}
            onKeyDown=${onKey} onBlur=${() => whenReleased(() => commit(false))} />`}
    <span class="why" id=${`${id}-why`}>
      ${draft === null && sent !== null ? t('saving') : errors.map((/** @type {any} */ error) => html`<span key=${error.code}>${reasonOf({ ...error, column: name }, fields)}${draft !== null ? ` · ${label(field?.expected) || error.expected_format || ''} · ${t('edit.keys')}` : ''}</span>`)}
    </span>
    ${fault && html`<span class="bad-text" role="alert">${problem(fault)}</span>`}`;
}
