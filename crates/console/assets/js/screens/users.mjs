// @ts-check
// Pengguna: the accounts and their roles.
import { html, useState } from '../../vendor/preact.mjs';
import { get, patch, post } from '../api.mjs';
import { go, to } from '../router.mjs';
import { user as self } from '../session.mjs';
import { t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { byField, CheckField, TextField } from '../ui/field.mjs';
import { Icon } from '../ui/icon.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { say } from '../ui/status.mjs';
import { Pager, Table } from '../ui/table.mjs';
import { Secret } from '../ui/secret.mjs';

const PAGE = 20;
const ROLES = ['admin', 'owner', 'agent'];

/** Letters and digits that cannot be confused. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const PASSWORD_LENGTH = 14;

/** A password that can be read out on the telephone. 14 of 31 characters are 69 bits. */
function newPassword() {
  let password = '';
  while (password.length < PASSWORD_LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(PASSWORD_LENGTH))) {
      // Beyond the last whole multiple some characters would be more frequent.
      if (byte < 248 && password.length < PASSWORD_LENGTH) password += ALPHABET[byte % ALPHABET.length];
    }
  }
  return password;
}

/** @param {{query: URLSearchParams}} props */
export function Users({ query }) {
  const page = Math.max(1, Number(query.get('hal')) || 1);
  const load = useLoad((signal) => get('/users', { signal, query: { limit: PAGE, offset: (page - 1) * PAGE || null } }), [page]);
  const turn = (/** @type {number} */ number) => () => go(to('pengguna', { hal: number > 1 ? number : null }));
  return html`
    <div class="title-row">
      <${Heading} title=${t('users.title')} />
      <a class="button primary" href=${to('pengguna/baru')}><${Icon} name="plus" /><span>${t('users.new')}</span></a>
    </div>
    <section>
      <${Loaded} load=${load} lines=${6}>${(/** @type {any} */ list) => html`
        <${Table} caption=${t('users.title')} rows=${list.items} id=${(/** @type {any} */ it) => it.id} columns=${[
          { key: 'name', title: t('users.name'), head: true, cell: (/** @type {any} */ it) => html`<a href=${to(`pengguna/${it.id}`)} class="file"><${Name} text=${it.nama_lengkap} /></a>` },
          { key: 'username', title: t('users.username'), cell: (/** @type {any} */ it) => html`<${Name} text=${it.username} />` },
          { key: 'role', title: t('users.role'), cell: (/** @type {any} */ it) => html`${t(`role.${it.role}`)}<span class="under">${t(`role.about.${it.role}`)}</span>` },
          { key: 'active', title: t('users.active'), cell: (/** @type {any} */ it) => t(it.is_active ? 'yes' : 'no') },
        ]} />
        ${list.total > PAGE && html`<${Pager} name=${t('users.title')} from=${list.offset + 1} to=${list.offset + list.items.length} total=${list.total} onBefore=${page > 1 ? turn(page - 1) : null} onNext=${list.has_more ? turn(page + 1) : null} />`}`}
      </${Loaded}>
    </section>`;
}

/** @param {{params: Record<string, string>}} props */
export function User({ params }) {
  const isNew = params.id === 'baru';
  const load = useLoad((signal) => (isNew ? Promise.resolve({ role: 'agent', is_active: true }) : get(`/users/${params.id}`, { signal })), [params.id]);
  return html`<${Loaded} load=${load} lines=${6}>${(/** @type {any} */ record) => html`<${UserForm} record=${record} isNew=${isNew} onChanged=${load.reload} />`}</${Loaded}>`;
}

/** @param {{record: any, isNew: boolean, onChanged: () => void}} props */
function UserForm({ record, isNew, onChanged }) {
  const [draft, setDraft] = useState({ nama_lengkap: record.nama_lengkap ?? '', username: record.username ?? '', email: record.email ?? '', role: record.role });
  const [mustChange, setMustChange] = useState(true);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [secret, setSecret] = useState(/** @type {string | null} */ (null));
  const [isAsked, setAsked] = useState(false);
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => setDraft({ ...draft, [name]: value });
  const isSelf = record.id === self.value?.id;
  const name = record.nama_lengkap ?? draft.nama_lengkap;
  const refused = (/** @type {any} */ error) => {
    const found = byField(error);
    setErrors(found);
    return Object.keys(found).length > 0;
  };

  async function save() {
    setErrors({});
    const body = { ...draft, email: draft.email.trim() || null };
    if (isNew) {
      const password = newPassword();
      await post('/users', { ...body, password, must_change_password: mustChange });
      setSecret(password);
      return;
    }
    const changes = Object.fromEntries(Object.entries(body).filter(([key, value]) => value !== (record[key] ?? null)));
    if (Object.keys(changes).length > 0) await patch(`/users/${record.id}`, changes);
    say(t('saved'));
    onChanged();
  }
  async function reset() {
    const password = newPassword();
    await patch(`/users/${record.id}`, { password, must_change_password: true });
    setSecret(password);
  }
  async function toggle() {
    await patch(`/users/${record.id}`, { is_active: !record.is_active });
    setAsked(false);
    say(t(record.is_active ? 'users.disabled' : 'users.enabled', { name }));
    onChanged();
  }

  return html`
    <${Heading} title=${isNew ? t('users.new') : name} />
    <div class="stack form card space">
      <${TextField} label=${t('users.name')} value=${draft.nama_lengkap} onInput=${set('nama_lengkap')} error=${errors.nama_lengkap} autocomplete="off" required />
      <${TextField} label=${t('users.username')} value=${draft.username} onInput=${set('username')} error=${errors.username} autocomplete="off" autocapitalize="none" spellcheck=${false} required />
      <${TextField} label=${t('users.email')} value=${draft.email} onInput=${set('email')} error=${errors.email} type="email" autocomplete="off" />
      <fieldset disabled=${isSelf}>
        <legend class="label">${t('users.role')}</legend>
        <div class="stack tight">${ROLES.map((role) => html`<label key=${role} class="check"><input type="radio" name="role" value=${role} checked=${draft.role === role} onChange=${() => set('role')(role)} /><span>${t(`role.${role}`)} <span class="quiet">${t(`role.about.${role}`)}</span></span></label>`)}</div>
      </fieldset>
      ${isNew && html`<${CheckField} label=${t('users.must-change')} checked=${mustChange} onChange=${setMustChange} />`}
      <div class="actions">
        <${Action} run=${save} kind="primary" busy=${t(isNew ? 'users.creating' : 'saving')} onError=${refused}>${t(isNew ? 'users.create' : 'save')}</${Action}>
        ${!isNew && !isSelf &&
        html`<${Action} run=${reset} busy=${t('users.resetting')}>${t('users.reset')}</${Action}>
          ${record.is_active ? html`<button type="button" class="button danger" onClick=${() => setAsked(true)}>${t('users.disable')}</button>` : html`<${Action} run=${toggle} busy=${t('saving')}>${t('users.enable')}</${Action}>`}`}
      </div>
    </div>
    <p class="space"><a href=${to('pengguna')}>${t('users.back')}</a></p>
    ${isAsked &&
    html`<${Dialog} title=${t('users.disable-title', { name })} onClose=${() => setAsked(false)} actions=${html`<${Action} run=${toggle} kind="danger" busy=${t('saving')}>${t('users.disable')}</${Action}>`}>
      <p>${t('users.disable-text', { name })}</p>
    </${Dialog}>`}
    ${secret && html`<${Secret} title=${t('users.password', { name: draft.nama_lengkap || draft.username })} text=${t('users.password-once')} secret=${secret} onClose=${() => {
      setSecret(null);
      if (isNew) go(to('pengguna'));
    }} />`}`;
}
