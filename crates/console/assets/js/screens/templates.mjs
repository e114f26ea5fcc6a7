// @ts-check
// Templat: what a file should look like, Excel first.
import { html } from '../../vendor/preact.mjs';
import { loadTypes } from '../store.mjs';
import { label, t } from '../words.mjs';
import { Cell } from '../ui/cell.mjs';
import { Loaded, useLoad } from '../ui/load.mjs';
import { Heading } from '../ui/page.mjs';
import { Table } from '../ui/table.mjs';
import { TemplateLinks } from '../ui/template.mjs';

export function Templates() {
  const load = useLoad(loadTypes, []);
  return html`<${Heading} title=${t('templates.title')} />
    <p class="lead">${t('templates.text')}</p>
    <${Loaded} load=${load} lines=${6}>${(/** @type {any[]} */ types) => types.map((type) => html`<${Template} key=${type.type} type=${type} />`)}</${Loaded}>`;
}

/** @param {{type: any}} props */
const Template = ({ type }) => html`<section aria-labelledby=${`type-${type.type}`} class="card">
  <div class="title-row">
    <h2 id=${`type-${type.type}`}>${label(type.label)}</h2>
    <div class="actions"><${TemplateLinks} type=${type.type} /></div>
  </div>
  <details class="space">
    <summary>${t('templates.fields')}</summary>
    <div class="space"><${Table} caption=${`${label(type.label)}: ${t('templates.fields')}`} rows=${type.fields} id=${(/** @type {any} */ field) => field.name} columns=${[
      { key: 'name', title: t('match.column'), head: true, cell: (/** @type {any} */ field) => html`${label(field.label)}${field.required && html` <span class="badge info">${t('templates.required')}</span>`}` },
      { key: 'expected', title: t('templates.expected'), cell: (/** @type {any} */ field) => label(field.expected) },
      { key: 'example', title: t('templates.example'), cell: (/** @type {any} */ field) => html`<${Cell} text=${field.example} empty="–" />` },
    ]} /></div>
  </details>
</section>`;
