// @ts-check
// Causes before rows: what is wrong, how often, and the one repair that corrects all rows of a cause.
import { html, useEffect, useState } from '../../vendor/preact.mjs';
import { get } from '../api.mjs';
import { day, rowList } from '../format.mjs';
import { groupKey, helpOf, remedyOf, titleOf } from '../issues.mjs';
import { go, to } from '../router.mjs';
import { label, t } from '../words.mjs';
import { Action } from '../ui/action.mjs';
import { Cell, Name } from '../ui/cell.mjs';
import { SelectField, TextField } from '../ui/field.mjs';
import { afterDrawing } from '../ui/page.mjs';

/**
 * @param {{job: any, groups: any, fields: any[], onApply?: (key: string, field: string, choices: Record<string, string>) => Promise<void>}} props
 * Without `onApply` nothing can be repaired any more.
 */
export function Causes({ job, groups, fields, onApply }) {
  const { causes, known, warnings } = groups;
  const common = { job, fields };
  return html`
    ${causes.length > 0 &&
    html`<section aria-labelledby="causes"><h2 id="causes">${t('check.causes')}</h2>
      <div class="causes">${causes.map((/** @type {any} */ group, /** @type {number} */ index) => html`<${Cause} key=${groupKey(group)} group=${group} ...${common} onApply=${onApply} isOpen=${index === 0} />`)}</div>
    </section>`}
    ${known.length > 0 &&
    html`<section aria-labelledby="known"><h2 id="known">${t('cause.known')}</h2>
      <div class="causes">${known.map((/** @type {any} */ group) => html`<${Cause} key=${groupKey(group)} group=${group} ...${common} look="known" />`)}</div>
    </section>`}
    ${warnings.length > 0 &&
    html`<section aria-labelledby="warnings"><h2 id="warnings">${t('cause.warnings')}</h2>
      <div class="causes">${warnings.map((/** @type {any} */ group) => html`<${Cause} key=${groupKey(group)} group=${group} ...${common} look="warn" />`)}</div>
    </section>`}`;
}

/** @param {{job: any, group: any, fields: any[], onApply?: any, isOpen?: boolean, look?: string}} props */
function Cause({ job, group, fields, onApply, isOpen = false, look = '' }) {
  const steps = remedyOf(group, fields);
  const help = helpOf(group);
  const rows = rowList(group.first_rows ?? []) + (group.rows > (group.first_rows?.length ?? 0) && group.rows > 6 ? ' …' : '');
  const canMap = onApply && group.fix === 'value_mapping' && group.field_name;
  const where = group.column ? t('cause.where', { header: '\u0001', rows, n: group.rows }) : t('cause.where-row', { rows, n: group.rows });
  const [before, after] = where.split('\u0001');
  return html`<details class=${`cause ${look}`} id=${`cause-${groupKey(group)}`} open=${isOpen}>
    <summary>
      <span class="rows">${t('rows', { n: group.rows })}</span>
      <span class="title"><${Name} text=${titleOf(group, fields)} /></span>
      <span class="quiet">${before}${after !== undefined && html`<${Name} text=${group.column} />${after}`}</span>
    </summary>
    <div class="cause-body">
      ${steps.length > 1 ? html`<ol class="howto">${steps.map((step) => html`<li key=${step}>${step}</li>`)}</ol>` : steps.map((step) => html`<p key=${step}>${step}</p>`)}
      ${canMap ? html`<${ValueMapping} group=${group} fields=${fields} onApply=${onApply} />` : html`<${Values} group=${group} />`}
      ${look !== 'known' &&
      html`<p class="actions">
        ${onApply && look === '' &&
        html`<button type="button" class="button" onClick=${() => go(to(`impor/${job.id}/periksa`, { sebab: groupKey(group) })).then(() => afterDrawing(showRows))}>${t(group.fix === 'edit' ? 'cause.edit' : 'cause.show-rows')}</button>`}
        ${help && html`<a href=${`${to('bantuan')}#${help}`} class="button link">${t('cause.help')}</a>`}
      </p>`}
    </div>
  </details>`;
}

function showRows() {
  const heading = /** @type {HTMLElement | null} */ (document.getElementById('rows'));
  heading?.scrollIntoView({ block: 'start' });
  heading?.focus();
}

/** @param {{group: any}} props */
function Values({ group }) {
  const values = (group.values ?? []).filter((/** @type {any} */ it) => it.value !== null && it.value !== '');
  if (values.length === 0) return null;
  const more = (group.values_total ?? values.length) - values.length;
  return html`<ul class="values">
    ${values.map((/** @type {any} */ it) => html`<li key=${it.value}><${Cell} text=${it.value} />${it.rows > 1 && html` <span class="quiet">× ${it.rows}</span>`}</li>`)}
    ${more > 0 && html`<li class="quiet">${t('cause.more-values', { n: more })}</li>`}
  </ul>`;
}

/** If there are more choices than these they are searched, not listed. */
const LISTED = 20;
const SEARCH_MS = 300;

/** Where the records of a reference are, and what each is called. @type {Record<string, [string, (record: any) => string]>} */
const REFERENCES = {
  package: ['/packages', (it) => `${it.nama} · ${day(it.tanggal_keberangkatan)}`],
  jamaah: ['/jamaah', (it) => it.nama],
};

/** @param {{group: any, fields: any[], onApply: (key: string, field: string, choices: Record<string, string>) => Promise<void>}} props */
function ValueMapping({ group, fields, onApply }) {
  const field = fields.find((it) => it.name === group.field_name);
  const [chosen, setChosen] = useState(/** @type {Record<string, string>} */ ({}));
  // The result of a search whose text has changed since.
  const [names, setNames] = useState(/** @type {Record<string, string>} */ ({}));
  const [listed, setListed] = useState(/** @type {{value: string, label: string}[]} */ ([]));
  const [total, setTotal] = useState(0);
  const [search, setSearch] = useState('');
  const [path, nameOf] = REFERENCES[field?.reference] ?? [];
  useEffect(() => {
    if (!path || !nameOf) {
      setListed((field?.values ?? []).map((/** @type {any} */ it) => ({ value: it.value, label: label(it.label) || it.value })));
      return;
    }
    const control = new AbortController();
    const timer = setTimeout(
      () =>
        get(path, { signal: control.signal, query: { search, limit: LISTED } }).then(
          ({ items, total: all }) => {
            setListed(items.map((/** @type {any} */ it) => ({ value: it.id, label: nameOf(it) })));
            if (search === '') setTotal(all);
          },
          () => {},
        ),
      search === '' ? 0 : SEARCH_MS,
    );
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [path, search]);
  const values = (group.values ?? []).filter((/** @type {any} */ it) => it.value);
  const picked = Object.entries(chosen).filter(([, value]) => value !== '-');
  const apply = () => onApply(groupKey(group), group.field_name, Object.fromEntries(picked.map(([cell, value]) => [cell, value === '0' ? '' : value])));
  return html`<div class="repairs">
    ${total > LISTED && html`<${TextField} label=${t('cause.search')} value=${search} onInput=${setSearch} type="search" />`}
    ${values.map((/** @type {any} */ it) => {
      const suggested = (it.suggestions ?? []).map((/** @type {any} */ one) => ({ value: one.value, label: one.label }));
      const others = listed.filter((one) => !suggested.some((/** @type {any} */ known) => known.value === one.value));
      const kept = chosen[it.value] && !['-', '0'].includes(chosen[it.value] ?? '') && ![...suggested, ...others].some((one) => one.value === chosen[it.value]);
      return html`<div key=${it.value} class="repair">
        <span><${Name} text=${t('cause.value-rows', { value: it.value, n: it.rows })} /></span>
        <${SelectField} hidden label=${t('cause.choose', { value: it.value })} value=${chosen[it.value] ?? '-'} onChange=${(/** @type {string} */ value) => {
            setChosen({ ...chosen, [it.value]: value });
            setNames({ ...names, [value]: [...suggested, ...others].find((one) => one.value === value)?.label ?? names[value] ?? '' });
          }}
          choices=${[
            { value: '-', label: t('cause.leave') },
            ...suggested,
            ...(kept ? [{ value: chosen[it.value] ?? '', label: names[chosen[it.value] ?? ''] ?? '' }] : []),
            ...others,
            ...(field && !field.required ? [{ value: '0', label: t('cause.blank') }] : []),
          ]} />
      </div>`;
    })}
    ${(group.values_total ?? 0) > values.length && html`<p class="hint">${t('cause.more-values', { n: group.values_total - values.length })}</p>`}
    <p><${Action} run=${apply} busy=${t('cause.applying')} blocked=${picked.length === 0 ? t('fix.choice') : null}>${t('cause.apply')}</${Action}></p>
  </div>`;
}
