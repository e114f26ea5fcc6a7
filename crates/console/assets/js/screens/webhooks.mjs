// @ts-check
// Webhooks: addresses of programs that are notified when an import ends, and the log of the messages to them.
import { html, useEffect, useState } from '../../vendor/preact.mjs';
import { del, get, patch, pause, post } from '../api.mjs';
import { says, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Name } from '../ui/cell.mjs';
import { Dialog } from '../ui/dialog.mjs';
import { byField, CheckField, TextField } from '../ui/field.mjs';
import { Icon } from '../ui/icon.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Secret } from '../ui/secret.mjs';
import { say } from '../ui/status.mjs';
import { Table } from '../ui/table.mjs';
import { When } from './imports.mjs';

const EVENTS = ['import.completed', 'import.failed', 'import.rolled_back'];
const PAGE = 20;
/** How often, and how many times, a new message is checked: a receiver has seconds to answer. */
const LOOK_MS = 1000;
const LOOKS = 20;

export function Webhooks() {
  const load = useLoad((signal) => get('/webhooks', { signal }), []);
  const [edited, setEdited] = useState(/** @type {any} */ (null));
  const [secret, setSecret] = useState(/** @type {string | null} */ (null));
  const saved = (/** @type {any} */ webhook) => {
    setEdited(null);
    if (webhook.secret) setSecret(webhook.secret);
    load.reload();
  };
  return html`<div class="space"><${Loaded} load=${load}>${(/** @type {any} */ { data }) => html`
      ${data.length === 0
        ? html`<p class="empty">${t('machines.no-webhooks')}</p>`
        : html`<ul class="list">${data.map((/** @type {any} */ it) => html`<${Webhook} key=${it.id} webhook=${it} onEdit=${() => setEdited(it)} onChanged=${saved} />`)}</ul>`}
      <p class="space"><button type="button" class="button" onClick=${() => setEdited({})}>${t('machines.new-webhook')}</button></p>
    `}</${Loaded}></div>
    ${edited && html`<${Settings} webhook=${edited} onClose=${() => setEdited(null)} onSaved=${saved} />`}
    ${secret && html`<${Secret} title=${t('machines.signing')} text=${t('machines.once')} secret=${secret} onClose=${() => setSecret(null)} />`}`;
}

/** @param {any} webhook what it is, in a word */
const stateOf = (webhook) => (webhook.is_active ? 'on' : (webhook.disabled_reason ?? 'off'));

/** @param {{webhook: any, onEdit: () => void, onChanged: (webhook: any) => void}} props */
function Webhook({ webhook, onEdit, onChanged }) {
  const [question, setQuestion] = useState(/** @type {'rotate' | 'delete' | null} */ (null));
  const [isOpen, setOpen] = useState(false);
  const [sent, setSent] = useState(0);
  const path = `/webhooks/${webhook.id}`;
  const state = stateOf(webhook);
  async function test() {
    await post(`${path}/test`);
    say(t('machines.tested'));
    setOpen(true);
    setSent(sent + 1);
  }
  const toggle = async () => onChanged(await patch(path, { is_active: !webhook.is_active }));
  async function answer() {
    const changed = question === 'delete' ? await del(path) : await post(`${path}/rotate-secret`);
    setQuestion(null);
    onChanged(changed);
  }
  return html`<li class="card stack">
    <div class="row">
      <span><b class="file"><${Name} text=${webhook.url} /></b>
        ${webhook.description && html`<span class="under"><${Name} text=${webhook.description} /></span>`}
        <span class="under">${webhook.events.map((/** @type {string} */ event) => t(`event.${event}`)).join(', ')}</span>
        ${webhook.previous_secret_until && html`<span class="under">${t('webhooks.old-secret')} <${When} at=${webhook.previous_secret_until} /></span>`}</span>
      <span class="end"><span class=${`badge ${state === 'on' ? 'good' : state === 'off' ? 'quiet' : 'bad'}`}><${Icon} name=${state === 'on' ? 'check' : 'stop'} />${t(`webhook.${state}`)}</span></span>
    </div>
    <div class="actions">
      <${Action} run=${test} busy=${t('machines.testing')}>${t('machines.test')}</${Action}>
      <button type="button" class="button" onClick=${onEdit}>${t('data.edit')}</button>
      <${Action} run=${toggle}>${t(webhook.is_active ? 'webhooks.turn-off' : 'webhooks.turn-on')}</${Action}>
      <button type="button" class="button" onClick=${() => setQuestion('rotate')}>${t('webhooks.rotate')}</button>
      <button type="button" class="button danger" onClick=${() => setQuestion('delete')}>${t('delete')}</button>
    </div>
    <details open=${isOpen} onToggle=${(/** @type {any} */ event) => setOpen(event.target.open)}>
      <summary>${t('machines.deliveries')}</summary>
      ${isOpen && html`<${Deliveries} path=${path} sent=${sent} />`}
    </details>
    ${question &&
    html`<${Dialog} title=${t(`webhooks.${question}-title`)} onClose=${() => setQuestion(null)}
      actions=${html`<${Action} run=${answer} kind="danger">${t(question === 'delete' ? 'delete' : 'webhooks.rotate')}</${Action}>`}>
      <p>${t(`webhooks.${question}-text`)}</p><p class="file"><${Name} text=${webhook.url} /></p>
    </${Dialog}>`}
  </li>`;
}

/** @param {{path: string, sent: number}} props `sent` counts the messages that this page has asked for */
function Deliveries({ path, sent }) {
  const read = (/** @type {string | null} */ after, /** @type {AbortSignal} */ signal) => get(`${path}/deliveries`, { signal, query: { limit: PAGE, after } });
  const load = useLoad((signal) => read(null, signal), [path, sent]);
  const [older, setOlder] = useState(/** @type {{data: any[], next: string | null} | null} */ (null));
  const [looks, setLooks] = useState(0);
  const first = load.data?.data ?? [];
  const isWaiting = first.some((/** @type {any} */ it) => it.status === 'pending' && it.attempts === 0);
  useEffect(() => setLooks(0), [sent]);
  useEffect(() => {
    if (!isWaiting || looks >= LOOKS) {
      if (looks > 0 && first[0]) say(outcome(first[0]));
      return;
    }
    const end = new AbortController();
    pause(LOOK_MS, end.signal)
      .then(() => read(null, end.signal))
      .then((answer) => {
        load.set(answer);
        setLooks(looks + 1);
      })
      .catch(() => {});
    return () => end.abort();
  }, [load.data, looks]);
  const more = older ? older.next : (load.data?.next ?? null);
  async function goBack() {
    const answer = await get(`${path}/deliveries`, { query: { limit: PAGE, after: more } });
    setOlder({ data: [...(older?.data ?? []), ...answer.data], next: answer.next });
  }
  async function retry(/** @type {any} */ delivery) {
    await post(`${path}/deliveries/${delivery.id}/retry`);
    setOlder(null);
    setLooks(0);
    load.reload();
  }
  return html`<${Loaded} load=${load}>${() => {
    const rows = [...first, ...(older?.data ?? [])];
    if (rows.length === 0) return html`<p class="empty space">${t('webhooks.no-deliveries')}</p>`;
    return html`<div class="space"><${Table} caption=${t('machines.deliveries')} rows=${rows} id=${(/** @type {any} */ it) => it.id} columns=${[
        { key: 'at', title: t('column.at'), head: true, kind: 'time', cell: (/** @type {any} */ it) => html`<${When} at=${it.created_at} />` },
        { key: 'event', title: t('machines.events'), cell: (/** @type {any} */ it) => t(`event.${it.event}`) },
        { key: 'outcome', title: t('column.status'), cell: (/** @type {any} */ it) => html`<span class=${it.status === 'failed' ? 'bad-text' : ''}>${outcome(it)}</span>${it.status === 'pending' && it.next_attempt_at && it.attempts > 0 && html`<span class="under">${t('webhooks.next-try')} <${When} at=${it.next_attempt_at} /></span>`}` },
        { key: 'tries', title: t('webhooks.tries'), kind: 'number', cell: (/** @type {any} */ it) => it.attempts },
        { key: 'retry', title: t('activity.action'), cell: (/** @type {any} */ it) => it.status !== 'pending' && html`<${Action} run=${() => retry(it)}>${t('webhooks.retry')}</${Action}>` },
      ]} /></div>
      ${more && html`<p class="space"><${Action} run=${goBack}>${t('activity.more')}</${Action}></p>`}`;
  }}</${Loaded}>`;
}

/** The state of a message, with the reason if it was not accepted. @param {any} it */
function outcome(it) {
  const key = it.error && says(`delivery.${it.error}`) ? `delivery.${it.error}` : `delivery.${it.status}`;
  return t(it.status === 'delivered' ? 'delivery.delivered' : key, { status: it.response_status ?? '' });
}

/** @param {{webhook: any, onClose: () => void, onSaved: (webhook: any) => void}} props without an id it is a new one */
function Settings({ webhook, onClose, onSaved }) {
  const [url, setUrl] = useState(webhook.url ?? 'https://');
  const [description, setDescription] = useState(webhook.description ?? '');
  const [events, setEvents] = useState(/** @type {string[]} */ (webhook.events ?? EVENTS));
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  async function save() {
    const body = { url: url.trim(), events, description: description.trim() || null };
    onSaved(webhook.id ? await patch(`/webhooks/${webhook.id}`, body) : await post('/webhooks', body));
  }
  const refused = (/** @type {any} */ error) => {
    setErrors(byField(error));
    return Object.keys(byField(error)).length > 0;
  };
  return html`<${Dialog} title=${t(webhook.id ? 'webhooks.edit' : 'machines.new-webhook')} onClose=${onClose}
    actions=${html`<${Action} run=${save} kind="primary" busy=${t('saving')} onError=${refused}>${t(webhook.id ? 'save' : 'machines.create')}</${Action}>`}>
    <div class="stack">
      <${TextField} label=${t('machines.url')} value=${url} onInput=${setUrl} type="url" error=${errors.url} autocomplete="off" />
      <${TextField} label=${t('webhooks.description')} value=${description} onInput=${setDescription} error=${errors.description} autocomplete="off" />
      <fieldset><legend class="label">${t('machines.events')}</legend>
        <div class="stack tight">${EVENTS.map((event) => html`<${CheckField} key=${event} label=${t(`event.${event}`)} checked=${events.includes(event)} onChange=${(/** @type {boolean} */ on) => setEvents(on ? [...events, event] : events.filter((it) => it !== event))} />`)}</div>
        ${errors.events && html`<p class="bad-text" role="alert">${errors.events}</p>`}
      </fieldset>
    </div>
  </${Dialog}>`;
}
