// @ts-check
// Data: stored records, to be found and corrected one by one. This is not a customer database.
import { html, useEffect, useState } from '../../vendor/preact.mjs';
import { del, get, patch } from '../api.mjs';
import { day, rupiah } from '../format.mjs';
import { go, to } from '../router.mjs';
import { loadJob, loadTypes } from '../store.mjs';
import { label, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Cell, Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { byField, SelectField, TextField } from '../ui/field.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { say } from '../ui/status.mjs';
import { Pager, Table } from '../ui/table.mjs';

const PAGE = 20;

/**
 * @typedef {object} Kind
 * @property {string} type of import
 * @property {string} path of the API
 * @property {string[]} columns of the list
 * @property {(it: any) => string} name
 */
/** @type {Record<string, Kind>} */
const KINDS = {
  paket: { type: 'package', path: '/packages', columns: ['nama', 'tanggal_keberangkatan', 'durasi_hari', 'harga_retail', 'kapasitas', 'status'], name: (it) => it.nama },
  jamaah: { type: 'jamaah', path: '/jamaah', columns: ['nama', 'ktp', 'telepon', 'email', 'tanggal_lahir', 'status'], name: (it) => it.nama },
  pembayaran: { type: 'payment', path: '/payments', columns: ['tanggal_bayar', 'jumlah', 'metode_pembayaran', 'nomor_referensi', 'catatan'], name: (it) => `${rupiah(it.jumlah)}, ${day(it.tanggal_bayar)}` },
};

const NUMBERS = ['harga_retail', 'harga_wholesale', 'jumlah', 'durasi_hari', 'kapasitas'];
const AMOUNTS = ['harga_retail', 'harga_wholesale', 'jumlah'];
const DATES = /^tanggal_/;

/** @param {any} field @param {any} value */
function shown(field, value) {
  if (value === null || value === undefined || value === '') return html`<${Cell} text="" empty="–" />`;
  if (AMOUNTS.includes(field.name)) return rupiah(value);
  if (DATES.test(field.name)) return day(value);
  const word = field.values?.find((/** @type {any} */ it) => it.value === value);
  return html`<${Cell} text=${word ? label(word.label) || value : String(value)} />`;
}

/** @param {{params: Record<string, string>, query: URLSearchParams}} props */
export function Data({ params, query }) {
  const kind = KINDS[params.kind ?? ''];
  if (!kind) return html`<${Heading} title=${t('not-found.title')} /><p>${t('not-found.text')}</p>`;
  return html`<${Heading} title=${t(`data.title.${kind.type}`)} />
    <nav class="tabs" aria-label=${t('menu.data')}>
      ${Object.entries(KINDS).map(([name, it]) => html`<a key=${name} href=${to(`data/${name}`)} aria-current=${it === kind ? 'page' : null}>${t(`data.title.${it.type}`)}</a>`)}
    </nav>
    <${List} kind=${kind} query=${query} path=${`data/${params.kind}`} />`;
}

/** @param {{kind: Kind, query: URLSearchParams, path: string}} props */
function List({ kind, query, path }) {
  const [search, setSearch] = useState(query.get('cari') ?? '');
  const [open, setOpen] = useState(/** @type {any} */ (null));
  const job = query.get('impor');
  const sort = query.get('urut') ?? '';
  const page = Math.max(1, Number(query.get('hal')) || 1);
  const load = useLoad(
    async (signal) => {
      const [types, list] = await Promise.all([
        loadTypes(),
        get(kind.path, { signal, query: { search: query.get('cari'), sort, limit: PAGE, offset: (page - 1) * PAGE || null, filter: job ? `migration_job_id=${job}` : null } }),
      ]);
      return { fields: types.find((it) => it.type === kind.type)?.fields ?? [], list };
    },
    [query.toString()],
  );
  const here = (/** @type {Record<string, any>} */ parts) => to(path, { ...Object.fromEntries(query), hal: null, ...parts });
  const changed = () => {
    setOpen(null);
    load.reload();
  };
  return html`
    <form class="filters" role="search" aria-label=${t('data.search')} onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      go(here({ cari: search.trim() }), { replace: true });
    }}>
      <${TextField} label=${t('data.search')} value=${search} onInput=${setSearch} type="search" autocomplete="off" />
      <button type="submit" class="button">${t('filter.apply')}</button>
    </form>
    ${job && html`<p class="notice info">${t('data.of-import')} <a href=${here({ impor: null })}>${t('data.show-all')}</a></p>`}
    <${Loaded} load=${load} lines=${8}>${(/** @type {any} */ { fields, list }) => {
      if (list.items.length === 0) return html`<p class="empty">${t(query.get('cari') || job ? 'data.none' : 'data.empty')}</p>`;
      const columns = kind.columns.map((name, index) => {
        const field = fields.find((/** @type {any} */ it) => it.name === name) ?? { name };
        return {
          key: name, title: label(field.label) || name, head: index === 0, sort: name, kind: NUMBERS.includes(name) ? 'number' : '',
          cell: (/** @type {any} */ it) =>
            index === 0
              ? html`<button type="button" class="link row-link" onClick=${() => setOpen(it)} aria-haspopup="dialog">${shown(field, it[name])}</button>`
              : shown(field, it[name]),
        };
      });
      return html`
        <${Table} caption=${t(`data.title.${kind.type}`)} columns=${columns} rows=${list.items} id=${(/** @type {any} */ it) => it.id} sorted=${sort} onSort=${(/** @type {string} */ key) => go(here({ urut: key }), { replace: true })} isBusy=${load.isLoading} />
        <${Pager} name=${t(`data.title.${kind.type}`)} from=${list.offset + 1} to=${list.offset + list.items.length} total=${list.total}
          onBefore=${page > 1 ? () => go(here({ hal: page - 1 > 1 ? page - 1 : null })) : null} onNext=${list.has_more ? () => go(here({ hal: page + 1 })) : null} />
        ${open && html`<${Detail} kind=${kind} record=${open} fields=${fields} onClose=${() => setOpen(null)} onChanged=${changed} />`}`;
    }}</${Loaded}>`;
}

/** @param {{kind: Kind, record: any, fields: any[], onClose: () => void, onChanged: () => void}} props */
function Detail({ kind, record, fields, onClose, onChanged }) {
  const [draft, setDraft] = useState(/** @type {Record<string, string> | null} */ (null));
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [isDeleting, setDeleting] = useState(false);
  const name = kind.name(record);

  async function save() {
    setErrors({});
    /** @type {Record<string, any>} */
    const body = {};
    for (const [key, text] of Object.entries(draft ?? {})) {
      if (String(record[key] ?? '') === text.trim()) continue;
      body[key] = text.trim() === '' ? null : NUMBERS.includes(key) ? Number(text) : text.trim();
    }
    if (Object.keys(body).length > 0) await patch(`${kind.path}/${record.id}`, body);
    say(t('data.changed'));
    onChanged();
  }
  async function remove() {
    await del(`${kind.path}/${record.id}`);
    say(t('data.deleted'));
    onChanged();
  }
  const refused = (/** @type {any} */ error) => {
    const found = byField(error);
    setErrors(found);
    return Object.keys(found).length > 0;
  };

  if (isDeleting) {
    return html`<${Dialog} key="delete" title=${t('data.delete-title', { name })} onClose=${() => setDeleting(false)}
      actions=${html`<${Action} run=${remove} kind="danger" busy=${t('deleting')}>${t('delete')}</${Action}>`}><p>${t('data.delete-text')}</p></${Dialog}>`;
  }
  const editable = fields.filter((field) => !field.reference);
  return html`<${Dialog} key=${draft ? 'edit' : 'see'} title=${html`<${Name} text=${name} />`} wide onClose=${onClose} close=${t(draft ? 'cancel' : 'close')}
    actions=${draft
      ? html`<${Action} run=${save} kind="primary" busy=${t('saving')} onError=${refused}>${t('save')}</${Action}>`
      : html`<button type="button" class="button" onClick=${() => setDraft(Object.fromEntries(editable.map((field) => [field.name, String(record[field.name] ?? '')])))}>${t('data.edit')}</button>
          <button type="button" class="button danger" onClick=${() => setDeleting(true)}>${t('delete')}</button>`}>
    ${draft
      ? html`<div class="stack">${editable.map((field) =>
          field.values
            ? html`<${SelectField} key=${field.name} label=${label(field.label)} value=${draft[field.name] ?? ''} error=${errors[field.name]} onChange=${(/** @type {string} */ value) => setDraft({ ...draft, [field.name]: value })}
                choices=${[...(field.required ? [] : [{ value: '', label: '–' }]), ...field.values.map((/** @type {any} */ it) => ({ value: it.value, label: label(it.label) || it.value }))]} />`
            : html`<${TextField} key=${field.name} label=${label(field.label)} value=${draft[field.name] ?? ''} hint=${label(field.expected)} error=${errors[field.name]} autocomplete="off"
                onInput=${(/** @type {string} */ value) => setDraft({ ...draft, [field.name]: value })} />`,
        )}</div>`
      : html`<dl class="facts">${fields.filter((field) => !field.reference).map((field) => html`<dt key=${field.name}>${label(field.label)}</dt><dd>${shown(field, record[field.name])}</dd>`)}</dl>
          <${Origin} record=${record} />`}
  </${Dialog}>`;
}

/** Where a record came from. @param {{record: any}} props */
function Origin({ record }) {
  const [job, setJob] = useState(/** @type {any} */ (null));
  useEffect(() => {
    if (record.migration_job_id) loadJob(record.migration_job_id).then(setJob, () => {});
  }, [record.id]);
  if (!record.migration_job_id) return html`<p class="quiet">${t('data.by-hand')}</p>`;
  return html`<p class="quiet">${t('data.origin', { row: record.import_row_number })} ${job ? html`<a href=${to(`impor/${record.migration_job_id}`)}><${Name} text=${job.file_name} /></a>` : '…'}</p>`;
}
