// @ts-check
// Templates, Excel first: a CSV that goes through Excel comes back damaged.
import { html } from '../../vendor/preact.mjs';
import { download, JOBS } from '../api.mjs';
import { t } from '../words.mjs';
import { Action } from './action.mjs';

/** @param {string} type @param {string} format */
const fetchTemplate = (type, format) =>
  download(`${JOBS}/templates/${type}`, `${t(`template.file.${type}`)}.${format}`, format === 'xlsx' ? { format } : { delimiter: ';' });

/** @param {{type: string}} props */
export const TemplateLinks = ({ type }) => html`
  <${Action} run=${() => fetchTemplate(type, 'xlsx')} icon="download" busy=${t('downloading')}>
    ${t('template.excel')}<span class="unseen"> ${t(`type.${type}`)}</span>
  </${Action}>
  <${Action} run=${() => fetchTemplate(type, 'csv')} kind="link" busy=${t('downloading')}>CSV<span class="unseen"> ${t(`type.${type}`)}</span></${Action}>`;
